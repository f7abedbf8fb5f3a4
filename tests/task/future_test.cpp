// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "recorder.hpp"

#include <fermata/task/future.hpp>
#include <fermata/task/run.hpp>
#include <fermata/task/sleep.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace {

using namespace fermata;
using tests::lines;
using tests::recorder;
using tests::said_by;

// Says what the call raises.
template <class Call>
void say_outcome_of(recorder& say, Call call) {
    try {
        call();
        say("nothing raised");
    } catch (const invalid_state_error& e) {
        say("invalid_state_error", e.what());
    } catch (const value_error& e) {
        say("value_error", e.what());
    } catch (const type_error& e) {
        say("type_error", e.what());
    } catch (const runtime_error& e) {
        say("runtime_error", e.what());
    } catch (const cancelled_error&) {
        say("cancelled_error");
    }
}

task<> a_turn() { co_await sleep(std::chrono::nanoseconds(0)); }

// SEMANTICS 36.
TEST(future, that_is_not_done_has_neither_result_nor_exception) {
    EXPECT_EQ(
        said_by([](recorder& say) -> task<> {
            const auto f = create_future<int>();
            say_outcome_of(say, [&] { f.result(); });
            say_outcome_of(say, [&] { f.exception(); });
            say(f.done(), f.cancelled());
            co_return;
        }),
        (lines{"invalid_state_error Result is not set.", "invalid_state_error Exception is not set.", "false false"}));
}

TEST(future, is_given_a_result_once) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto f = create_future<int>();
                  f.set_result(1);
                  say(f.done(), f.cancelled(), f.exception() == nullptr, f.cancel());
                  say_outcome_of(say, [&] { f.set_result(2); });
                  say_outcome_of(say, [&] { f.set_exception(value_error("late")); });
                  say(f.result());
                  co_return;
              }),
              (lines{"true false true false", "invalid_state_error invalid state", "invalid_state_error invalid state",
                     "1"}));
}

TEST(future, raises_its_exception_as_often_as_it_is_asked) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto f = create_future<int>();
                  f.set_exception(std::make_exception_ptr(value_error("x")));
                  say(f.done(), f.exception() != nullptr);
                  for (int i = 0; i < 2; ++i) {
                      say_outcome_of(say, [&] { f.result(); });
                      try {
                          co_await f;
                      } catch (const value_error& e) {
                          say("awaited", e.what());
                      }
                  }
              }),
              (lines{"true true", "value_error x", "awaited x", "value_error x", "awaited x"}));
}

TEST(future, takes_no_null_exception) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto f = create_future<int>();
                  say_outcome_of(say, [&] { f.set_exception(std::exception_ptr()); });
                  say(f.done());
                  co_return;
              }),
              (lines{"type_error invalid exception object", "false"}));
}

TEST(future, wraps_stop_iteration) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto f = create_future<int>();
                  const auto g = create_future<int>();
                  f.set_exception(stop_iteration(3));
                  g.set_exception(std::make_exception_ptr(stop_iteration(4)));
                  for (const auto& each : {f, g}) {
                      try {
                          each.result();
                      } catch (const runtime_error& e) {
                          say(e.what());
                          try {
                              std::rethrow_if_nested(e);
                          } catch (const stop_iteration& cause) {
                              say(cause.value<int>());
                          }
                      }
                  }
                  co_return;
              }),
              (lines{"StopIteration interacts badly with generators and cannot be raised into a Future", "3",
                     "StopIteration interacts badly with generators and cannot be raised into a Future", "4"}));
}

TEST(future, that_is_cancelled_stays_so) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto f = create_future<int>();
                  const bool first = f.cancel();
                  say(first, f.cancelled(), f.done(), f.cancel());
                  say_outcome_of(say, [&] { f.result(); });
                  say_outcome_of(say, [&] { f.exception(); });
                  say_outcome_of(say, [&] { f.set_result(2); });
                  say_outcome_of(say, [&] { f.set_exception(value_error("late")); });
                  try {
                      co_await f;
                  } catch (const cancelled_error&) {
                      say("awaited", current_task().cancelling());
                  }
              }),
              (lines{"true true true false", "cancelled_error", "cancelled_error", "invalid_state_error invalid state",
                     "invalid_state_error invalid state", "awaited 0"}));
}

TEST(future, whose_exception_is_a_cancellation_is_not_cancelled_itself) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto f = create_future<int>();
                  f.set_exception(cancelled_error());
                  const auto waits = [&]() -> task<> { co_await f; };
                  auto waiting = create_task(waits());
                  co_await a_turn();
                  say(waiting.cancelled(), f.cancelled());
              }),
              (lines{"true false"}));
}

TEST(future, that_is_a_task_is_given_no_result_from_outside) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto four = []() -> task<int> { co_return 4; };
                  const future<int> t = create_task(four());
                  say_outcome_of(say, [&] { t.set_result(2); });
                  say_outcome_of(say, [&] { t.set_exception(value_error("late")); });
                  say(co_await t);
                  say_outcome_of(say, [&] { t.set_result(3); });
              }),
              (lines{"runtime_error Task does not support set_result operation",
                     "runtime_error Task does not support set_exception operation", "4",
                     "runtime_error Task does not support set_result operation"}));
}

TEST(future, of_nothing_is_set_without_a_value) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto f = create_future();
                  f.set_result();
                  co_await f;
                  f.result();
                  say(f.done());
              }),
              (lines{"true"}));
}

TEST(future, gives_a_reference_or_moves_its_result_out_of_the_last_handle) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto f = create_future<std::unique_ptr<int>>();
                  f.set_result(std::make_unique<int>(5));
                  const std::unique_ptr<int>& kept = co_await f;
                  say(*kept, &kept == &f.result());
                  const std::unique_ptr<int> taken = co_await std::move(f);
                  say(*taken);

                  auto text = create_future<std::string>();
                  auto other = text;
                  text.set_result("shared");
                  const std::string copied = co_await std::move(text);
                  say(copied, other.result());
              }),
              (lines{"5 true", "5", "shared shared"}));
}

TEST(any_future, compares_whether_they_are_the_same_one) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto nothing = []() -> task<> { co_return; };
                  const auto t = create_task(nothing());
                  const future<> same = t;
                  const any_future any = same;
                  const auto other = create_future();
                  say(any == t, same == t, any == other, any == any_future(), any_future() == future<int>());
                  say(static_cast<bool>(any), static_cast<bool>(any_future()));
                  co_return;
              }),
              (lines{"true true false false true", "true false"}));
}

TEST(create_future, needs_a_running_loop) {
    recorder say;
    say_outcome_of(say, [] { create_future<int>(); });
    EXPECT_EQ(say.said(), lines{"runtime_error no running event loop"});
}

// CPython's set_result and cancel raise "Event loop is closed" here, when they have done what they are to.
TEST(future, may_be_given_a_result_when_its_loop_is_gone) {
    recorder say;
    const auto held = std::make_shared<int>(1);
    future<int> given;
    future<int> cancelled;
    run([&]() -> task<> {
        given = create_future<int>();
        cancelled = create_future<int>();
        given.add_done_callback([held] {});
        cancelled.add_done_callback([held] {});
        co_return;
    }());
    EXPECT_EQ(held.use_count(), 3);
    given.set_result(7);
    EXPECT_TRUE(cancelled.cancel());
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_EQ(given.result(), 7);
    EXPECT_TRUE(cancelled.cancelled());
    say_outcome_of(say, [&] { given.add_done_callback([] {}); });
    EXPECT_EQ(say.said(), lines{"runtime_error Event loop is closed"});
}

}  // namespace
