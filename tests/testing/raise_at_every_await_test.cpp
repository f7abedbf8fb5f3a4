// The helper itself: that it comes to every await that may raise, and finds what is planted. And programs that use all of the
// library: nothing leaks or hangs, whichever await raises.

#include "io_programs.hpp"
#include "on_backends.hpp"
#include "support.hpp"

#include <fermata/testing/failing_new.hpp>
#include <fermata/testing/gtest.hpp>
#include <fermata/testing/raise_at_every_await.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <tuple>
#include <vector>

namespace {

using namespace programs;

using support::failure_of;

const auto nothing = [] {};

TEST(raise_at_every_await, raises_at_each_in_turn) {
    std::vector<std::string> ends;
    ends.reserve(10);
    const auto program = [&]() -> task<> {
        std::string at = "first";
        try {
            co_await sleep(1s);
            at = "second";
            co_await sleep(0s);
            at = "third";
            co_await create_task(pause(1s));
            at = "end";
        } catch (const planted_error& e) {
            EXPECT_STREQ(e.what(), "planted by raise_at_every_await");
        }
        ends.push_back(at);
    };
    // The pause in the task comes before the one that waits for it: both raise in the program.
    EXPECT_EQ(raise_at_every_await(program, nothing), 4U);
    EXPECT_EQ(ends, (std::vector<std::string>{"end", "first", "second", "third", "third", "end"}));
}

TEST(raise_at_every_await, raises_what_it_is_told_to) {
    int raised = 0;
    const auto program = [&]() -> task<> {
        try {
            co_await sleep(1s);
        } catch (const value_error&) {
            ++raised;
        }
    };
    EXPECT_EQ(raise_at_every_await(program, nothing, {.exception = std::make_exception_ptr(value_error("mine"))}), 1U);
    EXPECT_EQ(raised, 1);
}

TEST(raise_at_every_await, leaves_those_that_can_only_be_cancelled) {
    mutex gate;
    const auto program = [&]() -> task<> {
        auto guard = co_await gate.lock();
        auto other = create_task([](mutex& of) -> task<> { auto second = co_await of.lock(); }(gate));
        co_await sleep(1ms);
        guard.unlock();
        co_await other;
    };
    EXPECT_EQ(raise_at_every_await(program, [&] { EXPECT_FALSE(gate.locked()); }), 2U);
}

// What is planted

TEST(raise_at_every_await, finds_a_lock_that_stays_locked) {
    mutex gate;
    const auto program = [&]() -> task<> {
        co_await gate.acquire();
        co_await sleep(1s);
        gate.unlock();  // not on every path
    };
    const auto check = [&] {
        if (gate.locked()) throw runtime_error("still locked");
    };
    const std::string failure = failure_of([&] { raise_at_every_await(program, check); });
    EXPECT_EQ(failure.find("raised at "), 0U) << failure;
    EXPECT_NE(failure.find("raise_at_every_await_test.cpp:80, in <Task name='Task-"), std::string::npos) << failure;
    EXPECT_NE(failure.find(" (await 1 of 1): still locked"), std::string::npos) << failure;
}

TEST(raise_at_every_await, finds_a_descriptor_that_stays_open) {
    const auto program = []() -> task<> {
        const int copy = dup(STDERR_FILENO);
        co_await sleep(1s);
        close(copy);  // not on every path
    };
    const std::string failure = failure_of([&] { raise_at_every_await(program, nothing); });
    EXPECT_NE(failure.find("(await 1 of 1): it has not given back 1 descriptor"), std::string::npos) << failure;
}

TEST(raise_at_every_await, finds_memory_that_is_lost) {
    std::vector<void*> taken;
    taken.reserve(10);
    const auto program = [&]() -> task<> {
        taken.push_back(::operator new(8));
        co_await sleep(1s);
        ::operator delete(taken.back());  // not on every path
        taken.pop_back();
    };
    const std::string failure = failure_of([&] { raise_at_every_await(program, nothing); });
    EXPECT_NE(failure.find("(await 1 of 1): it has not given back 1 allocation"), std::string::npos) << failure;
    for (void* const each : taken) ::operator delete(each);
}

TEST(raise_at_every_await, finds_one_who_waits_for_ever) {
    const auto program = []() -> task<> {
        event done;
        try {
            co_await sleep(1s);
            done.set();
        } catch (const planted_error&) {
        }
        co_await done.wait();
    };
    const std::string failure = failure_of([&] { raise_at_every_await(program, nothing); });
    EXPECT_NE(failure.find("(await 1 of 1): the event loop has nothing left to run"), std::string::npos) << failure;
}

TEST(raise_at_every_await, raises_what_the_program_raises_without_it) {
    const auto program = []() -> task<> {
        co_await sleep(1s);
        throw value_error("anyway");
    };
    EXPECT_EQ(support::raised<value_error>([&] { raise_at_every_await(program, nothing); }), "anyway");
}

// Whole programs

class raising : public testing::TestWithParam<program> {};

TEST_P(raising, is_stood_by_a_program) {
    const std::size_t raised = raise_at_every_await(GetParam().run, nothing, {.test = {.failures = gtest_failures}});
    RecordProperty("injected", static_cast<int>(raised));
    EXPECT_GE(raised, 1U);
}

INSTANTIATE_TEST_SUITE_P(without_io, raising, testing::ValuesIn(without_io),
                         [](const auto& each) { return each.param.name; });

using raising_on = on_backend;

TEST_P(raising_on, is_stood_by_a_program) {
    const test_options in_real_time{.time_limit = 10s, .real_time = true, .failures = gtest_failures};
    const std::size_t raised = raise_at_every_await(run_it(), nothing, {.test = in_real_time});
    RecordProperty("injected", static_cast<int>(raised));
    EXPECT_GE(raised, 1U);
}

INSTANTIATE_TEST_SUITE_P(io, raising_on, on_both_backends(with_io), backend_and_program);

}  // namespace
