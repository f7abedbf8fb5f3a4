#include "support.hpp"

#include <fermata/async.hpp>
#include <fermata/testing/explore_schedules.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

using support::raised;

/// Sets FERMATA_SEED as long as it lives.
class seed_in_the_environment {
public:
    explicit seed_in_the_environment(const std::string& seed) { setenv("FERMATA_SEED", seed.c_str(), 1); }
    seed_in_the_environment(const seed_in_the_environment&) = delete;
    seed_in_the_environment& operator=(const seed_in_the_environment&) = delete;
    ~seed_in_the_environment() { unsetenv("FERMATA_SEED"); }
};

template <class Program>
std::string failure_of(std::size_t schedules, Program program) {
    return support::failure_of([&] { explore_schedules(schedules, program); });
}

std::string seed_in(const std::string& failure) {
    const std::string before = "; replay with FERMATA_SEED=";
    const auto found = failure.find(before);
    return found == std::string::npos ? "" : failure.substr(found + before.size());
}

// Check, then act: an item is taken that another has taken meanwhile. In FIFO order the first worker is done with its
// item before the second, which has more to do at first, comes to look.
struct stock {
    int items = 1;

    task<> take() {
        if (items == 0) co_return;
        co_await sleep(0ns);
        if (--items < 0) throw value_error("sold twice");
    }
};

task<> sells_twice() {
    stock shared;
    const auto late = [&]() -> task<> {
        co_await sleep(0ns);
        co_await sleep(0ns);
        co_await shared.take();
    };
    co_await gather(shared.take(), late());
}

TEST(explore_schedules, finds_a_check_that_is_separated_from_its_act) {
    run_test(sells_twice());  // FIFO hides it
    const std::string failure = failure_of(1000, sells_twice);
    const std::string seed = seed_in(failure);
    EXPECT_EQ(failure, "failed with seed " + seed + ", schedule " + seed +
                           " of 1000: sold twice; replay with FERMATA_SEED=" + seed);
}

TEST(explore_schedules, replays_the_seed_that_failed) {
    const std::string seed = seed_in(failure_of(1000, sells_twice));
    ASSERT_NE(seed, "");
    EXPECT_EQ(raised<value_error>([&] { run_test(sells_twice(), {.seed = std::stoull(seed)}); }), "sold twice");

    const seed_in_the_environment replayed(seed);
    EXPECT_EQ(failure_of(1000, sells_twice),
              "failed with seed " + seed + ", schedule 1 of 1: sold twice; replay with FERMATA_SEED=" + seed);
}

// A lost wake-up: the flag is looked at before the waiting begins, and is set in between.
task<> loses_a_wake_up() {
    bool ready = false;
    std::vector<future<>> waiting;
    const auto consumer = [&]() -> task<> {
        if (ready) co_return;
        auto wake = create_future();
        co_await sleep(0ns);
        waiting.push_back(wake);
        co_await wake;
    };
    const auto producer = [&]() -> task<> {
        for (int i = 0; i < 3; ++i) co_await sleep(0ns);
        ready = true;
        for (const future<>& each : waiting) each.set_result();
    };
    co_await gather(consumer(), producer());
}

TEST(explore_schedules, finds_a_lost_wake_up_as_a_deadlock) {
    run_test(loses_a_wake_up());
    const std::string failure = failure_of(1000, loses_a_wake_up);
    EXPECT_NE(failure.find(": the event loop has nothing left to run or to wait for"), std::string::npos) << failure;
    EXPECT_NE(failure.find("explore_schedules_test.cpp', line "), std::string::npos) << failure;
    const seed_in_the_environment replayed(seed_in(failure));
    EXPECT_NE(failure_of(1, loses_a_wake_up).find("nothing left to run"), std::string::npos);
}

TEST(explore_schedules, nests_what_the_program_raised) {
    try {
        explore_schedules(1000, sells_twice);
        FAIL() << "nothing was raised";
    } catch (const test_failure& failure) {
        EXPECT_THROW(std::rethrow_if_nested(failure), value_error);
    }
}

TEST(explore_schedules, says_that_the_program_was_interrupted) {
    const auto program = []() -> task<> {
        throw keyboard_interrupt();
        co_return;
    };
    EXPECT_EQ(failure_of(2, program),
              "failed with seed 1, schedule 1 of 2: KeyboardInterrupt; replay with FERMATA_SEED=1");
}

TEST(explore_schedules, runs_the_seeds_one_after_the_other) {
    int runs = 0;
    explore_schedules(10, [&]() -> task<> {
        ++runs;
        co_return;
    });
    EXPECT_EQ(runs, 10);
    const auto fails = []() -> task<> {
        co_await sleep(0ns);
        throw value_error("always");
    };
    EXPECT_EQ(failure_of(10, fails), "failed with seed 1, schedule 1 of 10: always; replay with FERMATA_SEED=1");
    EXPECT_EQ(support::failure_of([&] { explore_schedules(10, fails, {.seed = 7}); }),
              "failed with seed 7, schedule 1 of 10: always; replay with FERMATA_SEED=7");
}

TEST(explore_schedules, stops_at_an_assertion_that_a_test_framework_counts) {
    static std::size_t failed;
    failed = 5;  // earlier in the test
    int runs = 0;
    const auto program = [&]() -> task<> {
        if (++runs == 3) ++failed;
        co_return;
    };
    EXPECT_EQ(support::failure_of([&] { explore_schedules(10, program, {.failures = [] { return failed; }}); }),
              "failed with seed 3, schedule 3 of 10: an assertion failed, see above; replay with FERMATA_SEED=3");
}

TEST(explore_schedules, refuses_what_would_explore_nothing) {
    const auto nothing = []() -> task<> { co_return; };
    EXPECT_EQ(raised<value_error>([&] { explore_schedules(0, nothing); }),
              "explore_schedules needs at least one schedule");
    const seed_in_the_environment wrong("12x");
    EXPECT_EQ(raised<value_error>([&] { explore_schedules(1, nothing); }),
              "FERMATA_SEED is \"12x\"; it must be a seed, as a failed test prints it");
}

// What is correct holds under every schedule; and each schedule is cheap.
TEST(explore_schedules, lets_a_correct_program_pass_thousands_of_schedules) {
    int consumed = 0;
    explore_schedules(5000, [&]() -> task<> {
        queue<int> items(2);
        const auto produce = [&]() -> task<> {
            for (int i = 0; i < 10; ++i) co_await items.put(i);
            items.shutdown();
        };
        const auto consume = [&]() -> task<> {
            try {
                for (;;) {
                    const int item = co_await items.get();
                    consumed += item;
                }
            } catch (const queue_shutdown&) {
            }
        };
        co_await gather(produce(), consume(), consume());
    });
    EXPECT_EQ(consumed, 5000 * 45);
}

}  // namespace
