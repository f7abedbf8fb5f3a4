#include "support.hpp"

#include <fermata/async.hpp>
#include <fermata/testing/explore_every_schedule.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <exception>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

using support::raised;
using support::schedule_in;
using support::schedule_in_the_environment;

template <class Program>
std::string failure_of(Program program, const exploration_options& options = {}) {
    return support::failure_of([&] { explore_every_schedule(program, options); });
}

task<> steps(int awaits) {
    for (int i = 0; i < awaits; ++i) co_await sleep(0ns);
}

/// Runs, in one turn of the loop, a, b, c … in any order; which one, is added to `orders`.
task<> calls(int how_many, std::multiset<std::string>& orders) {
    std::string ran;
    for (char each = 'a'; each < 'a' + how_many; ++each) {
        current_loop().call_soon([&ran, each] { ran += each; });
    }
    while (ran.size() < static_cast<std::size_t>(how_many)) co_await sleep(1s);
    orders.insert(ran);
}

TEST(explore_every_schedule, comes_once_to_each_order_of_what_is_ready) {
    std::multiset<std::string> orders;
    EXPECT_EQ(explore_every_schedule([&] { return calls(4, orders); }), 24U);
    EXPECT_EQ(std::set<std::string>(orders.begin(), orders.end()).size(), 24U);
    EXPECT_EQ(*orders.begin(), "abcd");
    EXPECT_EQ(*orders.rbegin(), "dcba");
}

TEST(explore_every_schedule, begins_with_fifo_and_goes_on_depth_first) {
    std::string orders;
    explore_every_schedule([&]() -> task<> {
        std::multiset<std::string> one;
        co_await calls(3, one);
        orders += *one.begin() + " ";
    });
    EXPECT_EQ(orders, "abc acb bac bca cab cba ");
}

// Two Tasks of n steps: all the ways to put n things among n others, in their order.
TEST(explore_every_schedule, comes_to_every_interleaving_of_tasks) {
    std::multiset<std::string> orders;
    const auto says = [](std::string& said, char what) -> task<> {
        for (int i = 0; i < 4; ++i) {
            said += what;
            if (i < 3) co_await sleep(0ns);
        }
    };
    explore_every_schedule([&]() -> task<> {
        std::string said;
        const auto a = create_task(says(said, 'a'));
        const auto b = create_task(says(said, 'b'));
        co_await sleep(1s);
        orders.insert(said);
    });
    EXPECT_EQ(orders.size(), 70U);  // 8! / (4! 4!)
    EXPECT_EQ(std::set<std::string>(orders.begin(), orders.end()).size(), 70U);
}

TEST(explore_every_schedule, runs_a_program_that_leaves_no_choice_once) {
    int runs = 0;
    const auto program = [&]() -> task<> {
        ++runs;
        co_await steps(10);
        co_await sleep(1h);
    };
    EXPECT_EQ(explore_every_schedule(program), 1U);
    EXPECT_EQ(runs, 1);
}

TEST(explore_every_schedule, lets_time_pass_when_nothing_is_ready_and_varies_what_is_due_at_one_time) {
    std::set<std::string> orders;
    const auto says = [](std::string& said, char what, std::chrono::nanoseconds when) -> task<> {
        co_await sleep(when);
        said += what;
    };
    explore_every_schedule([&]() -> task<> {
        std::string said;
        co_await gather(says(said, 'a', 2s), says(said, 'b', 2s), says(said, 'c', 1s));
        orders.insert(said);
    });
    EXPECT_EQ(orders, (std::set<std::string>{"cab", "cba"}));
}

// What it leaves behind is cancelled, and that in every order too.
TEST(explore_every_schedule, varies_the_end_of_what_the_program_leaves_behind) {
    std::set<std::string> orders;
    std::string said;
    const auto waits = [&](char what) -> task<> {
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            said += what;
            throw;
        }
    };
    explore_every_schedule([&]() -> task<> {
        if (said.size() == 2) orders.insert(said);
        said.clear();
        create_task(waits('a'));
        create_task(waits('b'));
        co_await sleep(1s);
    });
    orders.insert(said);
    EXPECT_EQ(orders, (std::set<std::string>{"ab", "ba"}));
}

// Check, then act: an item is taken that another has taken meanwhile.
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
        co_await steps(2);
        co_await shared.take();
    };
    co_await gather(shared.take(), late());
}

TEST(explore_every_schedule, tells_the_schedule_that_failed_and_what_was_not_fifo_in_it) {
    run_test(sells_twice());
    const std::string failure = failure_of(sells_twice);
    const std::string schedule = schedule_in(failure);
    EXPECT_TRUE(failure.starts_with("failed in schedule ")) << failure;
    EXPECT_NE(failure.find(": sold twice; replay with FERMATA_SCHEDULE=" + schedule + "\n  choice "), std::string::npos)
        << failure;
    EXPECT_NE(failure.find("explore_every_schedule_test.cpp:"), std::string::npos) << failure;
    EXPECT_NE(failure.find(" before Task-"), std::string::npos) << failure;
}

TEST(explore_every_schedule, replays_the_schedule_that_failed) {
    const std::string schedule = schedule_in(failure_of(sells_twice));
    const schedule_in_the_environment replayed(schedule);
    const std::string failure = failure_of(sells_twice);
    EXPECT_TRUE(
        failure.starts_with("failed in schedule 1: sold twice; replay with FERMATA_SCHEDULE=" + schedule + "\n"))
        << failure;
}

TEST(explore_every_schedule, replays_one_schedule_only_and_goes_on_as_fifo) {
    std::multiset<std::string> orders;
    const schedule_in_the_environment replayed("0,2");  // of abcd the first, of bcd the third
    EXPECT_EQ(explore_every_schedule([&] { return calls(4, orders); }), 1U);
    EXPECT_EQ(orders, (std::multiset<std::string>{"adbc"}));
}

TEST(explore_every_schedule, nests_what_the_program_raised) {
    try {
        explore_every_schedule(sells_twice);
        FAIL() << "nothing was raised";
    } catch (const test_failure& failure) {
        EXPECT_THROW(std::rethrow_if_nested(failure), value_error);
    }
}

TEST(explore_every_schedule, finds_a_deadlock_and_says_where) {
    const auto opposite = []() -> task<> {
        mutex first;
        mutex second;
        const auto both = [](mutex& one, mutex& other) -> task<> {
            auto guard = co_await one.lock();
            co_await sleep(0ns);
            auto other_guard = co_await other.lock();
        };
        co_await gather(both(first, second), both(second, first));
    };
    const std::string failure = failure_of(opposite);
    EXPECT_TRUE(failure.starts_with(
        "failed in schedule 1: the event loop has nothing left to run or to wait for, and was not stopped"))
        << failure;
    EXPECT_EQ(schedule_in(failure), "0");  // FIFO itself
}

TEST(explore_every_schedule, stops_at_an_assertion_that_a_test_framework_counts) {
    static std::size_t failed;
    failed = 5;  // earlier in the test
    int runs = 0;
    std::multiset<std::string> orders;
    const auto program = [&] {
        if (++runs == 3) ++failed;
        return calls(3, orders);
    };
    const std::string failure = failure_of(program, {.test = {.failures = [] { return failed; }}});
    EXPECT_TRUE(failure.starts_with("failed in schedule 3: an assertion failed, see above; replay with "
                                    "FERMATA_SCHEDULE=1\n  choice 1: <callback at "))
        << failure;
    EXPECT_EQ(runs, 3);
}

// Bounds

TEST(explore_every_schedule, bounds_the_choices_that_are_not_fifos) {
    const auto explored = [](std::size_t deviations) {
        std::multiset<std::string> orders;
        const std::size_t schedules =
            explore_every_schedule([&] { return calls(4, orders); }, {.deviations = deviations});
        EXPECT_EQ(schedules, orders.size());
        EXPECT_EQ(std::set<std::string>(orders.begin(), orders.end()).size(), schedules);
        return schedules;
    };
    EXPECT_EQ(explored(0), 1U);
    EXPECT_EQ(explored(1), 1U + 3 + 2 + 1);
    EXPECT_EQ(explored(2), 18U);
    EXPECT_EQ(explored(3), 24U);
}

TEST(explore_every_schedule, finds_with_two_deviations_what_needs_two) {
    EXPECT_EQ(failure_of(sells_twice, {.deviations = 0}), "(raised nothing)");
    EXPECT_EQ(failure_of(sells_twice, {.deviations = 1}), "(raised nothing)");
    EXPECT_NE(failure_of(sells_twice, {.deviations = 2}).find("sold twice"), std::string::npos);
}

TEST(explore_every_schedule, fails_where_there_are_more_schedules_than_the_limit) {
    std::multiset<std::string> orders;
    const auto program = [&] { return calls(4, orders); };
    EXPECT_EQ(
        failure_of(program, {.schedule_limit = 23}),
        "there are more than 23 schedules: make the program smaller, bound the deviations, or raise schedule_limit");
    EXPECT_EQ(orders.size(), 23U);
    EXPECT_EQ(explore_every_schedule(program, {.schedule_limit = 24}), 24U);
}

TEST(explore_every_schedule, has_endless_schedules_of_who_asks_again_and_again_unless_deviations_are_bounded) {
    const auto asks = []() -> task<> {
        bool ready = false;
        const auto ask = [&]() -> task<> {
            while (!ready) co_await sleep(0ns);
        };
        const auto set = [&]() -> task<> {
            ready = true;
            co_return;
        };
        co_await gather(ask(), set());
    };
    EXPECT_NE(failure_of(asks, {.test = {.turn_limit = 1000}}).find("did not end within 1000 turns of the loop"),
              std::string::npos);
    EXPECT_GT(explore_every_schedule(asks, {.deviations = 3, .test = {.turn_limit = 1000}}), 10U);
}

// Independence

// Pairs that have nothing in common: each has all its orders, but not each with each of the other's.
TEST(explore_every_schedule, does_not_permute_tasks_that_have_nothing_in_common) {
    std::map<char, std::set<std::string>> orders;
    const auto says = [](std::string& said, char what) -> task<> {
        for (int i = 0; i < 2; ++i) {
            said += what;
            co_await sleep(0ns);
        }
    };
    const auto program = [&]() -> task<> {
        std::string said;
        std::string other;
        const auto a = create_task(says(said, 'a'), {.name = "1a"});
        const auto b = create_task(says(said, 'b'), {.name = "1b"});
        const auto c = create_task(says(other, 'c'), {.name = "2c"});
        co_await sleep(1s);
        orders['1'].insert(said);
        orders['2'].insert(other);
    };
    const std::size_t all = explore_every_schedule(program);
    const auto of_all = orders;
    orders.clear();
    const auto independent = [](std::string_view a, std::string_view b) { return a[0] != b[0]; };
    const std::size_t fewer = explore_every_schedule(program, {.independent = independent});
    EXPECT_EQ(orders, of_all);
    EXPECT_EQ(orders['1'].size(), 6U);
    EXPECT_EQ(all, 1680U);
    EXPECT_EQ(fewer, 20U);
}

// Programs that cannot be explored

TEST(explore_every_schedule, refuses_a_program_that_meets_another_number_of_choices) {
    int runs = 0;
    std::multiset<std::string> orders;
    EXPECT_EQ(
        failure_of([&] { return calls(++runs == 1 ? 3 : 4, orders); }),
        "the program is not deterministic: at choice 1 4 callbacks are ready, and before there were 3; it must do the "
        "same whenever the same choices are made");
    runs = 0;
    EXPECT_EQ(failure_of([&] { return calls(++runs == 1 ? 3 : 1, orders); }),
              "the program is not deterministic: it ended after 0 choices of 2; it must do the same whenever the same "
              "choices "
              "are made");
}

TEST(explore_every_schedule, nests_what_a_program_raised_that_is_not_deterministic) {
    int runs = 0;
    const auto program = [&]() -> task<> {
        if (++runs == 2) throw value_error("the second time");
        std::multiset<std::string> orders;
        co_await calls(2, orders);
    };
    try {
        explore_every_schedule(program);
        FAIL() << "nothing was raised";
    } catch (const test_failure& failure) {
        EXPECT_TRUE(std::string_view(failure.what()).starts_with("the program is not deterministic: "))
            << failure.what();
        EXPECT_THROW(std::rethrow_if_nested(failure), value_error);
    }
}

TEST(explore_every_schedule, refuses_a_schedule_of_another_program) {
    std::multiset<std::string> orders;
    const schedule_in_the_environment replayed("1,7");
    EXPECT_EQ(
        failure_of([&] { return calls(4, orders); }),
        "the program is not deterministic: at choice 2 3 callbacks are ready, too few for this schedule; this schedule "
        "is of another program");
}

TEST(explore_every_schedule, refuses_options_that_make_no_sense) {
    const auto nothing = []() -> task<> { co_return; };
    EXPECT_EQ(raised<value_error>([&] { explore_every_schedule(nothing, {.schedule_limit = 0}); }),
              "explore_every_schedule needs at least one schedule");
    EXPECT_EQ(raised<value_error>([&] { explore_every_schedule(nothing, {.test = {.seed = 1}}); }),
              "explore_every_schedule takes no seed");
    for (const std::string wrong : {"", "1,", "x", "1;2", "-1", ",1", "1 ,2"}) {
        const schedule_in_the_environment replayed(wrong);
        EXPECT_EQ(raised<value_error>([&] { explore_every_schedule(nothing); }),
                  "FERMATA_SCHEDULE is \"" + wrong +
                      "\"; it must be a schedule, as a failed test prints it: numbers, with commas between them");
    }
}

}  // namespace
