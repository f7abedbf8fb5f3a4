// The turns of the loop are CPython 3.13's, recorded by running the same programs.

#include "../task/jobs.hpp"
#include "../task/recorder.hpp"

#include <fermata/async.hpp>

#include <gtest/gtest.h>

#include <latch>
#include <memory>
#include <string>
#include <thread>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::lines;
using tests::recorder;
using tests::said_by;

template <class Error, class Function>
std::string raised_by(Function&& f) {
    try {
        f();
    } catch (const Error& e) {
        return std::string("raised ") + e.what();
    }
    return "nothing was raised";
}

task<int> returning(int n) { co_return n; }

task<int> failing() {
    throw value_error("wrong");
    co_return 0;
}

task<> sleep_for_ever() { co_await sleep(24h * 365); }

task<> a_turn(recorder& say, int n) {
    co_await sleep(0s);
    say("turn", n);
}

TEST(run_coroutine_threadsafe, gives_a_waiting_thread_what_the_coroutine_returns) {
    said_by([](recorder&) -> task<> {
        event_loop& loop = current_loop();
        const auto ask = [&] {
            const auto unique = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(4); };
            const auto nothing = []() -> task<> { co_await sleep(1s); };
            auto named = run_coroutine_threadsafe(returning(3), loop);
            EXPECT_EQ(named.result(), 3);
            EXPECT_EQ(named.result(), 3);
            EXPECT_EQ(named.exception(), nullptr);
            EXPECT_TRUE(named.done());
            EXPECT_FALSE(named.cancelled());
            EXPECT_EQ(*run_coroutine_threadsafe(unique(), loop).result(), 4);
            run_coroutine_threadsafe(nothing(), loop).result();
        };
        co_await to_thread(ask);
        EXPECT_EQ(loop.time(), 1s);
    });
}

TEST(run_coroutine_threadsafe, works_on_a_loop_that_another_thread_runs) {
    event_loop loop;
    std::thread runs([&] { loop.run_forever(); });
    auto later = run_coroutine_threadsafe(returning(1), loop);
    EXPECT_EQ(later.result(), 1);
    EXPECT_EQ(raised_by<value_error>([&] { run_coroutine_threadsafe(failing(), loop).result(1h); }), "raised wrong");
    loop.call_soon_threadsafe([&] { loop.stop(); });
    runs.join();
}

TEST(run_coroutine_threadsafe, gives_a_waiting_thread_what_the_coroutine_raises) {
    said_by([](recorder&) -> task<> {
        event_loop& loop = current_loop();
        const auto ask = [&] {
            auto failed = run_coroutine_threadsafe(failing(), loop);
            EXPECT_EQ(raised_by<value_error>([&] { failed.result(); }), "raised wrong");
            EXPECT_EQ(raised_by<value_error>([&] { std::rethrow_exception(failed.exception()); }), "raised wrong");
            EXPECT_TRUE(failed.done());
        };
        co_await to_thread(ask);
    });
}

TEST(run_coroutine_threadsafe, is_done_two_turns_after_the_coroutine_was_started) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto failed = run_coroutine_threadsafe(failing(), current_loop());
                  for (int i = 0; i < 3; ++i) {
                      co_await sleep(0s);
                      say(failed.done());
                  }
                  say(failed.cancel(), failed.cancelled());
                  failed.exception();
              }),
              (lines{"false", "false", "true", "false false"}));
}

TEST(run_coroutine_threadsafe, raises_timeout_error_when_the_result_does_not_come_in_time) {
    said_by([](recorder&) -> task<> {
        auto slow = run_coroutine_threadsafe(sleep_for_ever(), current_loop());
        EXPECT_EQ(raised_by<timeout_error>([&] { slow.result(0s); }), "raised ");
        EXPECT_EQ(raised_by<timeout_error>([&] { slow.result(-1s); }), "raised ");
        EXPECT_EQ(raised_by<timeout_error>([&] { slow.exception(1ms); }), "raised ");
        EXPECT_FALSE(slow.done());
        co_return;
    });
}

TEST(run_coroutine_threadsafe, that_is_cancelled_cancels_the_task) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto asked = run_coroutine_threadsafe(tests::job(say, "job", 1h), current_loop());
                  co_await a_turn(say, 0);
                  co_await a_turn(say, 1);
                  say(asked.cancel());
                  say(asked.cancelled(), asked.done(), asked.cancel());
                  co_await a_turn(say, 2);
                  co_await a_turn(say, 3);
                  say(raised_by<cancelled_error>([&] { asked.result(); }));
                  say(raised_by<cancelled_error>([&] { asked.exception(); }));
              }),
              (lines{"turn 0", "job starts", "turn 1", "true", "true true true", "turn 2", "job cancelled 0", "turn 3",
                     "raised CancelledError", "raised CancelledError"}));
}

TEST(run_coroutine_threadsafe, that_is_cancelled_before_the_task_is_there_still_runs_it_to_its_first_await) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto asked = run_coroutine_threadsafe(tests::job(say, "job", 1h), current_loop());
                  say(asked.cancel());
                  say(asked.cancelled(), asked.done());
                  for (int i = 0; i < 4; ++i) co_await a_turn(say, i);
              }),
              (lines{"true", "true true", "turn 0", "job starts", "turn 1", "job cancelled 0", "turn 2", "turn 3"}));
}

TEST(run_coroutine_threadsafe, whose_task_is_cancelled_is_cancelled) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  any_task inner;
                  const auto body = [&]() -> task<> {
                      inner = current_task();
                      co_await tests::job(say, "job", 1h);
                  };
                  auto asked = run_coroutine_threadsafe(body(), current_loop());
                  co_await a_turn(say, 0);
                  co_await a_turn(say, 1);
                  inner.cancel();
                  co_await a_turn(say, 2);
                  say(asked.done());
                  co_await a_turn(say, 3);
                  say(asked.done(), asked.cancelled(), asked.cancel());
                  say(raised_by<cancelled_error>([&] { asked.result(); }));
              }),
              (lines{"turn 0", "job starts", "turn 1", "job cancelled 0", "turn 2", "false", "turn 3", "true true true",
                     "raised CancelledError"}));
}

TEST(run_coroutine_threadsafe, wakes_a_thread_that_waits_when_another_cancels) {
    said_by([](recorder&) -> task<> {
        event_loop& loop = current_loop();
        auto asked = run_coroutine_threadsafe(sleep_for_ever(), loop);
        std::latch waits(1);
        std::thread waiting([&] {
            waits.count_down();
            EXPECT_EQ(raised_by<cancelled_error>([&] { asked.result(); }), "raised CancelledError");
        });
        waits.wait();
        const auto cancel = [asked] { return asked.cancel(); };
        EXPECT_TRUE(co_await to_thread(cancel));
        waiting.join();
    });
}

TEST(run_coroutine_threadsafe, that_was_cancelled_drops_what_the_task_gives_after_all_and_an_error_is_reported) {
    lines reported;
    EXPECT_EQ(said_by([&](recorder& say) -> task<> {
                  current_loop().set_exception_handler([&](event_loop&, const error_context& context) {
                      reported.push_back(context.message);
                      reported.push_back(raised_by<value_error>([&] { std::rethrow_exception(context.exception); }));
                  });
                  const auto late = []() -> task<> {
                      try {
                          co_await sleep(1h);
                      } catch (const cancelled_error&) {
                      }
                      throw value_error("late");
                  };
                  auto asked = run_coroutine_threadsafe(late(), current_loop());
                  for (int i = 0; i < 2; ++i) co_await a_turn(say, i);
                  asked.cancel();
                  for (int i = 2; i < 6; ++i) co_await a_turn(say, i);
                  say(asked.cancelled(), asked.cancel());
              }),
              (lines{"turn 0", "turn 1", "turn 2", "turn 3", "turn 4", "turn 5", "true true"}));
    EXPECT_EQ(reported, (lines{"Task exception was never retrieved", "raised late"}));
}

TEST(run_coroutine_threadsafe, on_a_closed_loop_says_so) {
    event_loop loop;
    loop.close();
    EXPECT_EQ(raised_by<runtime_error>([&] { run_coroutine_threadsafe(returning(1), loop); }),
              "raised Event loop is closed");
}

TEST(run_coroutine_threadsafe, is_cancelled_if_the_loop_is_closed_before_it_has_taken_the_coroutine) {
    concurrent_future<int> asked;
    {
        event_loop loop;
        asked = run_coroutine_threadsafe(returning(1), loop);
        EXPECT_FALSE(asked.done());
    }
    EXPECT_TRUE(asked.cancelled());
    EXPECT_EQ(raised_by<cancelled_error>([&] { asked.result(); }), "raised CancelledError");
    EXPECT_TRUE(asked.cancel());
}

TEST(run_coroutine_threadsafe, has_its_result_though_the_loop_is_closed_in_the_turn_before_it_would_hear) {
    concurrent_future<int> asked;
    const auto program = [&]() -> task<> {
        asked = run_coroutine_threadsafe(returning(1), current_loop());
        co_await sleep(0s);
    };
    run(program(), {.virtual_time = true});
    EXPECT_EQ(asked.result(), 1);
}

TEST(run_coroutine_threadsafe, is_cancelled_with_its_task_as_a_runner_closes) {
    recorder say;
    concurrent_future<std::string> asked;
    const auto program = [&]() -> task<> {
        asked = run_coroutine_threadsafe(tests::job(say, "job", 1h), current_loop());
        co_await tests::two_turns();
    };
    run(program(), {.virtual_time = true});
    EXPECT_TRUE(asked.cancelled());
    EXPECT_EQ(say.said(), (lines{"job starts", "job cancelled 0"}));
}

TEST(run_coroutine_threadsafe, is_cancelled_if_the_loop_is_closed_with_its_task_pending) {
    auto held = std::make_shared<int>(1);
    concurrent_future<> asked;
    {
        event_loop loop;
        const auto waiting = [](std::shared_ptr<int>) -> task<> { co_await sleep(1h); };
        asked = run_coroutine_threadsafe(waiting(held), loop);
        for (int i = 0; i < 3; ++i) loop.run_ready();
        EXPECT_FALSE(asked.done());
    }
    EXPECT_TRUE(asked.cancelled());
    EXPECT_TRUE(asked.cancel());
    EXPECT_EQ(held.use_count(), 1);
}

TEST(run_coroutine_threadsafe, refuses_to_wait_for_the_loop_that_the_thread_runs) {
    said_by([](recorder&) -> task<> {
        auto asked = run_coroutine_threadsafe(returning(1), current_loop());
        EXPECT_EQ(raised_by<deadlock_error>([&] { asked.result(); }),
                  "raised a concurrent_future would wait for the loop that this thread runs: await a task instead");
        for (int i = 0; i < 3; ++i) co_await sleep(0s);
        EXPECT_EQ(asked.result(), 1);
    });
}

TEST(run_coroutine_threadsafe, reports_what_the_results_move_raises) {
    struct stubborn {
        stubborn() = default;
        stubborn(stubborn&& other) : moves(other.moves + 1) {
            if (moves == 3) throw value_error("does not move any further");
        }
        int moves = 0;
    };
    said_by([](recorder&) -> task<> {
        const auto give = []() -> task<stubborn> { co_return stubborn(); };
        auto asked = run_coroutine_threadsafe(give(), current_loop());
        for (int i = 0; i < 3; ++i) co_await sleep(0s);
        EXPECT_EQ(raised_by<value_error>([&] { asked.result(0s); }), "raised does not move any further");
    });
}

}  // namespace
