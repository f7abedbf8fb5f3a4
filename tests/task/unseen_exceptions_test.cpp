// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "recorder.hpp"

#include <fermata/task/future.hpp>
#include <fermata/task/gather.hpp>
#include <fermata/task/sleep.hpp>
#include <fermata/task/task_group.hpp>
#include <fermata/task/timeout.hpp>
#include <fermata/task/wait.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <memory>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::lines;
using tests::recorder;
using tests::said_by;

void tell_what_is_reported(recorder& say) {
    current_loop().set_exception_handler(
        [&say](event_loop&, const error_context& context) { say("reported", context.message); });
}

task<> fails() {
    co_await sleep(1ms);
    throw value_error("unseen");
}

// CPython: RuntimeError('StopIteration interacts badly with generators and cannot be raised into a Future').
TEST(unseen_exceptions, set_exception_of_a_stop_iteration_stores_a_runtime_error) {
    said_by([](recorder&) -> task<> {
        for (const bool by_pointer : {false, true}) {
            auto f = create_future<int>();
            if (by_pointer) {
                f.set_exception(std::make_exception_ptr(stop_iteration(3)));
            } else {
                f.set_exception(stop_iteration(3));
            }
            try {
                co_await f;
                ADD_FAILURE();
            } catch (const runtime_error& e) {
                EXPECT_STREQ(e.what(),
                             "StopIteration interacts badly with generators and cannot be raised into a Future");
                EXPECT_THROW(std::rethrow_if_nested(e), stop_iteration);
            }
        }
    });
}

TEST(unseen_exceptions, an_exception_that_nobody_asked_for_is_reported_unless_it_was_cancelled_when_done) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  tell_what_is_reported(say);
                  {
                      auto ignored = create_task(fails());
                      co_await sleep(2ms);
                  }
                  {
                      auto cancelled = create_task(fails());
                      co_await sleep(2ms);
                      say(cancelled.cancel());
                  }
                  auto f = create_future<int>();
                  f.set_exception(value_error("unseen"));
                  say(f.cancel());
                  f = {};
                  say("end");
              }),
              (lines{"reported Task exception was never retrieved", "false", "false", "end"}));
}

task<> waits_for(future<int> f) { co_await f; }

// The exception is there before the cancellation, which wins.
TEST(unseen_exceptions, a_cancelled_task_has_asked_for_the_exception_of_what_it_waited_for) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  tell_what_is_reported(say);
                  auto f = create_future<int>();
                  auto waiting = create_task(waits_for(f));
                  co_await sleep(1ms);
                  f.set_exception(value_error("unseen"));
                  waiting.cancel();
                  co_await sleep(1ms);
                  say(waiting.cancelled());
                  f = {};
                  say("end");
              }),
              (lines{"true", "end"}));
}

task<> waits_for_the_first_exception(std::vector<task_handle<>> tasks) {
    co_await wait(tasks, {.return_when = return_when::first_exception});
}

TEST(unseen_exceptions, wait_asks_for_the_exceptions_before_the_last_one_only) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  tell_what_is_reported(say);
                  std::vector<task_handle<>> last;
                  last.push_back(create_task(fails()));
                  co_await waits_for_the_first_exception(last);
                  last.clear();
                  say("then");
                  std::vector<task_handle<>> first;
                  first.push_back(create_task(fails()));
                  first.push_back(create_task(waits_for(create_future<int>())));
                  co_await waits_for_the_first_exception(first);
                  first[1].cancel();
                  first.clear();
                  co_await sleep(1ms);
                  say("end");
              }),
              (lines{"reported Task exception was never retrieved", "then", "end"}));
}

task<> gathers_for_ever() { co_await gather(return_exceptions, fails(), waits_for(create_future<int>())); }

// CPython reports it when it collects the tasks, after the end of the loop.
TEST(unseen_exceptions, gather_asks_for_those_that_it_keeps_when_all_are_done) {
    recorder say;
    {
        event_loop loop({.clock = std::make_unique<virtual_clock>()});
        loop.set_exception_handler(
            [&say](event_loop&, const error_context& context) { say("reported", context.message); });
        loop.call_soon([] { create_task(gathers_for_ever()); });
        loop.call_later(5ms, [&] { loop.stop(); });
        loop.run_forever();
        say("stopped");
    }
    EXPECT_EQ(say.said(), (lines{"stopped", "reported Task exception was never retrieved"}));
}

task<> fails_outside(task_group& group, timeout& limit) {
    co_await with(group, [](task_group&) -> task<> { co_return; });
    co_await with(limit, [](timeout&) -> task<> { co_return; });
    throw value_error("unseen");
}

TEST(unseen_exceptions, of_a_task_that_its_scopes_have_outlived_are_reported) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  tell_what_is_reported(say);
                  task_group group;
                  timeout limit(1s);
                  {
                      auto failing = create_task(fails_outside(group, limit));
                      co_await sleep(1ms);
                  }
                  say("end");
              }),
              (lines{"reported Task exception was never retrieved", "end"}));
}

}  // namespace
