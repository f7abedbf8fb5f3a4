// Who waits for a future, and is called back. What CPython 3.13 does with the same programs was recorded by running them.

#include "recorder.hpp"

#include <fermata/task/future.hpp>
#include <fermata/task/run.hpp>
#include <fermata/task/sleep.hpp>

#include <gtest/gtest.h>

namespace {

using namespace fermata;
using tests::lines;
using tests::recorder;
using tests::said_by;

task<> a_turn() { co_await sleep(std::chrono::nanoseconds(0)); }

task<> waits(recorder& say, const char* name, future<int> f) {
    try {
        const int result = co_await f;
        say(name, result);
    } catch (const cancelled_error&) {
        say(name, "cancelled", current_task().cancelling());
        throw;
    }
}

TEST(future, wakes_all_who_wait_in_the_order_in_which_they_came) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto f = create_future<int>();
                  create_task(waits(say, "a", f));
                  create_task(waits(say, "b", f));
                  co_await a_turn();
                  f.set_result(5);
                  say("set");
                  co_await a_turn();
                  say("a turn");
                  co_await f;
                  say("no turn", f.result());
              }),
              (lines{"set", "a 5", "b 5", "a turn", "no turn 5"}));
}

TEST(future, that_is_cancelled_cancels_all_who_wait) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto f = create_future<int>();
                  auto a = create_task(waits(say, "a", f));
                  auto b = create_task(waits(say, "b", f));
                  co_await a_turn();
                  f.cancel();
                  co_await a_turn();
                  say(a.cancelled(), b.cancelled());
              }),
              (lines{"a cancelled 0", "b cancelled 0", "true true"}));
}

TEST(future, is_cancelled_with_one_who_waits) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto f = create_future<int>();
                  auto a = create_task(waits(say, "a", f));
                  auto b = create_task(waits(say, "b", f));
                  co_await a_turn();
                  const bool asked = a.cancel();
                  say(asked, f.cancelled());
                  co_await a_turn();
                  say(a.cancelled(), b.cancelled());
              }),
              (lines{"true true", "a cancelled 1", "b cancelled 0", "true true"}));
}

// SEMANTICS 47.
TEST(future, keeps_its_result_if_who_waits_is_cancelled_in_the_same_turn) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto f = create_future<int>();
                  auto a = create_task(waits(say, "a", f));
                  co_await a_turn();
                  f.set_result(1);
                  a.cancel();
                  co_await a_turn();
                  say(a.cancelled(), f.result());
              }),
              (lines{"a cancelled 1", "true 1"}));
}

// SEMANTICS 37.
TEST(future, calls_back_in_the_turn_after_it_is_done_in_the_order_of_adding) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto f = create_future<int>();
                  auto copy = f;
                  for (int i = 0; i < 3; ++i) copy.add_done_callback([&say, i] { say("callback", i); });
                  create_task(waits(say, "waiter", f));
                  co_await a_turn();
                  copy.add_done_callback([&say] { say("callback 3"); });
                  f.set_result(1);
                  say("set");
                  copy.add_done_callback([&say] { say("late"); });
                  co_await a_turn();
                  say("a turn");
                  copy.add_done_callback([&say] { say("later"); });
                  say("not yet");
                  co_await a_turn();
              }),
              (lines{"set", "callback 0", "callback 1", "callback 2", "waiter 1", "callback 3", "late", "a turn",
                     "not yet", "later"}));
}

TEST(future, does_not_call_back_what_was_removed) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto f = create_future<int>();
                  auto removed = f.add_done_callback([&say] { say("removed"); });
                  f.add_done_callback([&say] { say("kept"); });
                  removed.cancel();
                  f.set_result(1);
                  co_await a_turn();
                  say(removed.cancelled());
              }),
              (lines{"kept", "true"}));
}

TEST(future, reports_what_a_callback_raises_and_calls_the_next) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  current_loop().set_exception_handler(
                      [&say](event_loop&, const error_context& context) { say(context.message); });
                  auto f = create_future<int>();
                  f.add_done_callback([] { throw value_error("cb"); });
                  f.add_done_callback([&say] { say("next"); });
                  f.set_result(1);
                  co_await a_turn();
              }),
              (lines{"Exception in callback", "next"}));
}

TEST(task, calls_back_when_it_is_done) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto nothing = []() -> task<> { co_return; };
                  auto t = create_task(nothing());
                  t.add_done_callback([&say, t] { say("done", t.done()); });
                  co_await t;
                  say("awaited");
              }),
              (lines{"done true", "awaited"}));
}

// SEMANTICS 38.
TEST(future, that_goes_with_an_exception_that_nobody_saw_reports_it) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  current_loop().set_exception_handler([&say](event_loop&, const error_context& context) {
                      say(context.message, context.source, context.exception != nullptr);
                  });
                  create_future<int>().set_exception(value_error("unseen"));
                  create_future<int>().cancel();
                  create_future<int>();
                  say("cancelled, pending");
                  auto seen = create_future<int>();
                  seen.set_exception(value_error("seen"));
                  seen.exception();
                  seen = {};
                  say("seen");
                  auto awaited = create_future<int>();
                  awaited.set_exception(value_error("awaited"));
                  try {
                      co_await awaited;
                  } catch (const value_error&) {
                  }
                  awaited = {};
                  say("awaited");
              }),
              (lines{"Future exception was never retrieved <Future finished> true", "cancelled, pending", "seen",
                     "awaited"}));
}

// SEMANTICS 43.
TEST(future, of_another_loop_is_awaited_only_when_it_is_done) {
    future<int> foreign;
    event_loop other;
    other.call_soon([&] {
        foreign = create_future<int>();
        other.stop();
    });
    other.run_forever();
    EXPECT_EQ(said_by([&](recorder& say) -> task<> {
                  const auto awaits = [&]() -> task<int> {
                      const int result = co_await foreign;
                      co_return result;
                  };
                  try {
                      co_await create_task(awaits(), {.name = "one"});
                  } catch (const runtime_error& e) {
                      say(e.what());
                  }
                  foreign.set_result(1);
                  say(co_await awaits());
              }),
              (lines{"Task <Task name='one'> got Future <Future pending> attached to a different loop", "1"}));
}

}  // namespace
