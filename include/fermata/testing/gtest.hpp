#pragma once

/// \file
/// Coroutines as GoogleTest's tests. Include it where GoogleTest is to be had: the library itself does not need it, and
/// <fermata/testing.hpp> does not open this room.

#include <fermata/task/cancellation.hpp>
#include <fermata/testing/explore_schedules.hpp>
#include <fermata/testing/run_test.hpp>

#include <gtest/gtest.h>

#include <cstddef>

/// TEST, of a coroutine: the body is that of a task<>, run by run_test on virtual time. EXPECT_… work as they are; instead
/// of ASSERT_… there is CO_ASSERT_…. A suite may have both kinds.
///
///     FERMATA_TEST(fetch, gives_up_after_a_second) {
///         const int n = co_await fetch("slow");
///         CO_ASSERT_EQ(n, 0);
///         EXPECT_EQ(current_loop().time(), 1s);
///     }
///
/// A body that awaits nothing ends with `co_return;`. On g++ 12 keep awaits out of the assertions, as above
/// (docs/compilers.md).
#define FERMATA_TEST(suite, name) FERMATA_TEST_(suite, name, ::testing::Test, ::fermata::detail::run_gtest)

/// TEST_F, of a coroutine: it is a member of a class derived from the fixture. SetUp() and TearDown() run outside of the loop.
#define FERMATA_TEST_F(fixture, name) FERMATA_TEST_(fixture, name, fixture, ::fermata::detail::run_gtest)

/// A test that runs under that many random schedules, by explore_schedules: it fails with the first one in which the body
/// raises or an assertion fails, and says which. FERMATA_SEED=n in the environment replays that one. All that a run changes
/// must be made in the body.
#define FERMATA_EXPLORE(suite, name, schedules)                                                                        \
    FERMATA_TEST_(suite, name, ::testing::Test, ([](auto body) {                                                       \
                      ::fermata::explore_schedules(schedules, body, {.failures = ::fermata::gtest_failures});          \
                  }))

/// ASSERT_…, in a coroutine whose result is void: a failure ends the coroutine (and not those that await it) as
/// `co_return;` does. More text is streamed into them as ever.
#define CO_ASSERT_TRUE(condition) GTEST_TEST_BOOLEAN_(condition, #condition, false, true, FERMATA_FATAL_FAILURE_)
#define CO_ASSERT_FALSE(condition) GTEST_TEST_BOOLEAN_(!(condition), #condition, true, false, FERMATA_FATAL_FAILURE_)
#define CO_ASSERT_EQ(a, b) CO_ASSERT_PRED_FORMAT2(::testing::internal::EqHelper::Compare, a, b)
#define CO_ASSERT_NE(a, b) CO_ASSERT_PRED_FORMAT2(::testing::internal::CmpHelperNE, a, b)
#define CO_ASSERT_LT(a, b) CO_ASSERT_PRED_FORMAT2(::testing::internal::CmpHelperLT, a, b)
#define CO_ASSERT_LE(a, b) CO_ASSERT_PRED_FORMAT2(::testing::internal::CmpHelperLE, a, b)
#define CO_ASSERT_GT(a, b) CO_ASSERT_PRED_FORMAT2(::testing::internal::CmpHelperGT, a, b)
#define CO_ASSERT_GE(a, b) CO_ASSERT_PRED_FORMAT2(::testing::internal::CmpHelperGE, a, b)
#define CO_ASSERT_STREQ(a, b) CO_ASSERT_PRED_FORMAT2(::testing::internal::CmpHelperSTREQ, a, b)
#define CO_ASSERT_STRNE(a, b) CO_ASSERT_PRED_FORMAT2(::testing::internal::CmpHelperSTRNE, a, b)
/// The statement may await.
#define CO_ASSERT_THROW(statement, exception) GTEST_TEST_THROW_(statement, exception, FERMATA_FATAL_FAILURE_)
#define CO_ASSERT_NO_THROW(statement) GTEST_TEST_NO_THROW_(statement, FERMATA_FATAL_FAILURE_)
#define CO_ASSERT_ANY_THROW(statement) GTEST_TEST_ANY_THROW_(statement, FERMATA_FATAL_FAILURE_)
#define CO_ASSERT_PRED_FORMAT1(format, a) GTEST_PRED_FORMAT1_(format, a, FERMATA_FATAL_FAILURE_)
#define CO_ASSERT_PRED_FORMAT2(format, a, b) GTEST_PRED_FORMAT2_(format, a, b, FERMATA_FATAL_FAILURE_)
/// FAIL() and GTEST_SKIP().
#define CO_FAIL() FERMATA_FATAL_FAILURE_("Failed")
#define CO_SKIP() co_return GTEST_MESSAGE_("", ::testing::TestPartResult::kSkip)

namespace fermata::inline v0 {

/// How many assertions of the current test have failed: for test_options::failures.
inline std::size_t gtest_failures() {
    if (!::testing::Test::HasFailure()) return 0;
    const ::testing::TestResult& result = *::testing::UnitTest::GetInstance()->current_test_info()->result();
    std::size_t failed = 0;
    for (int i = 0; i < result.total_part_count(); ++i)
        failed += static_cast<std::size_t>(result.GetTestPartResult(i).failed());
    return failed;
}

// Implementation

namespace detail {

// GoogleTest reports exceptions itself, but does not know what a cancelled_error is.
template <class Body>
void run_gtest(Body body) {
    try {
        run_test(body());
    } catch (const cancelled_error&) {
        ADD_FAILURE() << "the test's coroutine raised cancelled_error";
    }
}

}  // namespace detail

}  // namespace fermata::inline v0

#define FERMATA_FATAL_FAILURE_(message) co_return GTEST_MESSAGE_(message, ::testing::TestPartResult::kFatalFailure)

// The class has the name that TEST would give it, so that two tests of the same name do not compile.
// NOLINTBEGIN(bugprone-macro-parentheses): a base class
#define FERMATA_TEST_(suite, name, fixture, runner)                                                                    \
    class suite##_##name##_Test : public fixture {                                                                     \
        void TestBody() override {                                                                                     \
            runner([this] { return fermata_body(); });                                                                 \
        }                                                                                                              \
        ::fermata::task<> fermata_body();                                                                              \
        static ::testing::TestInfo* const registered_;                                                                 \
    };                                                                                                                 \
    ::testing::TestInfo* const suite##_##name##_Test::registered_ = ::testing::RegisterTest(                           \
        #suite, #name, nullptr, nullptr, __FILE__, __LINE__, []() -> fixture* { return new suite##_##name##_Test; });  \
    ::fermata::task<> suite##_##name##_Test::fermata_body()
// NOLINTEND(bugprone-macro-parentheses)
