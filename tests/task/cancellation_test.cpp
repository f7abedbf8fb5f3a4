// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "recorder.hpp"

#include <fermata/task/run.hpp>
#include <fermata/task/sleep.hpp>

#include <gtest/gtest.h>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::lines;
using tests::recorder;
using tests::said_by;

task<> wait_and_note(recorder& say, task_handle<int> what) {
    try {
        const int result = co_await what;
        say("result", result);
    } catch (const cancelled_error&) {
        say("cancelled");
    } catch (const value_error& e) {
        say("value_error", e.what());
    }
}

// SEMANTICS 46.
TEST(cancellation, of_an_outer_task_cancels_the_inner_one_that_may_swallow_it) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto inner = [](recorder& to) -> task<int> {
                      try {
                          co_await sleep(10s);
                      } catch (const cancelled_error&) {
                          to("swallowed");
                      }
                      co_return 7;
                  };
                  const auto outer = [&inner](recorder& to) -> task<> {
                      const int result = co_await create_task(inner(to));
                      to("outer goes on", result);
                  };
                  auto handle = create_task(outer(say));
                  co_await sleep(0s);
                  co_await sleep(0s);
                  say(handle.cancel());
                  co_await handle;
                  say(handle.cancelled(), handle.cancelling());
              }),
              (lines{"true", "swallowed", "outer goes on 7", "false 1"}));
}

// SEMANTICS 45.
TEST(cancellation, asked_for_twice_before_it_is_delivered_is_raised_once) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [](recorder& to) -> task<> {
                      for (int i = 0; i < 2; ++i) {
                          try {
                              co_await sleep(1s);
                              to("slept");
                          } catch (const cancelled_error&) {
                              to("cancelled", current_task().cancelling());
                          }
                      }
                  };
                  auto handle = create_task(body(say));
                  co_await sleep(0s);
                  handle.cancel();
                  handle.cancel();
                  co_await handle;
                  say(handle.cancelled());
              }),
              (lines{"cancelled 2", "slept", "false"}));
}

// SEMANTICS 44.
TEST(cancellation, before_the_start_runs_nothing_of_the_body) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [](recorder& to) -> task<int> {
                      to("never");
                      co_return 0;
                  };
                  auto handle = create_task(body(say));
                  say(handle.cancel());
                  co_await wait_and_note(say, handle);
                  say(handle.cancelled());
              }),
              (lines{"true", "cancelled", "true"}));
}

// SEMANTICS 48.
TEST(cancellation, of_itself_wins_over_a_return_but_not_over_an_exception) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto returns = []() -> task<int> {
                      current_task().cancel();
                      co_return 3;
                  };
                  co_await wait_and_note(say, create_task(returns()));
                  const auto raises = []() -> task<int> {
                      current_task().cancel();
                      throw value_error("own");
                      co_return 3;
                  };
                  co_await wait_and_note(say, create_task(raises()));
              }),
              (lines{"cancelled", "value_error own"}));
}

// SEMANTICS 49.
TEST(cancellation, that_is_taken_back_before_it_is_delivered_is_dropped) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [](recorder& to) -> task<> {
                      auto self = current_task();
                      self.cancel();
                      const int requests = self.cancelling();
                      const int left = self.uncancel();
                      to(requests, left, self.uncancel());
                      co_await sleep(0s);
                      to("not cancelled");
                  };
                  co_await create_task(body(say));
              }),
              (lines{"1 0 0", "not cancelled"}));
}

// SEMANTICS 47.
TEST(cancellation, in_the_same_turn_as_the_end_of_a_sleep_wins) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [](recorder& to) -> task<int> {
                      try {
                          co_await sleep(10ms);
                          to("slept");
                      } catch (const cancelled_error&) {
                          to("cancelled at", current_loop().time() / 1ms);
                          throw;
                      }
                      co_return 1;
                  };
                  auto handle = create_task(body(say));
                  co_await sleep(0s);
                  current_loop().call_at(10ms, [handle]() mutable { handle.cancel(); });
                  co_await wait_and_note(say, handle);
              }),
              (lines{"cancelled at 10", "cancelled"}));
}

TEST(cancellation, of_a_sleep_takes_its_alarm_along) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [](recorder& to) -> task<> {
                      try {
                          co_await sleep(10ms);
                      } catch (const cancelled_error&) {
                          to("cancelled at", current_loop().time() / 1ms);
                      }
                      co_await sleep(50ms);
                      to("slept until", current_loop().time() / 1ms);
                  };
                  auto handle = create_task(body(say));
                  co_await sleep(1ms);
                  handle.cancel();
                  co_await handle;
              }),
              (lines{"cancelled at 1", "slept until 51"}));
}

TEST(cancellation, is_raised_at_the_innermost_await_and_passes_outwards) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  struct nested {
                      static task<int> of(recorder& to, int depth) {
                          try {
                              if (depth == 0) co_await sleep(1s);
                              if (depth > 0) co_await of(to, depth - 1);
                          } catch (const cancelled_error&) {
                              to("passes", depth);
                              throw;
                          }
                          co_return depth;
                      }
                  };
                  auto handle = create_task(nested::of(say, 2));
                  co_await sleep(0s);
                  handle.cancel();
                  co_await wait_and_note(say, handle);
              }),
              (lines{"passes 0", "passes 1", "passes 2", "cancelled"}));
}

TEST(cancellation, is_not_a_std_exception) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [](recorder& to) -> task<int> {
                      try {
                          co_await sleep(1s);
                      } catch (const std::exception&) {
                          to("caught as an error");
                      }
                      co_return 1;
                  };
                  auto handle = create_task(body(say));
                  co_await sleep(0s);
                  handle.cancel();
                  co_await wait_and_note(say, handle);
              }),
              (lines{"cancelled"}));
}

// CPython raises RecursionError in cancel().
TEST(cancellation, of_a_circle_of_tasks_that_wait_for_each_other_cuts_it) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  task_handle<> one;
                  const auto waits = [&](const char* name, task_handle<>& what) -> task<> {
                      co_await sleep(1ms);
                      try {
                          co_await what;
                      } catch (const cancelled_error&) {
                          say(name, "cancelled");
                          throw;
                      }
                  };
                  auto two = create_task(waits("two", one));
                  one = create_task(waits("one", two));
                  co_await sleep(2ms);
                  one.cancel();
                  try {
                      co_await two;
                  } catch (const cancelled_error&) {
                      say(one.cancelled(), two.cancelled());
                  }
              }),
              (lines{"one cancelled", "two cancelled", "true true"}));
}

struct cancelled_with_a_reason : cancelled_error {};

// As `class Reasoned(asyncio.CancelledError)` in Python.
TEST(cancellation, is_what_is_derived_from_it_too) {
    said_by([](recorder&) -> task<> {
        const auto ends = []() -> task<> {
            throw cancelled_with_a_reason();
            co_return;
        };
        auto handle = create_task(ends());
        co_await sleep(0s);
        EXPECT_TRUE(handle.cancelled());
    });
}

}  // namespace
