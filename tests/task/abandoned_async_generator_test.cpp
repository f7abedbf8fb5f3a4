// Async generators that are dropped before their end, or left when the loop ends. The turns in which the loop closes one, what
// is reported, and the end of run() were recorded by running CPython 3.13, but where a comment says so; what is destroyed, and
// when, is ours.

#include "async_steps.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::counting;
using tests::lines;
using tests::recorder;
using tests::said_by;
using tests::show;

// As tests::counting, but one turn of the loop to clean up.
async_generator<int> numbers(recorder& say, std::string name) {
    bool exits = false;
    try {
        for (int i = 0;; ++i) co_yield i;
    } catch (const generator_exit&) {
        exits = true;
        say(name, "exit");
    } catch (const cancelled_error&) {
        say(name, "cancelled");
    }
    co_await sleep(0s);
    say(name, "cleaned");
    if (exits) throw generator_exit();
}

async_generator<int> failing() {
    try {
        co_yield 1;
    } catch (const generator_exit&) {
        throw value_error("in cleanup");
    }
}

void report_to(recorder& say) {
    current_loop().set_exception_handler([&say](event_loop&, const error_context& context) {
        say(context.message, context.exception ? tests::told(context.exception) : "");
    });
}

// SEMANTICS 28.
TEST(abandoned_async_generator, is_closed_by_a_task_of_the_loop_in_a_turn_to_come) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto ticker = [](recorder& to, int n) -> task<> {
                      for (int i = 0; i < n; ++i) {
                          to("tick", i);
                          co_await sleep(0s);
                      }
                  };
                  auto ticking = create_task(ticker(say, 6));
                  co_await sleep(0s);
                  const auto use = [](recorder& to) -> task<> {
                      auto g = numbers(to, "a");
                      to(*co_await g.next());
                  };
                  co_await use(say);
                  say("used", all_tasks().size());
                  current_loop().call_soon([&say] { say("soon"); });
                  co_await ticking;
              }),
              (lines{"tick 0", "0", "used 2", "tick 1", "soon", "tick 2", "a exit", "tick 3", "a cleaned", "tick 4",
                     "tick 5"}));
}

TEST(abandoned_async_generator, that_was_not_started_or_has_ended_runs_nothing) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  {
                      const auto never_started = numbers(say, "b");
                  }
                  {
                      auto closed = numbers(say, "c");
                      co_await closed.aclose();
                  }
                  const auto finite = []() -> async_generator<int> { co_yield 1; };
                  {
                      auto ended = finite();
                      while (co_await ended.next()) {
                      }
                  }
                  for (int i = 0; i < 3; ++i) co_await sleep(0s);
                  say(all_tasks().size());
              }),
              (lines{"1"}));
}

TEST(abandoned_async_generator, whose_closing_raises_is_reported_as_any_task) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  report_to(say);
                  {
                      auto g = failing();
                      co_await g.next();
                  }
                  for (int i = 0; i < 3; ++i) co_await sleep(0s);
                  const auto ignoring = [](recorder& to) -> async_generator<int> {
                      try {
                          co_yield 1;
                      } catch (const generator_exit&) {
                          to("ignoring 1");
                      }
                      try {
                          co_yield 2;
                      } catch (const generator_exit&) {
                          to("ignoring 2");
                      }
                  };
                  {
                      auto g = ignoring(say);
                      co_await g.next();
                  }
                  for (int i = 0; i < 4; ++i) co_await sleep(0s);
              }),
              (lines{"Task exception was never retrieved ValueError in cleanup", "ignoring 1",
                     "Task exception was never retrieved RuntimeError async generator ignored GeneratorExit"}));
}

TEST(abandoned_async_generator, is_not_destroyed_until_it_is_closed) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  struct going {
                      explicit going(recorder& to) : say(to) {}
                      going(const going&) = delete;
                      going& operator=(const going&) = delete;
                      ~going() { say("destroyed"); }
                      recorder& say;
                  };
                  const auto body = [](recorder& to) -> async_generator<int> {
                      const going local(to);
                      co_yield 1;
                      co_yield 2;
                  };
                  std::optional<async_generator<int>> g(body(say));
                  const auto s = co_await g->next();
                  g.reset();
                  say("dropped", *s);  // what it has yielded is there still, until the task waits
                  co_await sleep(1ms);
                  say("later");
              }),
              (lines{"dropped 1", "destroyed", "later"}));
}

TEST(abandoned_async_generator, closes_those_that_it_loops_over) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto doubled = [](async_generator<int> of) -> async_generator<int> {
                      while (auto s = co_await of.next()) co_yield 2 * *s;
                  };
                  {
                      auto g = doubled(doubled(counting(say, "c")));
                      co_await g.next();
                      say(*co_await g.next());
                  }
                  co_await sleep(10ms);
                  say("slept");
              }),
              (lines{"4", "c exit", "c cleaned", "slept"}));
}

TEST(abandoned_async_generator, that_delegates_to_one_of_its_owner_keeps_it) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto delegating = [](async_generator<int>& to) -> async_generator<int> { co_yield from(to); };
                  {
                      auto sub = counting(say, "sub");
                      auto g = delegating(sub);
                      co_await show(say, g.next());
                  }
                  co_await sleep(10ms);
                  say("slept");
              }),
              (lines{"gave 0", "sub exit", "sub cleaned", "slept"}));
}

// SEMANTICS 41. The order is that of their starts, one after the other; CPython closes all at once, in the order of a set.
// It has cancelled "last" with the tasks, before its closing has begun: that body is raised CancelledError there.
TEST(run, closes_the_async_generators_that_are_left_when_it_has_cancelled_the_tasks) {
    std::optional<async_generator<int>> kept;
    std::optional<async_generator<int>> kept_too;
    std::optional<async_generator<int>> fails;
    EXPECT_EQ(
        said_by([&](recorder& say) -> task<> {
            report_to(say);
            kept.emplace(numbers(say, "kept"));
            kept_too.emplace(numbers(say, "kept too"));
            fails.emplace(failing());
            co_await kept->next();
            co_await kept_too->next();
            co_await fails->next();
            const auto forever = [](recorder& to) -> task<> {
                try {
                    co_await sleep(100s);
                } catch (const cancelled_error&) {
                    to("task cancelled");
                    throw;
                }
            };
            create_task(forever(say));
            co_await sleep(0s);
            auto last = numbers(say, "last");
            co_await last.next();
            say("main ends");
        }),
        (lines{"main ends", "task cancelled", "kept exit", "kept cleaned", "kept too exit", "kept too cleaned",
               "an error occurred during closing of asynchronous generator <async_generator> ValueError in cleanup",
               "last exit", "last cleaned"}));
    EXPECT_EQ(kept->state(), generator_state::closed);
    EXPECT_EQ(fails->state(), generator_state::closed);
}

TEST(run, closes_an_async_generator_before_those_that_it_owns) {
    std::optional<async_generator<int>> kept;
    EXPECT_EQ(said_by([&](recorder& say) -> task<> {
                  const auto owner = [](recorder& to) -> async_generator<int> {
                      auto owned = counting(to, "owned");
                      try {
                          while (auto s = co_await owned.next()) co_yield *s;
                      } catch (const generator_exit&) {
                          to("owner exit");
                          throw;
                      }
                  };
                  kept.emplace(owner(say));
                  co_await show(say, kept->next());
              }),
              (lines{"gave 0", "owner exit", "owned exit", "owned cleaned"}));
}

TEST(run, waits_for_the_closing_of_what_main_has_dropped) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = counting(say, "g");
                  co_await g.next();
                  std::vector<async_generator<int>> more;
                  for (int i = 0; i < 3; ++i) {
                      more.push_back(counting(say, std::to_string(i)));
                      co_await more.back().next();
                  }
              }),
              (lines{"0 exit", "0 cleaned", "1 exit", "1 cleaned", "2 exit", "2 cleaned", "g exit", "g cleaned"}));
}

TEST(run, cancels_a_closing_that_has_begun_as_any_task) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  {
                      auto g = counting(say, "g");
                      co_await g.next();
                  }
                  co_await sleep(0s);
              }),
              (lines{"g exit"}));
}

// CPython raises CancelledError in its body instead. The handles keep the Tasks' frames beyond the loop.
TEST(run, closes_what_was_dropped_though_the_closing_task_was_cancelled_before_it_began) {
    std::vector<any_task> held;
    EXPECT_EQ(said_by([&](recorder& say) -> task<> {
                  {
                      auto g = counting(say, "g");
                      co_await g.next();
                  }
                  co_await sleep(0s);
                  held = all_tasks();
                  held.back().cancel();
              }),
              (lines{"g exit", "g cleaned"}));
    EXPECT_EQ(held.size(), 2U);
}

TEST(abandoned_async_generator, is_destroyed_where_no_loop_runs) {
    recorder say;
    std::optional<async_generator<int>> kept;
    event_loop loop;
    loop.call_soon([&] {
        const auto start = [](std::optional<async_generator<int>>& to, recorder& r, event_loop& on) -> task<> {
            to.emplace(counting(r, "g"));
            co_await to->next();
            on.stop();
        };
        create_task(start(kept, say, loop));
    });
    loop.run_forever();
    EXPECT_EQ(kept->state(), generator_state::suspended);
    kept.reset();
    EXPECT_EQ(say.said(), lines{});
}

TEST(abandoned_async_generator, is_destroyed_with_its_loop_if_that_is_not_run_any_more) {
    int alive = 0;
    {
        event_loop loop;
        loop.call_soon([&] {
            const auto body = [](int& counted) -> async_generator<int> {
                struct counter {
                    explicit counter(int& n) : of(n) { ++of; }
                    counter(const counter&) = delete;
                    counter& operator=(const counter&) = delete;
                    ~counter() { --of; }
                    int& of;
                };
                const counter local(counted);
                co_yield 1;
            };
            const auto use = [](async_generator<int> g, event_loop& on) -> task<> {
                co_await g.next();
                on.stop();
            };
            create_task(use(body(alive), loop));
        });
        loop.run_forever();
        EXPECT_EQ(alive, 1);
    }
    EXPECT_EQ(alive, 0);
}

async_generator<int> cannot_be_closed() {
    bool closing = false;
    try {
        co_yield 1;
    } catch (const generator_exit&) {
        closing = true;
    }
    if (closing) co_await create_future<>();
}

// CPython waits for ever.
TEST(abandoned_async_generator, that_does_not_end_when_it_is_closed_is_reported) {
    std::optional<async_generator<int>> kept(cannot_be_closed());
    lines reported;
    const auto program = [&]() -> task<> {
        current_loop().set_exception_handler(
            [&](event_loop&, const error_context& context) { reported.push_back(context.message); });
        co_await kept->next();
    };
    run(program(), {.virtual_time = true});
    EXPECT_EQ(reported, (lines{"an asynchronous generator did not end when fermata::run() closed it"}));
}

}  // namespace
