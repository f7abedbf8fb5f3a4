// `co_yield from(sub)` in async generators (PEP 828). The expectations are what CPython 3.13 does with the same programs of
// generators that do not await (PEP 380), which PEP 828 follows.

#include "async_steps.hpp"

#include <fermata/base/config.hpp>
#include <fermata/task/runner.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::lines;
using tests::recorder;
using tests::said_by;
using tests::show;

using result = std::optional<int>;
using speaking = async_generator<std::string, std::optional<int>, result>;

struct says_when_it_goes {
    recorder& say;
    std::string name;
    says_when_it_goes(recorder& to, std::string who) : say(to), name(std::move(who)) {}
    says_when_it_goes(const says_when_it_goes&) = delete;
    says_when_it_goes& operator=(const says_when_it_goes&) = delete;
    ~says_when_it_goes() { say(name, "cleaned"); }
};

// Yields its name with 0 to n-1, and awaits before each.
speaking inner(recorder& say, std::string name, int n, int given) {
    const says_when_it_goes cleaning(say, name);
    try {
        for (int i = 0; i < n; ++i) {
            co_await sleep(1ms);
            try {
                const std::optional<int> got = co_yield name + std::to_string(i);
                if (got) say(name, "got", *got);
            } catch (const value_error& e) {
                say(name, "caught", e.what());
            }
        }
    } catch (const generator_exit&) {
        say(name, "exit");
        throw;
    }
    co_return given;
}

// sub is a speaking, or a reference to one.
template <class Sub>
speaking outer(recorder& say, Sub sub, std::string name = "outer") {
    const says_when_it_goes cleaning(say, name);
    try {
        const result given = co_yield from(std::forward<Sub>(sub));
        say(name, "result", given.value_or(-1));
        co_yield "after";
    } catch (const generator_exit&) {
        say(name, "exit");
        throw;
    }
    co_return 100;
}
speaking over(recorder& say, speaking sub, std::string name = "outer") {
    return outer<speaking>(say, std::move(sub), std::move(name));
}
speaking over_borrowed(recorder& say, speaking& sub) { return outer<speaking&>(say, sub); }

// Catches value_error from what it delegates to.
speaking catching(recorder& say, speaking sub) {
    try {
        co_yield from(std::move(sub));
    } catch (const value_error& e) {
        say("middle caught", e.what());
    }
    co_return 0;
}

speaking raising_when_closed() {
    try {
        co_yield "1";
    } catch (const generator_exit&) {
        throw value_error("in close");
    }
    co_return 0;
}

TEST(async_delegation, sends_throws_and_results_pass_through) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = over(say, inner(say, "a", 3, 7));
                  co_await show(say, g.next());
                  co_await show(say, g.asend(5));
                  co_await show(say, g.athrow(value_error("v")));
                  co_await show(say, g.next());
                  const auto end = co_await g.next();
                  say(!end, end.result()->value());
              }),
              (lines{"gave a0", "a got 5", "gave a1", "a caught v", "gave a2", "a cleaned", "outer result 7",
                     "gave after", "outer cleaned", "true 100"}));
}

// SEMANTICS 20.
TEST(async_delegation, closes_the_innermost_first) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = over(say, over(say, inner(say, "a", 3, 7), "middle"));
                  co_await show(say, g.next());
                  co_await show(say, g.aclose());
                  co_await show(say, g.next());
              }),
              (lines{"gave a0", "a exit", "a cleaned", "middle exit", "middle cleaned", "outer exit", "outer cleaned",
                     "done", "ended"}));
}

TEST(async_delegation, awaits_while_it_closes) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto outermost = [](async_generator<int> sub) -> async_generator<int> {
                      co_yield from(std::move(sub));
                  };
                  auto g = outermost(outermost(tests::counting(say, "c")));
                  co_await show(say, g.next());
                  co_await show(say, g.next());
                  co_await show(say, g.aclose());
                  say(current_loop().time() / 1ms);
              }),
              (lines{"gave 0", "gave 1", "c exit", "c cleaned", "done", "5"}));
}

// SEMANTICS 19.
TEST(async_delegation, raises_in_the_outer_what_the_inner_does_not_catch) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = over(say, over(say, inner(say, "a", 3, 7), "middle"));
                  co_await show(say, g.next());
                  co_await show(say, g.athrow(index_error("k")));
                  co_await show(say, g.next());
                  auto h = catching(say, over(say, inner(say, "b", 3, 7), "middle"));
                  const auto failing = [](speaking sub) -> speaking {
                      co_yield from(std::move(sub));
                      throw value_error("own");
                  };
                  auto f = catching(say, failing(inner(say, "c", 0, 1)));
                  co_await show(say, f.next());
              }),
              (lines{"gave a0", "a cleaned", "middle cleaned", "outer cleaned", "IndexError k", "ended", "c cleaned",
                     "middle caught own", "ended"}));
}

// SEMANTICS 21.
TEST(async_delegation, raises_in_the_outer_what_closing_the_inner_raises_and_then_goes_on_closing) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = over(say, catching(say, raising_when_closed()));
                  co_await show(say, g.next());
                  co_await show(say, g.aclose());
                  auto direct = over(say, raising_when_closed(), "direct");
                  co_await show(say, direct.next());
                  co_await show(say, direct.aclose());
              }),
              (lines{"gave 1", "middle caught in close", "outer exit", "outer cleaned", "done", "gave 1",
                     "direct cleaned", "ValueError in close"}));
}

TEST(async_delegation, tells_the_outer_that_an_inner_has_yielded_when_it_was_closed) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto yielding_more = [](recorder& to, speaking sub) -> speaking {
                      try {
                          co_yield from(std::move(sub));
                      } catch (const value_error& e) {
                          to("middle caught", e.what());
                      }
                      co_yield "more";
                      co_return 0;
                  };
                  auto g = over(say, yielding_more(say, raising_when_closed()));
                  co_await show(say, g.next());
                  co_await show(say, g.aclose());
                  const auto delegating_anew = [](recorder& to, speaking sub) -> speaking {
                      try {
                          co_yield from(std::move(sub));
                      } catch (const generator_exit&) {
                          to("anew");
                      }
                      co_yield from(inner(to, "n", 2, 3));
                      co_return 0;
                  };
                  auto h = over(say, delegating_anew(say, inner(say, "a", 3, 7)), "o");
                  co_await show(say, h.next());
                  co_await show(say, h.aclose());
              }),
              (lines{"gave 1", "middle caught in close", "outer cleaned",
                     "RuntimeError async generator ignored GeneratorExit", "gave a0", "a exit", "a cleaned", "anew",
                     "n cleaned", "o cleaned", "RuntimeError async generator ignored GeneratorExit"}));
}

TEST(async_delegation, gives_an_inner_that_ignored_its_closing_back_to_its_owner) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto ignoring = [](recorder& to) -> speaking {
                      for (int i = 0; i < 3; ++i) {
                          try {
                              co_yield "1";
                          } catch (const generator_exit&) {
                              to("ignored");
                          }
                      }
                      co_return 0;
                  };
                  auto sub = ignoring(say);
                  auto g = over_borrowed(say, sub);
                  co_await show(say, g.next());
                  co_await show(say, g.aclose());
                  co_await show(say, sub.next());
                  co_await show(say, g.next());
              }),
              (lines{"gave 1", "ignored", "outer cleaned", "RuntimeError async generator ignored GeneratorExit",
                     "gave 1", "ended"}));
}

// SEMANTICS 15.
TEST(async_delegation, lets_the_root_yield_when_generator_exit_was_thrown_in) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto rooted = [](recorder& to, speaking sub) -> speaking {
                      try {
                          co_yield from(std::move(sub));
                      } catch (const generator_exit&) {
                          to("root caught exit");
                      }
                      co_yield "still";
                      co_return 0;
                  };
                  auto g = rooted(say, over(say, inner(say, "a", 3, 7)));
                  co_await show(say, g.next());
                  co_await show(say, g.athrow(generator_exit()));
                  co_await show(say, g.next());
              }),
              (lines{"gave a0", "a exit", "a cleaned", "outer exit", "outer cleaned", "root caught exit", "gave still",
                     "ended"}));
}

// SEMANTICS 22.
TEST(async_delegation, continues_a_borrowed_one_where_it_was_and_gives_none_for_one_that_has_ended) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto sub = inner(say, "b", 3, 9);
                  co_await show(say, sub.next());
                  auto g = over_borrowed(say, sub);
                  for (int i = 0; i < 4; ++i) co_await show(say, g.next());
                  co_await show(say, sub.next());
                  auto again = over_borrowed(say, sub);
                  co_await show(say, again.next());
                  co_await show(say, again.aclose());
              }),
              (lines{"gave b0", "gave b1", "gave b2", "b cleaned", "outer result 9", "gave after", "outer cleaned",
                     "ended", "ended", "outer result -1", "gave after", "outer exit", "outer cleaned", "done"}));
}

TEST(async_delegation, refuses_steps_of_one_that_another_delegates_to) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto sub = inner(say, "b", 3, 9);
                  auto g = over_borrowed(say, sub);
                  co_await show(say, g.next());
                  co_await show(say, sub.next());
                  co_await show(say, sub.aclose());
                  say(sub.state() == generator_state::running, g.state() == generator_state::suspended);
                  auto second = over_borrowed(say, sub);
                  co_await show(say, second.next());
                  co_await show(say, g.next());
              }),
              (lines{"gave b0", "RuntimeError anext(): asynchronous generator is already running",
                     "RuntimeError aclose(): asynchronous generator is already running", "true true", "outer cleaned",
                     "RuntimeError anext(): asynchronous generator is already running", "gave b1",
                     // by the loop, when the program has dropped them:
                     "b exit", "b cleaned", "outer exit", "outer cleaned"}));
}

TEST(async_delegation, keeps_a_borrowed_one_that_its_owner_drops) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto sub = std::make_unique<speaking>(inner(say, "b", 2, 9));
                  auto g = over_borrowed(say, *sub);
                  co_await show(say, g.next());
                  sub.reset();
                  co_await show(say, g.next());
                  co_await show(say, g.next());
                  co_await show(say, g.next());
              }),
              (lines{"gave b0", "gave b1", "b cleaned", "outer result 9", "gave after", "outer cleaned", "ended"}));
}

TEST(async_delegation, passes_a_cancellation_to_the_innermost_await) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = over(say, over(say, inner(say, "a", 3, 7), "middle"));
                  const auto step = [](recorder& to, speaking& of) -> task<> { co_await show(to, of.next()); };
                  auto stepping = create_task(step(say, g));
                  co_await sleep(0s);
                  stepping.cancel();
                  co_await stepping;
              }),
              (lines{"a cleaned", "middle cleaned", "outer cleaned", "CancelledError"}));
}

TEST(async_delegation, converts_what_is_yielded_and_sent) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto narrow = [](recorder& to) -> async_generator<int, std::optional<long>, int> {
                      const std::optional<long> first = co_yield 1;
                      to("got", first.value_or(-1));
                      bool caught = false;
                      try {
                          co_yield 2;
                      } catch (const value_error&) {
                          caught = true;
                      }
                      to("caught", caught);
                      try {
                          co_yield 3;
                      } catch (const generator_exit&) {
                          to("exit");
                          throw;
                      }
                      co_return 4;
                  };
                  const auto wide = [](async_generator<int, std::optional<long>, int> sub)
                      -> async_generator<double, std::optional<int>, result> {
                      const int given = co_yield from(std::move(sub));
                      co_return given;
                  };
                  auto g = wide(narrow(say));
                  co_await show(say, g.next());
                  co_await show(say, g.asend(5));
                  co_await show(say, g.athrow(value_error("v")));
                  co_await show(say, g.aclose());
                  auto h = wide(narrow(say));
                  for (int i = 0; i < 3; ++i) co_await h.next();
                  const auto end = co_await h.next();
                  say("result", end.result()->value());
              }),
              (lines{"gave 1", "got 5", "gave 2", "caught true", "gave 3", "exit", "done", "got -1", "caught false",
                     "result 4"}));
}

TEST(async_delegation, to_one_that_waits_for_a_value_is_refused) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto adding = []() -> async_generator<int, int> {
                      int sum = 0;
                      for (;;) {
                          const int more = co_yield sum;
                          sum += more;
                      }
                  };
                  const auto delegating = [](async_generator<int, int>& sub) -> async_generator<int, int> {
                      co_yield from(sub);
                  };
                  auto sub = adding();
                  auto g = delegating(sub);
                  co_await show(say, g.next());
                  co_await show(say, g.asend(3));
                  auto started = adding();
                  co_await started.next();
                  auto h = delegating(started);
                  co_await show(say, h.next());
                  co_await show(say, started.asend(4));
              }),
              (lines{"gave 0", "gave 3",
                     "TypeError the async generator delegated to waits for a value, and yield from starts with None",
                     "gave 4"}));
}

constexpr int deep = FERMATA_DETAIL_ASAN || FERMATA_DETAIL_TSAN ? 20'000 : 100'000;

// Each is started by delegating to it; those that were never started are nested objects.
async_generator<int> nested(int depth, int& alive) {
    const auto count = [&alive](void*) { --alive; };
    ++alive;
    const std::unique_ptr<int, decltype(count)> counted(&alive, count);
    if (depth > 0) co_yield from(nested(depth - 1, alive));
    for (int i = 0; i < 3; ++i) co_yield i;
}

TEST(async_delegation, is_of_any_depth_to_step_and_to_close) {
    int alive = 0;
    const auto program = [](int& counted) -> task<> {
        auto g = nested(deep, counted);
        for (int i = 0; i < 6; ++i) {
            const auto s = co_await g.next();
            EXPECT_EQ(*s, i % 3);
        }
        EXPECT_EQ(counted, deep);
        co_await g.aclose();
        EXPECT_EQ(counted, 0);
        auto raising = nested(deep, counted);
        co_await raising.next();
        EXPECT_EQ(counted, deep + 1);
    };
    run(program(alive));
    EXPECT_EQ(alive, 0) << "the loop closes it";
}

TEST(async_delegation, is_of_any_depth_to_throw_through) {
    constexpr int less_deep = deep / 20;  // an exception costs a capture and a rethrow a level
    int alive = 0;
    const auto program = [](int& counted) -> task<> {
        auto g = nested(less_deep, counted);
        co_await g.next();
        try {
            co_await g.athrow(value_error("through"));
        } catch (const value_error&) {
            EXPECT_EQ(counted, 0);
        }
    };
    run(program(alive));
}

TEST(async_delegation, is_of_any_depth_to_destroy_without_a_loop) {
    int alive = 0;
    std::optional<async_generator<int>> kept;
    auto loop = std::make_unique<event_loop>();
    const auto program = [](std::optional<async_generator<int>>& to, int& counted, event_loop& on) -> task<> {
        to.emplace(nested(deep, counted));
        co_await to->next();
        on.stop();
    };
    const auto begin = [&] { create_task(program(kept, alive, *loop)); };
    loop->call_soon(begin);
    loop->run_forever();
    EXPECT_EQ(alive, deep + 1);
    kept.reset();
    EXPECT_EQ(alive, 0);
}

async_generator<int> one_and_two() {
    co_yield 1;
    co_yield 2;
}

async_generator<int> through(async_generator<int>& borrowed) { co_yield from(borrowed); }

// Without a loop it is destroyed where it stands. Ours: CPython's is collected.
TEST(async_delegation, given_back_by_who_is_destroyed_goes_on) {
    runner r({.virtual_time = true});
    auto inner = one_and_two();
    std::optional<async_generator<int>> outer(through(inner));
    const auto step = [](async_generator<int>& of) -> task<int> { co_return *co_await of.next(); };
    EXPECT_EQ(r.run(step(*outer)), 1);
    outer.reset();
    EXPECT_EQ(r.run(step(inner)), 2);
}

}  // namespace
