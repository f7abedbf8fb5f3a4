#include "../task/jobs.hpp"
#include "../task/recorder.hpp"

#include <fermata/async.hpp>
#include <fermata/task/detail/context.hpp>

#include <gtest/gtest.h>

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::lines;
using tests::recorder;
using tests::said_by;

std::string name_of_this_thread() {
    char name[16];
    pthread_getname_np(pthread_self(), name, sizeof name);
    return name;
}

std::size_t most_threads() { return std::min(32U, std::max(1U, std::thread::hardware_concurrency()) + 4); }

// Tells a coroutine that a thread has come to a place.
class mark {
public:
    mark() : loop_(current_loop()), reached_(create_future()) {}
    void reach() {
        loop_.call_soon_threadsafe([this] { reached_.set_result(); });
    }
    const future<>& reached() const { return reached_; }

private:
    event_loop& loop_;
    future<> reached_;
};

template <class T>
task<bool> is_cancelled(task_handle<T> handle) {
    try {
        co_await handle;
    } catch (const cancelled_error&) {
        co_return handle.cancelled();
    }
    co_return false;
}

TEST(to_thread, gives_what_the_function_returns_on_another_thread) {
    said_by([](recorder&) -> task<> {
        const auto here = std::this_thread::get_id();
        const auto there = co_await to_thread([] { return std::this_thread::get_id(); });
        EXPECT_NE(there, here);
        EXPECT_EQ(co_await to_thread(name_of_this_thread), "fermata_0");
        int called = 0;
        co_await to_thread([&] { ++called; });
        EXPECT_EQ(called, 1);
    });
}

TEST(to_thread, raises_what_the_function_raises) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto failing = [](const std::string& text) -> int { throw value_error(text); };
                  try {
                      co_await to_thread(failing, "wrong");
                  } catch (const value_error& e) {
                      say(e.what());
                  }
              }),
              (lines{"wrong"}));
}

TEST(to_thread, copies_or_moves_its_arguments_at_the_call) {
    said_by([](recorder&) -> task<> {
        std::string text = "before";
        int counted = 0;
        auto number = std::make_unique<int>(3);
        const auto join = [](std::string of, std::unique_ptr<int> n, int& count) {
            ++count;
            return of + std::to_string(*n);
        };
        auto call = to_thread(join, text, std::move(number), std::ref(counted));
        text = "after";
        EXPECT_EQ(co_await std::move(call), "before3");
        EXPECT_EQ(counted, 1);
        EXPECT_EQ(co_await to_thread(&std::string::size, text), 5U);
        EXPECT_EQ(*co_await to_thread([] { return std::make_unique<int>(4); }), 4);
    });
}

TEST(to_thread, gives_a_value_where_the_function_gives_a_reference) {
    said_by([](recorder&) -> task<> {
        const std::string text = "text";
        const auto call = [&]() -> const std::string& { return text; };
        static_assert(std::is_same_v<decltype(to_thread(call)), task<std::string>>);
        EXPECT_EQ(co_await to_thread(call), "text");
    });
}

TEST(to_thread, has_destroyed_the_function_and_its_arguments_when_the_task_goes_on) {
    said_by([](recorder&) -> task<> {
        auto captured = std::make_shared<int>(1);
        auto passed = std::make_shared<int>(2);
        auto add = [captured](const std::shared_ptr<int>& other) { return *captured + *other; };
        auto call = to_thread(std::move(add), passed);
        EXPECT_EQ(captured.use_count(), 2);
        EXPECT_EQ(passed.use_count(), 2);
        EXPECT_EQ(co_await std::move(call), 3);
        EXPECT_EQ(captured.use_count(), 1);
        EXPECT_EQ(passed.use_count(), 1);
    });
}

TEST(to_thread, is_a_coroutine_that_does_nothing_until_it_is_awaited) {
    said_by([](recorder&) -> task<> {
        auto held = std::make_shared<int>(1);
        {
            auto call = to_thread([held] { ADD_FAILURE() << "was called"; });
            EXPECT_EQ(held.use_count(), 2);
        }
        EXPECT_EQ(held.use_count(), 1);
        auto handle = create_task(to_thread([held] { ADD_FAILURE() << "was called"; }));
        handle.cancel();
        co_await sleep(0s);
        EXPECT_TRUE(handle.cancelled());
    });
}

// SEMANTICS 64.
TEST(to_thread, calls_the_function_in_the_context_of_the_task_that_awaits_it) {
    said_by([](recorder&) -> task<> {
        static const int variable = 0;
        detail::set_current_values(detail::context_values::with(nullptr, &variable, {}));
        const auto* const here = detail::current_values().get();
        const auto* const there = co_await to_thread([] { return detail::current_values().get(); });
        EXPECT_NE(here, nullptr);
        EXPECT_EQ(there, here);
    });
}

TEST(to_thread, is_taken_by_create_task_gather_and_wait_for) {
    said_by([](recorder&) -> task<> {
        const auto give = [](int n) { return n; };
        auto handle = create_task(to_thread(give, 1));
        auto [two, three] = co_await gather(to_thread(give, 2), to_thread(give, 3));
        EXPECT_EQ(co_await handle, 1);
        EXPECT_EQ(two, 2);
        EXPECT_EQ(three, 3);
        EXPECT_EQ(co_await wait_for(to_thread(give, 4), 1s), 4);
    });
}

TEST(to_thread, serves_one_call_after_the_other_with_one_thread) {
    said_by([](recorder&) -> task<> {
        for (int i = 0; i < 100; ++i) EXPECT_EQ(co_await to_thread(name_of_this_thread), "fermata_0");
    });
}

TEST(to_thread, starts_a_thread_when_all_are_busy) {
    said_by([](recorder&) -> task<> {
        std::latch both(2);
        const auto meet = [&] {
            both.arrive_and_wait();
            return name_of_this_thread();
        };
        auto [one, two] = co_await gather(to_thread(meet), to_thread(meet));
        EXPECT_EQ((std::set<std::string>{one, two}), (std::set<std::string>{"fermata_0", "fermata_1"}));
    });
}

// Keeps every thread of the loop busy, until it is told to let go.
class all_threads {
public:
    task<> take() {
        mark full;
        for (std::size_t i = 0; i < most_threads(); ++i) {
            calls_.push_back(create_task(to_thread([this, &full] {
                if (++started_ == most_threads()) full.reach();
                go_.wait();
            })));
        }
        co_await full.reached();
    }
    task<> let_go() {
        go_.count_down();
        for (auto& each : calls_) co_await each;
    }

private:
    std::atomic<std::size_t> started_ = 0;
    std::latch go_{1};
    std::vector<task_handle<>> calls_;
};

TEST(to_thread, has_a_bounded_number_of_threads_and_makes_the_other_calls_when_one_is_free) {
    said_by([](recorder&) -> task<> {
        all_threads busy;
        co_await busy.take();
        std::vector<task_handle<std::string>> waiting;
        for (int i = 0; i < 8; ++i) waiting.push_back(create_task(to_thread(name_of_this_thread)));
        co_await sleep(0s);
        co_await busy.let_go();
        for (auto& each : waiting) {
            const std::string name = co_await each;
            EXPECT_LT(std::stoul(name.substr(name.find('_') + 1)), most_threads()) << name;
        }
    });
}

// SEMANTICS 64.
TEST(to_thread, that_is_cancelled_returns_at_once_and_the_thread_goes_on) {
    std::latch go(1), ended(1);
    EXPECT_EQ(said_by([&](recorder& say) -> task<> {
                  mark started;
                  auto handle = create_task(to_thread([&] {
                      started.reach();
                      go.wait();
                      ended.count_down();
                      throw value_error("which nobody sees");
                  }));
                  co_await started.reached();
                  handle.cancel();
                  try {
                      co_await handle;
                  } catch (const cancelled_error&) {
                      say("cancelled; has the thread ended?", ended.try_wait());
                  }
                  go.count_down();
                  ended.wait();
              }),
              (lines{"cancelled; has the thread ended? false"}));
}

TEST(to_thread, that_is_cancelled_before_a_thread_has_it_never_runs) {
    said_by([](recorder&) -> task<> {
        all_threads busy;
        co_await busy.take();
        auto held = std::make_shared<int>(1);
        auto handle = create_task(to_thread([held] { ADD_FAILURE() << "was called"; }));
        co_await sleep(0s);
        EXPECT_EQ(held.use_count(), 2);
        handle.cancel();
        EXPECT_TRUE(co_await is_cancelled(handle));
        EXPECT_EQ(held.use_count(), 1);
        co_await busy.let_go();
    });
}

TEST(to_thread, that_is_awaited_takes_no_virtual_time) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto other = create_task(tests::job(say, "timer", 1ms));
                  co_await sleep(0s);
                  // Twice as long as the timer, in real time.
                  co_await wait_for(to_thread([] { std::this_thread::sleep_for(2ms); }), 1ms);
                  say("the thread", tests::now());
                  co_await other;
              }),
              (lines{"timer starts", "the thread 0", "timer ends 1"}));
}

TEST(to_thread, that_nobody_awaits_any_more_does_not_hold_up_virtual_time) {
    std::latch go(1);
    EXPECT_EQ(said_by([&](recorder& say) -> task<> {
                  mark started;
                  auto handle = create_task(to_thread([&] {
                      started.reach();
                      go.wait();
                  }));
                  co_await started.reached();
                  handle.cancel();
                  co_await sleep(1h);
                  say(tests::now());
                  go.count_down();
              }),
              (lines{"3600000"}));
}

TEST(to_thread, may_wait_for_coroutines_of_the_loop_and_virtual_time_goes_on) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  event_loop& loop = current_loop();
                  const auto call = [&] {
                      return run_coroutine_threadsafe(tests::job(say, "in the loop", 1h), loop).result();
                  };
                  const std::string name = co_await to_thread(call);
                  say(name, tests::now());
              }),
              (lines{"in the loop starts", "in the loop ends 3600000", "in the loop 3600000"}));
}

// Opens a gate as a runner closes: when the tasks have been cancelled, and before it waits for the threads.
class opened_before_threads_end final : public loop_extension {
public:
    static void put_in(event_loop& loop, std::latch& gate) {
        loop.extension(extension_slot::generators) = std::make_unique<opened_before_threads_end>(gate);
    }
    explicit opened_before_threads_end(std::latch& gate) : gate_(gate) {}
    void shut_down() override { gate_.count_down(); }
    void close() noexcept override {}

private:
    std::latch& gate_;
};

// SEMANTICS 41.
TEST(to_thread, is_waited_for_as_a_runner_closes_and_is_served_by_its_loop_meanwhile) {
    recorder say;
    std::latch go(1);
    runner r({.virtual_time = true});
    event_loop& loop = r.get_loop();
    const auto in_the_loop = [](recorder& to) -> task<std::string> {
        co_await sleep(1s);
        try {
            co_await to_thread([] { return 0; });
        } catch (const runtime_error& e) {
            to(e.what());
        }
        co_return "of the loop";
    };
    const auto program = [&]() -> task<> {
        mark started;
        create_task(to_thread([&] {
            started.reach();
            go.wait();
            say("the thread got", run_coroutine_threadsafe(in_the_loop(say), loop).result());
        }));
        co_await started.reached();
    };
    r.run(program());
    say("the program has ended");
    opened_before_threads_end::put_in(loop, go);
    r.close();
    say("closed");
    EXPECT_EQ(say.said(), (lines{"the program has ended", "Executor shutdown has been called",
                                 "the thread got of the loop", "closed"}));
}

TEST(to_thread, leaves_nothing_behind_that_a_thread_starts_as_a_runner_closes) {
    recorder say;
    std::latch go(1);
    runner r({.virtual_time = true});
    event_loop& loop = r.get_loop();
    const auto program = [&]() -> task<> {
        mark started;
        create_task(to_thread([&] {
            started.reach();
            go.wait();
            run_coroutine_threadsafe(tests::job(say, "left", 1h), loop);
            run_coroutine_threadsafe(tests::two_turns(), loop).result();
        }));
        co_await started.reached();
    };
    r.run(program());
    opened_before_threads_end::put_in(loop, go);
    r.close();
    EXPECT_EQ(say.said(), (lines{"left starts", "left cancelled 0"}));
}

TEST(to_thread, is_waited_for_by_a_loop_that_is_destroyed) {
    std::latch go(1);
    bool ended = false;
    {
        event_loop loop;
        task_handle<> handle;
        const auto program = [&]() -> task<> {
            mark started;
            auto call = create_task(to_thread([&] {
                started.reach();
                go.wait();
                ended = true;
            }));
            co_await started.reached();
            call.cancel();
            EXPECT_TRUE(co_await is_cancelled(call));
            current_loop().stop();
        };
        loop.call_soon([&] { handle = create_task(program()); });
        loop.run_forever();
        EXPECT_TRUE(handle.done());
        go.count_down();
    }
    EXPECT_TRUE(ended);
}

TEST(to_thread, lets_a_task_that_awaits_it_outlive_the_loop) {
    task_handle<int> handle;
    std::latch go(1);
    const auto release = [&] { go.count_down(); };
    {
        event_loop loop;
        const auto program = [&]() -> task<> {
            mark started;
            handle = create_task(to_thread([&] {
                started.reach();
                go.wait();
                return 1;
            }));
            co_await started.reached();
            current_loop().stop();
        };
        loop.call_soon([&] { create_task(program()); });
        loop.run_forever();
        loop.close();
        release();
    }
    EXPECT_FALSE(handle.done());
    handle = {};
}

}  // namespace
