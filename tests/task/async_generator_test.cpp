// The protocol (unstarted, thrown in, closed, ignored, overlapping, used twice, cancelled, anext): CPython 3.13 was run with
// the same steps, and the expectations are its output. What Python does not have (types, moves, return values) is ours.

#include "async_steps.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::lines;
using tests::recorder;
using tests::said_by;
using tests::show;

async_generator<int> numbers(int n) {
    for (int i = 0; i < n; ++i) {
        co_await sleep(1ms);
        co_yield i;
    }
}

using echoing = async_generator<int, std::optional<int>>;
echoing echo() {
    int last = 0;
    for (;;) {
        const std::optional<int> got = co_yield last;
        last = got.value_or(-1);
    }
}

// For tasks: a step is an object of the expression that awaits it.
template <class Generator>
task<> show_next(recorder& say, Generator& g) {
    co_await show(say, g.next());
}

const char* name_of(generator_state state) {
    switch (state) {
    case generator_state::created: return "created";
    case generator_state::running: return "running";
    case generator_state::suspended: return "suspended";
    case generator_state::closed: return "closed";
    }
    return "?";
}

TEST(async_generator, gives_what_its_body_yields_while_the_body_awaits) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = numbers(3);
                  while (auto s = co_await g.next()) say(*s, current_loop().time() / 1ms);
              }),
              (lines{"0 1", "1 2", "2 3"}));
}

TEST(async_generator, runs_nothing_before_its_first_step_is_awaited) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [](recorder& to) -> async_generator<int> {
                      to("starts");
                      co_yield 1;
                      to("goes on");
                  };
                  auto g = body(say);
                  auto step = g.next();
                  say("made");
                  const auto given = co_await step;
                  say("given", *given);
                  const auto end = co_await g.next();
                  say("ended", !end);
              }),
              (lines{"made", "starts", "given 1", "goes on", "ended true"}));
}

TEST(async_generator, ends_with_what_it_returns_and_then_gives_nothing) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = []() -> async_generator<int, void, std::string> {
                      co_yield 1;
                      co_return "result";
                  };
                  auto g = body();
                  say(*co_await g.next());
                  const auto end = co_await g.next();
                  say(!end, end.result().value_or("none"));
                  const auto again = co_await g.next();
                  say(!again, again.result().value_or("none"));
                  auto plain = numbers(0);
                  const auto first = co_await plain.next();
                  const auto second = co_await plain.next();
                  say(first.result(), second.result());
              }),
              (lines{"1", "true result", "true none", "true false"}));
}

// SEMANTICS 27.
TEST(async_generator, that_was_not_started_refuses_a_value_and_can_be_started_still) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = echo();
                  co_await show(say, g.asend(5));
                  say(name_of(g.state()));
                  co_await show(say, g.asend(std::nullopt));
                  co_await show(say, g.asend(7));
                  co_await show(say, g.next());
              }),
              (lines{"TypeError can't send non-None value to a just-started async generator", "created", "gave 0",
                     "gave 7", "gave -1"}));
}

TEST(async_generator, that_cannot_be_sent_none_is_started_by_next_and_then_sent_values) {
    EXPECT_EQ(
        said_by([](recorder& say) -> task<> {
            const auto add = []() -> async_generator<int, int> {
                int sum = 0;
                for (;;) {
                    const int more = co_yield sum;
                    sum += more;
                }
            };
            auto g = add();
            co_await show(say, g.asend(1));
            co_await show(say, g.next());
            co_await show(say, g.asend(2));
            co_await show(say, g.next());
            co_await show(say, g.asend(3));
        }),
        (lines{"TypeError can't send non-None value to a just-started async generator", "gave 0", "gave 2",
               "TypeError this async generator waits for a value: next() can only start it, call asend()", "gave 5"}));
}

TEST(async_generator, raises_at_its_yield_what_is_thrown_in) {
    EXPECT_EQ(
        said_by([](recorder& say) -> task<> {
            const auto catching = [](recorder& to) -> async_generator<int> {
                for (int i = 0; i < 9; ++i) {
                    bool caught = false;
                    try {
                        co_yield i;
                    } catch (const value_error& e) {
                        to("caught", e.what());
                        caught = true;
                    }
                    if (caught) co_yield -1;
                }
            };
            auto g = catching(say);
            co_await show(say, g.next());
            co_await show(say, g.athrow(value_error("v")));
            co_await show(say, g.next());
            co_await show(say, g.athrow(std::make_exception_ptr(value_error("p"))));
            co_await show(say, g.next());
            co_await show(say, g.athrow(index_error("k")));
            co_await show(say, g.next());
        }),
        (lines{"gave 0", "caught v", "gave -1", "gave 1", "caught p", "gave -1", "gave 2", "IndexError k", "ended"}));
}

TEST(async_generator, that_was_not_started_is_closed_by_a_throw_and_an_ended_one_drops_it) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = echo();
                  co_await show(say, g.athrow(value_error("x")));
                  say(name_of(g.state()));
                  co_await show(say, g.next());
                  co_await show(say, g.athrow(value_error("y")));
                  auto stopped = echo();
                  co_await show(say, stopped.athrow(stop_async_iteration()));
                  auto exited = echo();
                  co_await show(say, exited.athrow(generator_exit()));
                  co_await show(say, exited.next());
              }),
              (lines{"ValueError x", "closed", "ended", "ended", "StopAsyncIteration", "GeneratorExit", "ended"}));
}

TEST(async_generator, refuses_to_be_thrown_nothing) {
    auto g = echo();
    EXPECT_THROW(static_cast<void>(g.athrow(std::exception_ptr())), type_error);
}

TEST(async_generator, lets_generator_exit_that_is_thrown_in_pass_and_may_yield_then) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto passing = echo();
                  co_await show(say, passing.next());
                  co_await show(say, passing.athrow(generator_exit()));
                  auto g = tests::ignoring_exits(say);
                  co_await show(say, g.next());
                  co_await show(say, g.athrow(generator_exit()));
                  co_await show(say, g.athrow(std::make_exception_ptr(generator_exit())));
                  co_await show(say, g.aclose());
              }),
              (lines{"gave 0", "GeneratorExit", "gave 0", "exit ignored", "gave 1", "exit ignored", "gave 2",
                     "exit ignored", "RuntimeError async generator ignored GeneratorExit"}));
}

// SEMANTICS 25.
TEST(async_generator, from_which_the_end_of_an_iteration_escapes_raises_runtime_error_with_its_cause) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = echo();
                  co_await g.next();
                  co_await show(say, g.athrow(stop_iteration(5)));
                  auto h = echo();
                  co_await h.next();
                  co_await show(say, h.athrow(stop_async_iteration(5)));
                  co_await show(say, h.next());
              }),
              (lines{"RuntimeError async generator raised StopIteration, from StopIteration",
                     "RuntimeError async generator raised StopAsyncIteration, from StopAsyncIteration", "ended"}));
}

// SEMANTICS 28.
TEST(async_generator, that_was_not_started_runs_nothing_when_it_is_closed_and_may_be_closed_again) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = tests::counting(say, "g");
                  co_await show(say, g.aclose());
                  say(name_of(g.state()));
                  co_await show(say, g.next());
                  co_await show(say, g.aclose());
              }),
              (lines{"done", "closed", "ended", "done"}));
}

TEST(async_generator, is_raised_generator_exit_when_it_is_closed_and_may_await_then) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = tests::counting(say, "g");
                  co_await show(say, g.next());
                  co_await show(say, g.aclose());
                  say(current_loop().time() / 1ms, name_of(g.state()));
                  co_await show(say, g.aclose());
                  co_await show(say, g.next());
              }),
              (lines{"gave 0", "g exit", "g cleaned", "done", "5 closed", "done", "ended"}));
}

TEST(async_generator, may_return_when_it_is_closed_and_raises_what_else_it_raises) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto returning = []() -> async_generator<int, void, int> {
                      try {
                          co_yield 1;
                      } catch (const generator_exit&) {
                      }
                      co_return 5;
                  };
                  auto g = returning();
                  co_await g.next();
                  co_await show(say, g.aclose());
                  const auto after = co_await g.next();
                  say(after.result().has_value());
                  const auto failing = []() -> async_generator<int> {
                      try {
                          co_yield 1;
                      } catch (const generator_exit&) {
                          throw value_error("in cleanup");
                      }
                  };
                  auto f = failing();
                  co_await f.next();
                  co_await show(say, f.aclose());
                  co_await show(say, f.aclose());
              }),
              (lines{"done", "false", "ValueError in cleanup", "done"}));
}

// SEMANTICS 25. What follows is CPython's: it has marked the generator as closed, though it goes on.
TEST(async_generator, that_yields_when_it_is_closed_has_ignored_it) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = tests::ignoring_exits(say);
                  co_await show(say, g.next());
                  co_await show(say, g.aclose());
                  say(name_of(g.state()));
                  co_await show(say, g.next());
                  co_await show(say, g.aclose());
                  co_await show(say, g.athrow(value_error("x")));
                  co_await show(say, g.next());
              }),
              (lines{"gave 0", "exit ignored", "RuntimeError async generator ignored GeneratorExit", "suspended",
                     "gave 2", "StopAsyncIteration", "StopAsyncIteration", "gave 3"}));
}

// SEMANTICS 27.
TEST(async_generator, refuses_a_step_while_another_is_awaited) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto slow = []() -> echoing {
                      co_await sleep(1s);
                      co_yield 1;
                      co_await sleep(1s);
                      co_yield 2;
                  };
                  auto g = slow();
                  auto first = create_task(show_next(say, g));
                  co_await sleep(0s);
                  say(name_of(g.state()));
                  co_await show(say, g.next());
                  co_await show(say, g.asend(3));
                  co_await show(say, g.athrow(value_error("x")));
                  co_await show(say, g.aclose());
                  co_await first;
                  say(name_of(g.state()));
              }),
              (lines{"running", "RuntimeError anext(): asynchronous generator is already running",
                     "RuntimeError anext(): asynchronous generator is already running",
                     "RuntimeError athrow(): asynchronous generator is already running",
                     "RuntimeError aclose(): asynchronous generator is already running", "gave 1", "suspended"}));
}

TEST(async_generator, refuses_to_be_stepped_by_its_own_body) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  async_generator<int>* self = nullptr;
                  const auto selfish = [](recorder& to, async_generator<int>*& own) -> async_generator<int> {
                      co_await show(to, own->next());
                      co_await show(to, own->aclose());
                      co_yield 1;
                  };
                  auto g = selfish(say, self);
                  self = &g;
                  co_await show(say, g.next());
              }),
              (lines{"RuntimeError anext(): asynchronous generator is already running",
                     "RuntimeError aclose(): asynchronous generator is already running", "gave 1"}));
}

TEST(async_generator, is_cancelled_at_the_await_in_its_body_with_the_task_that_steps_it) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto slow = [](recorder& to) -> async_generator<int> {
                      try {
                          const auto deeper = []() -> task<> { co_await sleep(1s); };
                          co_await deeper();
                          co_yield 1;
                      } catch (const cancelled_error&) {
                          to("cancelled within");
                          throw;
                      }
                  };
                  auto g = slow(say);
                  auto stepping = create_task(show_next(say, g));
                  co_await sleep(0s);
                  stepping.cancel();
                  co_await show(say, stepping);
                  co_await show(say, g.next());
              }),
              (lines{"cancelled within", "CancelledError", "done", "ended"}));
}

TEST(async_generator, that_swallows_a_cancellation_goes_on) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto stubborn = []() -> async_generator<int> {
                      try {
                          co_await sleep(1s);
                      } catch (const cancelled_error&) {
                      }
                      co_yield 1;
                  };
                  auto g = stubborn();
                  auto stepping = create_task(show_next(say, g));
                  co_await sleep(0s);
                  stepping.cancel();
                  co_await stepping;
              }),
              (lines{"gave 1"}));
}

TEST(async_generator, has_steps_that_are_awaited_once) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = echo();
                  auto next = g.next();
                  co_await show(say, next);
                  co_await show(say, next);
                  auto send = g.asend(2);
                  co_await show(say, send);
                  co_await show(say, send);
                  auto thrown = g.athrow(value_error("q"));
                  co_await show(say, thrown);
                  co_await show(say, thrown);
                  auto close = g.aclose();
                  co_await show(say, close);
                  co_await show(say, close);
              }),
              (lines{"gave 0", "RuntimeError cannot reuse already awaited __anext__()/asend()", "gave 2",
                     "RuntimeError cannot reuse already awaited __anext__()/asend()", "ValueError q",
                     "RuntimeError cannot reuse already awaited aclose()/athrow()", "done",
                     "RuntimeError cannot reuse already awaited aclose()/athrow()"}));
}

// As SEMANTICS 34 has it of a coroutine that does not suspend.
TEST(async_generator, takes_no_turn_of_the_loop_but_for_what_its_body_awaits) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto ticker = [](recorder& to, int n) -> task<> {
                      for (int i = 0; i < n; ++i) {
                          to("tick", i);
                          co_await sleep(0s);
                      }
                  };
                  auto ticking = create_task(ticker(say, 3));
                  co_await sleep(0s);
                  auto g = echo();
                  for (int i = 0; i < 3; ++i) co_await show(say, g.next());
                  co_await show(say, g.aclose());
                  const auto giving_way = []() -> async_generator<int> {
                      co_await sleep(0s);
                      co_yield 1;
                  };
                  auto h = giving_way();
                  co_await show(say, h.next());
                  co_await ticking;
              }),
              (lines{"tick 0", "gave 0", "gave -1", "gave -1", "done", "tick 1", "gave 1", "tick 2"}));
}

TEST(async_generator, may_be_stepped_by_different_tasks_in_turn) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = numbers(3);
                  co_await create_task(show_next(say, g));
                  co_await create_task(show_next(say, g));
                  co_await show(say, g.next());
                  co_await show(say, g.next());
              }),
              (lines{"gave 0", "gave 1", "gave 2", "ended"}));
}

TEST(async_generator, that_was_moved_from_counts_as_closed) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = numbers(2);
                  auto h = std::move(g);
                  say(name_of(g.state()));  // NOLINT(bugprone-use-after-move)
                  co_await show(say, g.next());
                  co_await show(say, g.aclose());
                  co_await show(say, h.next());
                  h = numbers(1);
                  co_await show(say, h.next());
              }),
              (lines{"closed", "ended", "done", "gave 0", "gave 0"}));
}

TEST(async_generator, may_enter_scopes_between_its_yields) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto limited = []() -> async_generator<int> {
                      for (int i = 0; i < 3; ++i) {
                          int got = -1;
                          try {
                              const auto body = [&](timeout&) -> task<> {
                                  co_await sleep(i * 10ms);
                                  got = i;
                              };
                              co_await with(timeout(15ms), body);
                          } catch (const timeout_error&) {
                          }
                          co_yield got;
                      }
                  };
                  auto g = limited();
                  while (auto s = co_await g.next()) say(*s);
              }),
              (lines{"0", "1", "-1"}));
}

TEST(anext, gives_the_value_and_raises_stop_async_iteration_with_the_result_at_the_end) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = []() -> async_generator<std::string, void, int> {
                      const std::string kept = "kept";
                      co_yield kept;
                      co_yield kept + "!";
                      co_return 3;
                  };
                  auto g = body();
                  const std::string first = co_await anext(g);
                  const std::string second = co_await anext(g);
                  say(first, second);
                  for (int i = 0; i < 2; ++i) {
                      try {
                          co_await anext(g);
                      } catch (const stop_async_iteration& e) {
                          say(e.what(), e.has_value() ? e.value<int>() : -1);
                      }
                  }
              }),
              (lines{"kept kept!", "StopAsyncIteration 3", "StopAsyncIteration -1"}));
}

TEST(anext, gives_the_default_at_the_end_and_lets_errors_pass) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = []() -> async_generator<int> {
                      co_yield 1;
                      throw value_error("5");
                  };
                  auto g = body();
                  say(co_await anext(g, 3));
                  try {
                      co_await anext(g, 3);
                  } catch (const value_error& e) {
                      say(e.what());
                  }
                  say(co_await anext(g, 3));
              }),
              (lines{"1", "5", "3"}));
}

// docs/decisions/0003.
TEST(async_generator, hands_out_what_is_yielded_in_its_place) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const std::string* where = nullptr;
                  const auto body = [](const std::string*& own) -> async_generator<std::string> {
                      std::string kept = "kept";
                      own = &kept;
                      co_yield kept;
                      co_yield kept;
                  };
                  auto g = body(where);
                  const auto s = co_await g.next();
                  say(&*s == where, s->size());
                  const std::string taken = co_await anext(g);  // copied: the body still has it
                  say(taken, *where);
              }),
              (lines{"true 4", "kept kept"}));
}

TEST(async_generator, gives_references_and_objects_that_can_only_be_moved) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto cells = []() -> async_generator<int&, void, int> {
                      int cell = 1;
                      co_yield cell;
                      co_return cell;
                  };
                  auto g = cells();
                  *co_await g.next() = 5;
                  const auto end = co_await g.next();
                  say(*end.result());
                  const auto owners = []() -> async_generator<std::unique_ptr<int>, std::unique_ptr<int>> {
                      auto got = co_yield std::make_unique<int>(7);
                      co_yield std::move(got);
                  };
                  auto h = owners();
                  const std::unique_ptr<int> first = co_await anext(h);
                  auto s = co_await h.asend(std::make_unique<int>(8));
                  const std::unique_ptr<int> second = *s;
                  say(*first, *second);
              }),
              (lines{"5", "7 8"}));
}

task<int> sum_of(async_generator<int> g) {
    int sum = 0;
    while (auto s = co_await g.next()) sum += *s;
    co_return sum;
}

// g++ 12 miscompiles a condition with co_await where the function has no variable: here the condition declares one.
task<> only_a_loop(async_generator<int>& g, int& last) {
    while (auto s = co_await g.next()) last = *s;
}

TEST(async_generator, is_looped_over_by_a_while_with_a_declaration) {
    int last = 0;
    const auto program = [](int& to) -> task<int> {
        auto g = numbers(4);
        co_await only_a_loop(g, to);
        co_return co_await sum_of(numbers(4));
    };
    EXPECT_EQ(run(program(last), {.virtual_time = true}), 6);
    EXPECT_EQ(last, 3);
}

TEST(async_generator_deathtest, that_is_destroyed_while_a_step_is_awaited_ends_the_program) {
    const auto program = []() -> task<> {
        auto g = std::make_unique<async_generator<int>>(numbers(1));
        const auto step = [](async_generator<int>& of) -> task<> { co_await of.next(); };
        auto stepping = create_task(step(*g));
        co_await sleep(0s);
        g.reset();
    };
    EXPECT_DEATH(run(program()), "fermata: an async generator was destroyed while a step of it was awaited");
}

}  // namespace
