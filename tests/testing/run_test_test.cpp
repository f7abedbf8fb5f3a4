#include "support.hpp"

#include <fermata/async.hpp>
#include <fermata/testing/run_test.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

using support::raised;

task<std::unique_ptr<int>> an_hour_later(int n) {
    co_await sleep(1h);
    co_return std::make_unique<int>(n);
}

TEST(run_test, gives_what_the_coroutine_returns) { EXPECT_EQ(*run_test(an_hour_later(3)), 3); }

task<> fails() {
    co_await sleep(1ms);
    throw value_error("it");
}

TEST(run_test, raises_what_the_coroutine_raises) {
    EXPECT_EQ(raised<value_error>([] { run_test(fails()); }), "it");
}

task<> waits(event& never) { co_await never.wait(); }

TEST(run_test, raises_deadlock_error_with_the_awaits_of_all_tasks) {
    const auto main = [](event& never) -> task<> {
        create_task(waits(never), {.name = "b"});
        co_await with(timeout(1h), [&](timeout& limit) -> task<> {
            limit.reschedule(std::nullopt);
            co_await waits(never);
        });
    };
    event never;
    const std::string text = raised<deadlock_error>([&] { run_test(main(never)); });
    EXPECT_EQ(text.find("the event loop has nothing left to run or to wait for, and was not stopped; waiting are:\n"),
              0U);
    EXPECT_NE(text.find("Task(name='b'"), std::string::npos) << text;
    EXPECT_NE(text.find("run_test_test.cpp', line 34,"), std::string::npos) << text;  // where both wait
    EXPECT_NE(text.find("run_test_test.cpp', line 41,"), std::string::npos) << text;  // through which main does
}

TEST(run_test, has_limits_of_time_and_turns) {
    const auto sleeps = [](std::chrono::nanoseconds each) -> task<> {
        for (int i = 0; i < 10; ++i) co_await sleep(each);
    };
    run_test(sleeps(1s), {.time_limit = 10s});
    EXPECT_EQ(
        support::failure_of([&] { run_test(sleeps(1s), {.time_limit = 9500ms}); }).find("did not end within 10 s"), 0U);
    run_test(sleeps(0s), {.turn_limit = 12});
    EXPECT_EQ(support::failure_of([&] { run_test(sleeps(0s), {.turn_limit = 9}); }).find("did not end within 9 turns"),
              0U);
}

TEST(run_test, runs_under_a_random_schedule_where_it_is_given_a_seed) {
    const auto order = [](std::string& ran) -> task<> {
        const auto say = [&](char what) -> task<> {
            ran += what;
            co_return;
        };
        co_await gather(say('a'), say('b'), say('c'), say('d'), say('e'));
    };
    std::string fifo, first, again, of_run;
    run_test(order(fifo));
    run_test(order(first), {.seed = 5});
    run_test(order(again), {.seed = 5});
    run(order(of_run), {.virtual_time = true, .seed = 5});
    EXPECT_EQ(fifo, "abcde");
    EXPECT_NE(first, fifo);
    EXPECT_EQ(first, again);
    EXPECT_EQ(first, of_run);
}

TEST(run_test, fails_with_what_nobody_retrieved) {
    const auto main = []() -> task<> {
        create_task(fails(), {.name = "lost"});
        co_await sleep(2ms);
    };
    EXPECT_EQ(support::failure_of([&] { run_test(main()); }),
              "reported to the loop's exception handler: Task exception was never retrieved <Task name='lost'>: it");
}

TEST(run_test, leaves_reports_to_a_handler_of_the_coroutines_own) {
    int reports = 0;
    const auto main = [&]() -> task<> {
        current_loop().set_exception_handler([&](event_loop&, const error_context&) { ++reports; });
        create_task(fails());
        co_await sleep(2ms);
    };
    run_test(main());
    EXPECT_EQ(reports, 1);
}

TEST(run_test, cancels_the_tasks_that_are_left) {
    std::string said;
    const auto background = [&]() -> task<> {
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            said = "cancelled";
            throw;
        }
    };
    const auto main = [&]() -> task<> {
        create_task(background());
        co_await sleep(1ms);
    };
    run_test(main());
    EXPECT_EQ(said, "cancelled");
}

TEST(run_test, fails_with_a_task_that_does_not_end_when_it_is_cancelled) {
    const auto stubborn = []() -> task<> {
        for (;;) {
            try {
                co_await sleep(1ms);
            } catch (const cancelled_error&) {
            }
        }
    };
    const auto main = [&]() -> task<> {
        create_task(stubborn(), {.name = "stubborn"});
        co_await sleep(10ms);
    };
    EXPECT_EQ(support::failure_of([&] { run_test(main(), {.turn_limit = 1000}); }),
              "reported to the loop's exception handler: a task did not end when it was cancelled at the end of the "
              "test <Task name='stubborn'>");
}

TEST(run_test, fails_with_a_task_that_waits_on_for_ever_when_it_is_cancelled) {
    const auto deaf = []() -> task<> {
        event never;
        try {
            co_await never.wait();
        } catch (const cancelled_error&) {
        }
        co_await never.wait();
    };
    const auto main = [&]() -> task<> {
        create_task(deaf(), {.name = "deaf"});
        co_await sleep(10ms);
    };
    EXPECT_EQ(support::failure_of([&] { run_test(main()); }),
              "reported to the loop's exception handler: a task did not end when it was cancelled at the end of the "
              "test <Task name='deaf'>");
}

TEST(run_test, fails_where_the_loop_is_stopped_before_the_end) {
    const auto main = []() -> task<> {
        current_loop().stop();
        co_await sleep(1h);
    };
    EXPECT_EQ(support::failure_of([&] { run_test(main()); }),
              "the event loop was stopped before the test's coroutine had ended");
}

TEST(run_test, says_what_was_raised_that_is_no_std_exception) {
    const auto report_of = [](auto raised) {
        const auto raises = [](auto what) -> task<> {
            throw what;
            co_return;
        };
        const auto main = [&]() -> task<> {
            create_task(raises(raised), {.name = "lost"});
            co_await sleep(1ms);
        };
        const std::string text = support::failure_of([&] { run_test(main()); });
        return text.substr(text.find("'lost'"));
    };
    EXPECT_EQ(report_of(5), "'lost'>: an exception that is not a std::exception");
    EXPECT_TRUE(report_of(generator_exit()).ends_with(generator_exit().what()));
    const auto throws = []() -> task<> {
        current_loop().call_soon([] { throw cancelled_error(); });
        co_await sleep(1ms);
    };
    EXPECT_TRUE(support::failure_of([&] { run_test(throws()); }).ends_with("CancelledError"));
}

}  // namespace
