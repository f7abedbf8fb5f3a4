// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "recorder.hpp"

#include <fermata/task/run.hpp>
#include <fermata/task/sleep.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <memory>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::lines;
using tests::recorder;
using tests::said_by;

task<int> returning(int n) { co_return n; }

TEST(task, does_nothing_until_it_is_awaited) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto speak = [](recorder& to, const char* text) -> task<> {
                      to(text);
                      co_return;
                  };
                  auto awaited = speak(say, "awaited");
                  auto dropped = speak(say, "dropped");
                  say("first");
                  co_await std::move(awaited);
              }),
              (lines{"first", "awaited"}));
}

TEST(task, gives_what_it_returns_by_value_or_by_move) {
    EXPECT_EQ(run(returning(3)), 3);
    const auto unique = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(4); };
    EXPECT_EQ(*run(unique()), 4);
}

TEST(task, raises_what_the_coroutine_raises) {
    const auto failing = []() -> task<int> {
        throw value_error("wrong");
        co_return 0;
    };
    EXPECT_THROW(run(failing()), value_error);
}

// SEMANTICS 24.
TEST(task, that_was_awaited_cannot_be_awaited_again) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto once = returning(1);
                  co_await std::move(once);
                  try {
                      co_await std::move(once);
                  } catch (const runtime_error& e) {
                      say(e.what());
                  }
              }),
              (lines{"cannot reuse already awaited coroutine"}));
}

// SEMANTICS 25.
TEST(task, from_which_stop_iteration_escapes_raises_runtime_error) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto stopping = []() -> task<> {
                      throw stop_iteration(1);
                      co_return;
                  };
                  try {
                      co_await stopping();
                  } catch (const runtime_error& e) {
                      say(e.what());
                  }
                  auto handle = create_task(stopping());
                  try {
                      co_await handle;
                  } catch (const runtime_error& e) {
                      say(e.what());
                  }
              }),
              (lines{"coroutine raised StopIteration", "coroutine raised StopIteration"}));
}

// SEMANTICS 35: awaiting a new task takes two turns; 34: a coroutine that does not suspend takes none.
TEST(task, takes_as_many_turns_of_the_loop_as_cpythons) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto ticker = [](recorder& to, int n) -> task<> {
                      for (int i = 0; i < n; ++i) {
                          to("tick", i);
                          co_await sleep(0s);
                      }
                  };
                  auto ticking = create_task(ticker(say, 6));
                  co_await sleep(0s);
                  say("await new task");
                  co_await create_task(returning(1));
                  say("done");
                  say("await coroutine");
                  co_await returning(1);
                  say("done");
                  co_await ticking;
              }),
              (lines{"tick 0", "await new task", "tick 1", "tick 2", "done", "await coroutine", "done", "tick 3",
                     "tick 4", "tick 5"}));
}

TEST(task, wakes_those_who_wait_for_it_in_the_order_in_which_they_came) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto work = []() -> task<int> {
                      co_await sleep(10ms);
                      co_return 5;
                  };
                  auto working = create_task(work());
                  const auto wait = [](recorder& to, int n, task_handle<int> what) -> task<> {
                      const int result = co_await what;
                      to(n, result);
                  };
                  std::vector<task_handle<>> waiting;
                  for (int i = 0; i < 3; ++i) waiting.push_back(create_task(wait(say, i, working)));
                  for (auto& each : waiting) co_await each;
              }),
              (lines{"0 5", "1 5", "2 5"}));
}

// SEMANTICS 36.
TEST(task, that_is_not_done_has_neither_result_nor_exception) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto done = create_task(returning(1));
                  co_await done;
                  say(done.cancel(), done.cancelled(), done.result(), done.exception() == nullptr);
                  auto handle = create_task(returning(1));
                  try {
                      handle.result();
                  } catch (const invalid_state_error& e) {
                      say(e.what());
                  }
                  try {
                      handle.exception();
                  } catch (const invalid_state_error& e) {
                      say(e.what());
                  }
                  handle.cancel();
                  co_await sleep(0s);
                  try {
                      handle.result();
                  } catch (const cancelled_error&) {
                      say("cancelled");
                  }
              }),
              (lines{"false false 1 true", "Result is not set.", "Exception is not set.", "cancelled"}));
}

// SEMANTICS 43.
TEST(task, cannot_await_itself) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  task_handle<> self;
                  const auto waiting = [](recorder& to, task_handle<>& what) -> task<> {
                      try {
                          co_await what;
                      } catch (const runtime_error& e) {
                          to(e.what());
                      }
                  };
                  self = create_task(waiting(say, self), {.name = "narcissus"});
                  co_await self;
              }),
              (lines{"Task cannot await on itself: <Task name='narcissus'>"}));
}

TEST(task, has_a_name_and_is_among_all_tasks_until_it_is_done) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto named = create_task(returning(1), {.name = "one"});
                  say(named.name(), all_tasks().size(), all_tasks()[1] == named, current_task() == all_tasks()[0]);
                  co_await named;
                  say(all_tasks().size());
              }),
              (lines{"one 2 true true", "1"}));
    EXPECT_FALSE(current_task());
}

TEST(task, needs_a_running_loop) {
    try {
        create_task(returning(1));
        FAIL();
    } catch (const runtime_error& e) {
        EXPECT_STREQ(e.what(), "no running event loop");
    }
}

TEST(task, sleeps_neither_into_the_past_nor_for_no_number) {
    said_by([](recorder&) -> task<> {
        const auto before = current_loop().time();
        co_await sleep_until(before - 1s);
        EXPECT_EQ(current_loop().time(), before);
        try {
            co_await sleep(std::chrono::duration<double>(std::nan("")));
            ADD_FAILURE();
        } catch (const value_error& e) {
            EXPECT_STREQ(e.what(), "Invalid delay: NaN (not a number)");
        }
    });
}

// SEMANTICS 39.
TEST(task, cannot_call_run) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      run(returning(1));
                  } catch (const runtime_error& e) {
                      say(e.what());
                  }
                  co_return;
              }),
              (lines{"fermata::run() cannot be called from a running event loop"}));
}

// SEMANTICS 38.
TEST(task, whose_exception_nobody_saw_reports_it_when_it_goes) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  current_loop().set_exception_handler([&say](event_loop&, const error_context& context) {
                      say(context.message, context.source, context.exception != nullptr);
                  });
                  const auto failing = []() -> task<> {
                      throw value_error("unseen");
                      co_return;
                  };
                  create_task(failing(), {.name = "unseen"});
                  auto seen = create_task(failing());
                  co_await sleep(1s);
                  say(seen.exception() != nullptr);
              }),
              (lines{"Task exception was never retrieved <Task name='unseen'> true", "true"}));
}

// SEMANTICS 41.
TEST(task, that_is_left_when_main_returns_is_cancelled_and_waited_for) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto left = [](recorder& to) -> task<> {
                      bool cancelled = false;
                      try {
                          co_await sleep(100s);
                      } catch (const cancelled_error&) {
                          cancelled = true;
                      }
                      to("cancelled", cancelled);
                      co_await sleep(5s);
                      to("cleaned up at", current_loop().time() / 1s);
                  };
                  create_task(left(say));
                  co_await sleep(1s);
              }),
              (lines{"cancelled true", "cleaned up at 6"}));
}

task<> speak(recorder& to, const char* text) {
    to(text);
    co_return;
}

TEST(task, that_is_never_awaited_is_reported_in_debug_mode) {
    lines reported;
    const auto program = [&]() -> task<> {
        current_loop().set_exception_handler([&](event_loop&, const error_context& context) {
            reported.push_back(context.message);
            EXPECT_NE(context.source.find("task_test.cpp:"), std::string::npos);
        });
        recorder nobody;
        {
            auto dropped = speak(nobody, "never");
        }
        auto closed = speak(nobody, "never");
        closed.close();
        co_await speak(nobody, "once");
    };
    run(program(), {.debug = true});
    EXPECT_EQ(reported, (lines{"coroutine 'speak' was never awaited"}));
    reported.clear();
    run(program());
    EXPECT_EQ(reported, lines{});
}

}  // namespace
