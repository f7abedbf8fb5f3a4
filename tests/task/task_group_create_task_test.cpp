// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "jobs.hpp"

#include <gtest/gtest.h>

namespace {

using namespace fermata;
using namespace tests;

// SEMANTICS 55.
TEST(task_group, takes_no_task_before_it_is_entered_nor_after_it_is_left) {
    EXPECT_EQ(
        said_by([](recorder& say) -> task<> {
            task_group group;
            attempt(say, [&] { group.create_task(job(say, "never", 1ms)); });
            const auto body = [&](task_group& entered) -> task<> {
                attempt(say, [&] { entered.aenter(); });
                entered.create_task(two_turns());
                entered.create_task(two_turns());
                attempt(say, [&] { entered.aenter(); });
                co_return;
            };
            co_await with(group, body);
            attempt(say, [&] { group.create_task(job(say, "never", 1ms)); });
            try {
                co_await with(group, body);
            } catch (const runtime_error& e) {
                say(e.what());
            }
        }),
        (lines{"TaskGroup <TaskGroup> has not been entered", "TaskGroup <TaskGroup entered> has already been entered",
               "TaskGroup <TaskGroup tasks=2 entered> has already been entered",
               "TaskGroup <TaskGroup entered> is finished", "TaskGroup <TaskGroup entered> has already been entered"}));
}

TEST(task_group, takes_no_task_while_it_is_shutting_down) {
    EXPECT_EQ(
        said_by([](recorder& say) -> task<> {
            task_group group;
            const auto late = [&]() -> task<> {
                try {
                    co_await sleep(1s);
                } catch (const cancelled_error&) {
                    attempt(say, [&] { group.create_task(job(say, "never", 1ms)); });
                    throw;
                }
            };
            const auto body = [&](task_group& entered) -> task<> {
                entered.create_task(late());
                entered.create_task(job(say, "b", 10ms, ending::value_error));
                co_return;
            };
            try {
                co_await with(group, body);
            } catch (const exception_group& e) {
                say(e.what());
            }
            attempt(say, [&] { group.create_task(job(say, "never", 1ms)); });
        }),
        (lines{"b starts", "TaskGroup <TaskGroup tasks=1 errors=1 cancelling> is shutting down",
               "unhandled errors in a TaskGroup (1 sub-exception)", "TaskGroup <TaskGroup cancelling> is finished"}));
}

TEST(task_group, is_entered_by_a_task_only) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  current_loop().call_soon([&say] { attempt(say, [] { task_group().aenter(); }); });
                  co_await sleep(1ms);
              }),
              (lines{"TaskGroup <TaskGroup> cannot determine the parent task"}));
    recorder say;
    attempt(say, [] { task_group().aenter(); });
    EXPECT_EQ(say.said(), lines{"no running event loop"});
}

TEST(task_group, may_be_moved_until_it_is_entered) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  task_group first;
                  task_group second = std::move(first);
                  co_await with(std::move(second), [&](task_group& group) -> task<> {
                      group.create_task(job(say, "a", 1ms));
                      co_return;
                  });
              }),
              (lines{"a starts", "a ends 1"}));
}

// Python's would be told in vain too.
TEST(task_group, that_goes_without_being_left_lets_its_tasks_go_on) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  {
                      task_group group;
                      group.aenter();
                      group.create_task(job(say, "a", 10ms));
                      group.create_task(job(say, "b", 10ms, ending::value_error));
                  }
                  current_loop().set_exception_handler(
                      [&say](event_loop&, const error_context& context) { say(context.message); });
                  co_await sleep(20ms);
                  say(cancelling());
              }),
              (lines{"a starts", "b starts", "a ends 10", "Task exception was never retrieved", "0"}));
}

// SEMANTICS 51, as with CPython's eager_task_factory.
TEST(task_group, runs_an_eager_task_at_once) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto quick = [](recorder& to) -> task<int> {
                      to("quick");
                      co_return 1;
                  };
                  co_await with(task_group(), [&](task_group& group) -> task<> {
                      auto ended = group.create_task(quick(say), {.eager_start = true});
                      say("created", ended.done(), ended.result());
                      auto blocked = group.create_task(job(say, "a", 10ms), {.eager_start = true});
                      say("created", blocked.done());
                      co_return;
                  });
                  say("left", now());
              }),
              (lines{"quick", "created true 1", "a starts", "created false", "a ends 10", "left 10"}));
}

TEST(task_group, is_cancelled_at_once_by_an_eager_task_that_fails) {
    EXPECT_EQ(
        said_by([](recorder& say) -> task<> {
            const auto fails = []() -> task<> {
                throw value_error("eager");
                co_return;
            };
            try {
                co_await with(task_group(), [&](task_group& group) -> task<> {
                    group.create_task(fails(), {.eager_start = true});
                    say("goes on", cancelling());
                    attempt(say, [&] { group.create_task(two_turns()); });
                    co_await sleep(1s);
                    say("not reached");
                });
            } catch (const exception_group& e) {
                say(texts(e), now(), cancelling());
            }
        }),
        (lines{"goes on 1", "TaskGroup <TaskGroup errors=1 cancelling> is shutting down", "value_error: eager 0 0"}));
}

}  // namespace
