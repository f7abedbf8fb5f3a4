#include <fermata/async.hpp>
#include <fermata/testing/gtest.hpp>

#include <sys/wait.h>

#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

task<> sleep_for_ever() {
    event never;
    co_await never.wait();
}

FERMATA_TEST(gtest, runs_a_coroutine_on_virtual_time) {
    co_await sleep(1h);
    EXPECT_EQ(current_loop().time(), 1h);
    CO_ASSERT_EQ(current_loop().time(), 1h);
}

TEST(gtest, has_ordinary_tests_in_the_same_suite) { EXPECT_EQ(current_loop_or_null(), nullptr); }

class fixture : public testing::Test {
protected:
    void SetUp() override { value_ = 1; }
    void TearDown() override { EXPECT_EQ(value_, after_); }
    int value_ = 0;
    int after_ = 1;
};

FERMATA_TEST_F(fixture, is_set_up_and_torn_down_around_the_coroutine) {
    co_await sleep(1ms);
    CO_ASSERT_EQ(value_, 1);
    value_ = after_ = 2;
}

TEST_F(fixture, has_ordinary_tests_too) { EXPECT_EQ(value_, 1); }

FERMATA_TEST(gtest, lets_assertions_that_hold_go_on) {
    const std::string text = "a";
    CO_ASSERT_TRUE(text == "a") << "not shown";
    CO_ASSERT_FALSE(text.empty());
    CO_ASSERT_EQ(text, "a");
    CO_ASSERT_NE(text, "b");
    CO_ASSERT_LT(1, 2);
    CO_ASSERT_LE(2, 2);
    CO_ASSERT_GT(2, 1);
    CO_ASSERT_GE(2, 2);
    CO_ASSERT_STREQ(text.c_str(), "a");
    CO_ASSERT_STRNE(text.c_str(), "b");
    CO_ASSERT_NO_THROW(co_await sleep(1ms));
    CO_ASSERT_THROW(co_await wait_for(sleep_for_ever(), 1ms), timeout_error);
    CO_ASSERT_ANY_THROW(throw cancelled_error());
    EXPECT_EQ(current_loop().time(), 2ms);
}

FERMATA_TEST(gtest, cancels_tasks_that_are_left) {
    create_task(sleep_for_ever());
    co_await sleep(1ms);
}

// The tests that fail

struct outcome {
    int status;
    std::string output;
};

outcome run_failing(const std::string& test, const std::string& environment = "") {
    const std::string command =
        environment + " GTEST_COLOR=no " FERMATA_FAILING_TESTS " --gtest_filter=failing." + test + " 2>&1";
    std::FILE* const pipe = popen(command.c_str(), "r");  // NOLINT(cert-env33-c): a program of ours
    outcome seen{-1, ""};
    if (!pipe) return seen;
    char some[4096];
    for (std::size_t n = 0; (n = std::fread(some, 1, sizeof some, pipe)) > 0;) seen.output.append(some, n);
    const int status = pclose(pipe);
    seen.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return seen;
}

/// It ends in order, as failed, and says all that.
void expect_failure(const outcome& seen, const std::vector<std::string>& texts) {
    EXPECT_EQ(seen.status, 1);
    EXPECT_NE(seen.output.find("1 FAILED TEST\n"), std::string::npos) << seen.output;
    for (const std::string& each : texts) EXPECT_NE(seen.output.find(each), std::string::npos) << each << seen.output;
}

void expect_silence(const outcome& seen, const std::string& text) {
    EXPECT_EQ(seen.output.find(text), std::string::npos) << seen.output;
}

TEST(gtest, ends_the_coroutine_at_an_assertion_that_fails) {
    const outcome seen = run_failing("assertion_ends_the_body");
    expect_failure(seen, {"failing_tests.cpp:17: Failure", "Which is: 3", "and more text"});
    expect_silence(seen, "not reached");
    expect_failure(run_failing("expectation_does_not_end_the_body"), {"failing_tests.cpp:23: Failure", "reached"});
    expect_failure(run_failing("fails_at_once"), {"with a text"});
}

TEST(gtest, fails_at_each_assertion_and_ends_only_its_coroutine) {
    const outcome seen = run_failing("every_assertion");
    expect_failure(seen,
                   {"Value of: which == 1\n  Actual: false", "Value of: which == 1\n  Actual: true",
                    "Expected: (which) != (2)", "Expected: (which) < (3)", "Expected: (which) <= (3)",
                    "Expected: (which) > (5)", "Expected: (which) >= (7)", "Expected equality of these values:\n  text",
                    "Expected: (text) != (\"a\")", "Actual: it throws nothing.", "doesn't throw an exception.",
                    "throws an exception.\n  Actual: it doesn't.", "with description \"other\"."});
    expect_silence(seen, "went on");
}

TEST(gtest, fails_with_what_the_coroutine_raises) {
    expect_failure(run_failing("exception"), {"C++ exception with description \"the body's own\""});
    expect_failure(run_failing("cancelled"), {"the test's coroutine raised cancelled_error"});
}

TEST(gtest, fails_where_a_test_would_hang_and_says_who_waits_where) {
    const outcome seen = run_failing("deadlock");
    expect_failure(seen, {"the event loop has nothing left to run or to wait for", "Task(name='other'",
                          "failing_tests.cpp', line 37,", "failing_tests.cpp', line 42,"});
    expect_failure(run_failing("endless_turns"),
                   {"did not end within 1000000 turns of the loop; waiting are:\n", "failing_tests.cpp', line 46,"});
    expect_failure(run_failing("endless_time"),
                   {"did not end within 86400 s of the loop's time; waiting are:\n", "failing_tests.cpp', line 50,"});
}

TEST(gtest, fails_with_exceptions_that_nobody_retrieved) {
    expect_failure(run_failing("exception_that_is_never_retrieved"),
                   {"Task exception was never retrieved <Task name='lost'>: nobody asks"});
    expect_failure(run_failing("background_task_that_does_not_end_well"), {"no clean end"});
}

TEST(gtest, skips) {
    const outcome seen = run_failing("skipped");
    EXPECT_EQ(seen.status, 0);
    EXPECT_NE(seen.output.find("for a reason"), std::string::npos) << seen.output;
    EXPECT_NE(seen.output.find("[  SKIPPED ] 1 test"), std::string::npos) << seen.output;
    expect_silence(seen, "not reached");
}

TEST(gtest, explores_schedules_and_replays_the_one_that_fails) {
    const outcome seen = run_failing("lost_update");
    expect_failure(seen, {"Which is: 2", "an assertion failed, see above; replay with FERMATA_SEED="});
    const auto replay = seen.output.find("FERMATA_SEED=");
    ASSERT_NE(replay, std::string::npos);
    const std::string seed = seen.output.substr(replay, seen.output.find('"', replay) - replay);
    expect_failure(run_failing("lost_update", seed), {"replay with " + seed, "schedule 1 of 1:", "Which is: 2"});
}

TEST(gtest, explores_no_further_than_the_first_schedule_that_fails) {
    const std::string& output = run_failing("lost_update").output;
    const auto first = output.find("Expected equality");
    ASSERT_NE(first, std::string::npos);
    EXPECT_EQ(output.find("Expected equality", first + 1), std::string::npos) << output;
}

FERMATA_EXPLORE(gtest, explores_what_does_not_fail, 1000) {
    mutex gate;
    int n = 0;
    const auto add = [&]() -> task<> {
        auto guard = co_await gate.lock();
        const int seen = n;
        co_await sleep(0ns);
        n = seen + 1;
    };
    co_await gather(add(), add(), add());
    CO_ASSERT_EQ(n, 3);
}

}  // namespace
