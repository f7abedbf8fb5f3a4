// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "jobs.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace fermata;
using namespace tests;

// Once it is cancelled, needs the delay to end.
task<> ends_late(recorder& say, const char* name, std::chrono::milliseconds delay, ending how = ending::well) {
    try {
        co_await sleep(100s);
    } catch (const cancelled_error&) {
        say(name, "cancelled");
    }
    co_await sleep(delay);
    say(name, "ends", now());
    if (how == ending::value_error) throw value_error(name);
}

// SEMANTICS 41.
TEST(run, cancels_what_is_left_and_waits_for_it) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  create_task(ends_late(say, "a", 20ms));
                  create_task(ends_late(say, "b", 10ms));
                  co_await sleep(1ms);
                  say("main ends");
              }),
              (lines{"main ends", "a cancelled", "b cancelled", "b ends 11", "a ends 21"}));
}

TEST(run, reports_what_they_raise_when_all_have_ended) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  current_loop().set_exception_handler([&say](event_loop&, const error_context& context) {
                      say(context.message, describe_exception(context.exception), context.source);
                  });
                  create_task(ends_late(say, "a", 20ms, ending::value_error), {.name = "one"});
                  create_task(ends_late(say, "b", 30ms, ending::value_error), {.name = "two"});
                  create_task(job(say, "c", 100s));
                  co_await sleep(1ms);
              }),
              (lines{"c starts", "a cancelled", "b cancelled", "c cancelled 1", "a ends 21", "b ends 31",
                     "unhandled exception during fermata::run() shutdown fermata::value_error: a <Task name='one'>",
                     "unhandled exception during fermata::run() shutdown fermata::value_error: b <Task name='two'>"}));
}

// The loop stops in the turn after main has ended, in which what main created last starts.
TEST(run, starts_what_main_creates_as_it_ends) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  create_task(job(say, "a", 1s));
                  co_return;
              }),
              (lines{"a starts", "a cancelled 0"}));
}

// CPython drops these: "Task was destroyed but it is pending!".
TEST(run, waits_for_what_is_created_while_it_cancels) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto left = [](recorder& to) -> task<> {
                      try {
                          co_await sleep(100s);
                      } catch (const cancelled_error&) {
                      }
                      create_task(job(to, "more", 1s));
                      co_await sleep(10ms);
                      to("left ends", now());
                  };
                  create_task(left(say));
                  co_await sleep(1ms);
              }),
              (lines{"more starts", "left ends 11", "more cancelled 11"}));
}

TEST(run, raises_what_main_raises_after_it_has_waited_for_the_others) {
    recorder say;
    const auto main = [&]() -> task<> {
        create_task(job(say, "a", 1s));
        co_await sleep(1ms);
        throw value_error("main");
    };
    EXPECT_THROW(run(main(), {.virtual_time = true}), value_error);
    EXPECT_EQ(say.said(), (lines{"a starts", "a cancelled 1"}));
}

TEST(run, raises_cancelled_error_if_main_is_cancelled) {
    const auto main = []() -> task<> {
        current_task().cancel();
        co_await sleep(0s);
    };
    EXPECT_THROW(run(main()), cancelled_error);
}

// SEMANTICS 39.
TEST(run, whose_loop_is_stopped_cancels_main_and_says_so) {
    recorder say;
    const auto main = [&]() -> task<> {
        current_loop().stop();
        try {
            co_await sleep(1s);
        } catch (const cancelled_error&) {
            say("main cancelled", now());
            current_loop().stop();
        }
        co_await sleep(1ms);
        say("cleaned up", now());
    };
    attempt(say, [&] { run(main(), {.virtual_time = true}); });
    EXPECT_EQ(say.said(), (lines{"main cancelled 0", "cleaned up 1", "Event loop stopped before Future completed."}));
}

TEST(run, on_virtual_time_says_that_main_waits_for_nothing) {
    bool cancelled = false;
    const auto main = [&]() -> task<> {
        try {
            co_await create_future();
        } catch (const cancelled_error&) {
            cancelled = true;
            throw;
        }
    };
    EXPECT_THROW(run(main(), {.virtual_time = true}), deadlock_error);
    EXPECT_TRUE(cancelled);
}

TEST(run, gives_what_main_returns) {
    const auto boxed = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(3); };
    EXPECT_EQ(*run(boxed()), 3);
    const auto main = []() -> task<> { co_return; };
    static_assert(std::is_void_v<decltype(run(main()))>);
    run(main());
    run(main());  // as often as one likes
}

TEST(run, sets_debug) {
    const auto asks = []() -> task<bool> { co_return current_loop().debug(); };
    EXPECT_TRUE(run(asks(), {.debug = true}));
    EXPECT_FALSE(run(asks()));
}

TEST(run, in_debug_mode_names_what_it_runs) {
    std::set<std::string> names;
    recorder say;  // of tasks that outlive the program's frame, too
    const auto program = [&]() -> task<> {
        current_loop().slow_callback_duration = std::chrono::nanoseconds(0);
        current_loop().set_exception_handler([&](event_loop&, const error_context& context) {
            names.insert(context.message.substr(10, context.message.find(" took ") - 10));
        });
        const std::vector some{create_task(job(say, "a", 2ms))};
        co_await wait(some, {.timeout = 1ms});
        co_await wait(some);
        co_await shield(create_task(job(say, "b", 1ms)));
        const std::vector more{create_task(job(say, "c", 1ms)), create_task(job(say, "d", 1h))};
        co_await sleep(0s);
        try {
            co_await wait_for(create_task(job(say, "e", 1ms)), 0s);
        } catch (const timeout_error&) {
            say("no time");
        }
        try {
            for (auto& next : as_completed(more, 2ms)) co_await next;
        } catch (const timeout_error&) {
            say("time is over");
        }
    };
    run(program(), {.virtual_time = true, .debug = true});
    for (const char* name :
         {"<wait>", "<timeout of wait>", "<shield>", "<wait_for>", "<as_completed>", "<timeout of as_completed>"}) {
        EXPECT_TRUE(names.contains(name)) << name;
    }
}

}  // namespace
