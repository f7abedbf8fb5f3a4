// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "recorder.hpp"

#include <fermata/task/ensure_future.hpp>
#include <fermata/task/run.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <type_traits>
#include <utility>

namespace {

using namespace fermata;
using tests::lines;
using tests::recorder;
using tests::said_by;

task<int> four(recorder& say) {
    say("runs");
    co_return 4;
}

TEST(ensure_future, gives_the_very_future_or_task) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto f = create_future<int>();
                  const auto t = create_task(four(say));
                  static_assert(std::is_same_v<decltype(ensure_future(t)), future<int>>);
                  say(ensure_future(f) == f, ensure_future(t) == t);
                  auto moved = f;
                  const auto same = ensure_future(std::move(moved));
                  say(same == f, static_cast<bool>(moved));
                  co_return;
              }),
              (lines{"true true", "true false", "runs"}));
}

TEST(ensure_future, makes_a_task_of_a_coroutine) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto made = ensure_future(four(say));
                  say(made.done(), all_tasks().size());
                  const int result = co_await made;
                  say(result);
                  auto cancelled = ensure_future(four(say));
                  say(cancelled.cancel());
                  try {
                      co_await cancelled;
                  } catch (const cancelled_error&) {
                      say("cancelled");
                  }
              }),
              (lines{"false 2", "runs", "4", "true", "cancelled"}));
}

TEST(ensure_future, of_the_only_handle_moves_the_result_out) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto f = create_future<std::unique_ptr<int>>();
                  f.set_result(std::make_unique<int>(5));
                  const std::unique_ptr<int> taken = co_await ensure_future(std::move(f));
                  say(*taken);
              }),
              (lines{"5"}));
}

TEST(ensure_future, of_a_coroutine_needs_a_running_loop) {
    recorder say;
    try {
        ensure_future(four(say));
    } catch (const runtime_error& e) {
        say(e.what());
    }
    EXPECT_EQ(say.said(), lines{"no running event loop"});
}

}  // namespace
