// What CPython 3.13's asyncio.Runner does was recorded by running it.

#include "jobs.hpp"
#include "recorder.hpp"

#include <fermata/task/context_var.hpp>
#include <fermata/task/runner.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::lines;
using tests::recorder;

template <class Function>
std::string raised_by(Function&& f) {
    try {
        f();
    } catch (const std::exception& e) {
        return e.what();
    }
    return "nothing was raised";
}

task<int> returning(int n) { co_return n; }

TEST(runner, gives_what_the_program_returns_and_raises_what_it_raises) {
    runner r({.virtual_time = true});
    const auto unique = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(4); };
    const auto failing = []() -> task<> {
        throw value_error("wrong");
        co_return;
    };
    EXPECT_EQ(r.run(returning(3)), 3);
    EXPECT_EQ(*r.run(unique()), 4);
    EXPECT_EQ(raised_by([&] { r.run(failing()); }), "wrong");
    EXPECT_EQ(r.run(returning(5)), 5);
}

TEST(runner, keeps_its_loop_with_its_time_and_tasks_from_one_run_to_the_next) {
    recorder say;
    runner r({.virtual_time = true});
    const auto begin = [](recorder& to, task_handle<std::string>& left) -> task<> {
        left = create_task(tests::job(to, "left", 2s));
        co_await sleep(1s);
    };
    const auto go_on = [](recorder& to, task_handle<std::string>& left) -> task<> {
        to("at", tests::now());
        const std::string name = co_await left;
        to(name, "at", tests::now());
    };
    task_handle<std::string> left;
    r.run(begin(say, left));
    EXPECT_FALSE(left.done());
    r.run(go_on(say, left));
    EXPECT_EQ(say.said(), (lines{"left starts", "at 1000", "left ends 2000", "left at 2000"}));
}

TEST(runner, makes_its_loop_when_it_is_first_asked_for) {
    runner r({.virtual_time = true, .debug = true});
    event_loop& loop = r.get_loop();
    EXPECT_TRUE(loop.debug());
    const auto own = []() -> task<event_loop*> { co_return &current_loop(); };
    EXPECT_EQ(r.run(own()), &loop);
    EXPECT_EQ(&r.get_loop(), &loop);
}

TEST(runner, that_never_made_a_loop_can_still_be_used_after_close) {
    runner r({.virtual_time = true});
    r.close();
    EXPECT_EQ(r.run(returning(3)), 3);
}

TEST(runner, that_is_closed_says_so) {
    runner r({.virtual_time = true});
    event_loop& loop = r.get_loop();
    r.close();
    r.close();
    EXPECT_TRUE(loop.is_closed());
    EXPECT_EQ(raised_by([&] { r.run(returning(1)); }), "Runner is closed");
    EXPECT_EQ(raised_by([&] { r.get_loop(); }), "Runner is closed");
}

// SEMANTICS 39.
TEST(runner, cannot_run_or_close_while_a_loop_runs) {
    runner r({.virtual_time = true});
    const auto nested = [](runner& outer) -> task<lines> {
        runner other;
        lines said;
        said.push_back(raised_by([&] { outer.run(returning(1)); }));
        said.push_back(raised_by([&] { other.run(returning(1)); }));
        said.push_back(raised_by([&] { run(returning(1)); }));
        said.push_back(raised_by([&] { outer.close(); }));
        co_return said;
    };
    EXPECT_EQ(r.run(nested(r)), (lines{"Runner.run() cannot be called from a running event loop",
                                       "Runner.run() cannot be called from a running event loop",
                                       "fermata::run() cannot be called from a running event loop",
                                       "Cannot close a running event loop"}));
    EXPECT_EQ(r.run(returning(1)), 1);
}

TEST(runner, whose_loop_is_stopped_says_so_and_leaves_the_program_for_the_next_run) {
    recorder say;
    runner r({.virtual_time = true});
    const auto stopping = [](recorder& to) -> task<> {
        current_loop().stop();
        co_await sleep(1s);
        to("went on at", tests::now());
    };
    const auto waiting = []() -> task<> { co_await sleep(2s); };
    EXPECT_EQ(raised_by([&] { r.run(stopping(say)); }), "Event loop stopped before Future completed.");
    EXPECT_EQ(say.said(), lines{});
    r.run(waiting());
    EXPECT_EQ(say.said(), (lines{"went on at 1000"}));
}

TEST(runner, whose_loop_is_stopped_by_the_programs_last_step_gives_its_result) {
    runner r({.virtual_time = true});
    const auto stopping = []() -> task<int> {
        co_await sleep(0s);
        current_loop().stop();
        co_return 3;
    };
    EXPECT_EQ(r.run(stopping()), 3);
}

// SEMANTICS 41.
TEST(runner, as_it_closes_cancels_what_is_left_and_waits_for_its_cleanup) {
    recorder say;
    const auto cleaning_up = [](recorder& to) -> task<> {
        bool cancelled = false;
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            cancelled = true;
        }
        current_loop().stop();  // does not keep it from being waited for
        co_await sleep(1s);
        to("cleaned up, cancelled:", cancelled, tests::now());
    };
    const auto program = [&](recorder& to) -> task<> {
        create_task(cleaning_up(to));
        create_task(tests::job(to, "job", 2h));
        co_await sleep(1ms);
    };
    {
        runner r({.virtual_time = true});
        r.run(program(say));
        say("runs no more");
    }
    EXPECT_EQ(say.said(), (lines{"job starts", "runs no more", "job cancelled 1", "cleaned up, cancelled: true 1001"}));
}

TEST(runner, as_it_closes_reports_what_the_cancelled_raise) {
    lines reported;
    const auto failing = []() -> task<> {
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            throw value_error("in cleanup");
        }
    };
    const auto program = [&]() -> task<> {
        create_task(failing());
        co_await sleep(1ms);
    };
    runner r({.virtual_time = true});
    r.get_loop().set_exception_handler([&](event_loop&, const error_context& context) {
        reported.push_back(context.message);
        reported.push_back(raised_by([&] { std::rethrow_exception(context.exception); }));
    });
    r.run(program());
    r.close();
    EXPECT_EQ(reported, (lines{"unhandled exception during fermata::run() shutdown", "in cleanup"}));
}

TEST(runner, lets_handles_outlive_it) {
    task_handle<int> handle;
    const auto program = [&]() -> task<> {
        handle = create_task(returning(7));
        co_await handle;
    };
    {
        runner r({.virtual_time = true});
        r.run(program());
    }
    EXPECT_EQ(handle.result(), 7);
    EXPECT_FALSE(handle.cancel());
}

TEST(runner, reports_a_task_that_does_not_end_when_it_is_cancelled_and_destroys_it) {
    auto held = std::make_shared<int>(1);
    const auto stubborn = [](std::shared_ptr<int>) -> task<> {
        for (;;) {
            auto never = create_future();
            try {
                co_await never;
            } catch (const cancelled_error&) {
                continue;
            }
        }
    };
    const auto program = [&]() -> task<> {
        create_task(stubborn(held));
        co_await sleep(1ms);
    };
    runner r({.virtual_time = true});
    event_loop& loop = r.get_loop();
    r.run(program());
    lines reported;
    loop.set_exception_handler([&](event_loop&, const error_context& context) { reported.push_back(context.message); });
    r.close();
    EXPECT_EQ(reported, (lines{"a task did not end when fermata::run() cancelled it"}));
    EXPECT_TRUE(loop.is_closed());
    EXPECT_EQ(held.use_count(), 1);  // it is destroyed where it is suspended
}

TEST(runner, keeps_what_main_has_set_context_variables_to) {
    context_var<int> variable("variable", 0);
    const auto add = [&](int n) -> task<int> {
        variable.set(variable.get() + n);
        co_return variable.get();
    };
    const auto fails = [&]() -> task<> {
        variable.set(100);
        throw value_error("failed");
        co_return;
    };
    auto before = variable.set(10);
    runner r({.virtual_time = true});
    EXPECT_EQ(r.run(add(1)), 11);
    EXPECT_EQ(variable.get(), 10);
    auto between = variable.set(20);  // too late: it has its context already
    EXPECT_EQ(r.run(add(2)), 13);
    EXPECT_THROW(r.run(fails()), value_error);
    EXPECT_EQ(r.run(add(3)), 103);
    EXPECT_EQ(variable.get(), 20);
    variable.reset(std::move(between));
    variable.reset(std::move(before));
}

}  // namespace
