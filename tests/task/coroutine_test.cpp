// Generators in the loop. What CPython 3.13 does with the same programs, where they are generators decorated with
// types.coroutine, was recorded by running them: each expectation is its output.

#include "recorder.hpp"

#include <fermata/generator/yield_from.hpp>
#include <fermata/task/coroutine.hpp>
#include <fermata/task/gather.hpp>
#include <fermata/task/run.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>

namespace {

using namespace fermata;
using tests::lines;
using tests::recorder;
using tests::said_by;

task<> a_turn() { co_await sleep(std::chrono::nanoseconds(0)); }

generator<int, void, std::string> steps(recorder& say, std::string name, int n) {
    for (int i = 0; i < n; ++i) {
        say(name, i);
        co_yield i;
    }
    co_return name + "!";
}

TEST(coroutine, takes_a_step_a_turn_beside_tasks) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto other = [](recorder& to, std::string name) -> task<std::string> {
                      for (int i = 0; i < 2; ++i) {
                          to(name, i);
                          co_await a_turn();
                      }
                      co_return name;
                  };
                  auto [a, t, b] =
                      co_await gather(coroutine(steps(say, "a", 2)), other(say, "t"), coroutine(steps(say, "b", 2)));
                  say(a, t, b);
              }),
              (lines{"a 0", "t 0", "b 0", "a 1", "t 1", "b 1", "a! t b!"}));
}

generator<int, std::optional<int>, int> returns_at_once(int n) {
    if (n < 0) co_yield n;
    co_return n;
}

TEST(coroutine, is_awaited_inline) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  say(co_await coroutine(steps(say, "in", 1)));
                  auto other = create_task(a_turn());
                  const int six = co_await coroutine(returns_at_once(6));
                  say(six, other.done());
              }),
              (lines{"in 0", "in!", "6 false"}));
}

generator<int, void, int> until_cancelled(recorder& say, bool swallow, int more = 0) {
    bool cancelled = false;
    while (!cancelled) {
        try {
            co_yield 0;
        } catch (const cancelled_error&) {
            say("thrown in", current_task().cancelling());
            if (!swallow) throw;
            cancelled = true;
        }
    }
    for (int i = 0; i < more; ++i) {
        say("more", i);
        co_yield i;
    }
    co_return 9;
}

TEST(coroutine, is_cancelled_where_it_is_suspended) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto passes = create_task(until_cancelled(say, false));
                  co_await a_turn();
                  co_await a_turn();
                  passes.cancel();
                  co_await a_turn();
                  say(passes.cancelled());

                  auto swallows = create_task(until_cancelled(say, true));
                  co_await a_turn();
                  swallows.cancel();
                  const int result = co_await swallows;
                  say(swallows.cancelled(), result);

                  auto goes_on = create_task(until_cancelled(say, true, 2));
                  co_await a_turn();
                  goes_on.cancel();
                  const int later = co_await goes_on;
                  say(goes_on.cancelled(), later);
              }),
              (lines{"thrown in 1", "true", "thrown in 1", "false 9", "thrown in 1", "more 0", "more 1", "false 9"}));
}

TEST(coroutine, that_is_cancelled_before_it_starts_does_nothing) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto never = create_task(steps(say, "never", 1), {.name = "early"});
                  never.cancel();
                  co_await a_turn();
                  say(never.name(), never.cancelled());
              }),
              (lines{"early true"}));
}

generator<int> fails(bool stops) {
    co_yield 0;
    if (stops) throw stop_iteration(3);
    throw value_error("steps");
}

TEST(coroutine, raises_what_the_generator_raises) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await coroutine(fails(false));
                  } catch (const value_error& e) {
                      say(e.what());
                  }
                  try {
                      co_await create_task(fails(true));
                  } catch (const runtime_error& e) {
                      say(e.what());
                  }
              }),
              (lines{"steps", "generator raised StopIteration"}));
}

generator<int, void, std::optional<int>> five() {
    co_yield 0;
    co_return 5;
}

TEST(coroutine, goes_on_where_the_generator_stands_and_gives_none_of_one_that_had_ended) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto begun = five();
                  begun.next();
                  const auto result = co_await coroutine(std::move(begun));
                  say(result.value());
                  auto ended = five();
                  ended.next();
                  ended.next();
                  const auto none = co_await coroutine(std::move(ended));
                  say(none.has_value());
              }),
              (lines{"5", "false"}));
}

TEST(coroutine, that_had_ended_has_no_result_if_there_is_no_none) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto ended = returns_at_once(1);
                  ended.next();
                  try {
                      co_await coroutine(std::move(ended));
                  } catch (const type_error& e) {
                      say(e.what());
                  }
              }),
              (lines{"the generator delegated to had ended before, and has no result: make its Return a std::optional "
                     "to receive "
                     "None"}));
}

generator<int, void, std::unique_ptr<int>> boxes() {
    auto inner = [](int n) -> generator<int, void, int> {
        co_yield n;
        co_return n + 1;
    };
    const int result = co_yield from(inner(5));
    co_return std::make_unique<int>(result);
}

TEST(coroutine, may_delegate_and_return_what_can_only_be_moved) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const std::unique_ptr<int> result = co_await create_task(boxes());
                  say(*result);
              }),
              (lines{"6"}));
}

}  // namespace
