// A loop that is driven by another one, as a GUI's: a descriptor to poll, a deadline, and a call that runs what is ready.

#include "../task/jobs.hpp"
#include "../task/recorder.hpp"

#include <fermata/async.hpp>

#include <gtest/gtest.h>

#include <poll.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::lines;
using tests::recorder;

// A clock that the foreign loop moves: then the test takes no time, and can tell how long the loop asked to wait.
class hand_moved_clock final : public fermata::clock {
public:
    std::chrono::nanoseconds now() const noexcept override { return now_; }
    bool skip_to(std::chrono::nanoseconds) noexcept override { return false; }
    void move(std::chrono::nanoseconds by) noexcept { now_ += by; }

private:
    std::chrono::nanoseconds now_{0};
};

loop_options with(std::unique_ptr<hand_moved_clock> clock) {
    loop_options options;
    options.clock = std::move(clock);
    return options;
}

// The foreign loop. It says how long it waits for what.
class foreign_loop {
public:
    explicit foreign_loop(recorder& say) : foreign_loop(say, std::make_unique<hand_moved_clock>()) {}

    event_loop& embedded() noexcept { return loop_; }

    /// The first step of each turn is up to the embedded loop.
    void run_until(const bool& over) {
        while (!over) {
            const auto timeout = loop_.time_to_wait();
            if (timeout && *timeout > 0s) {
                say_("waits", std::chrono::duration_cast<std::chrono::milliseconds>(*timeout).count(), "ms");
                clock_.move(*timeout);
            } else if (!timeout) {
                say_("waits for the descriptor");
                pollfd readable{loop_.descriptor(), POLLIN, 0};
                ASSERT_EQ(poll(&readable, 1, -1), 1);
            }
            loop_.run_ready();
        }
    }

private:
    foreign_loop(recorder& say, std::unique_ptr<hand_moved_clock> clock)
        : say_(say), clock_(*clock), loop_(with(std::move(clock))) {}

    recorder& say_;
    hand_moved_clock& clock_;
    event_loop loop_;
};

// Tasks are made in the loop's turn.
template <class Program>
void drive(foreign_loop& foreign, Program program) {
    bool over = false;
    const auto main = [&]() -> task<> {
        co_await program();
        over = true;
    };
    foreign.embedded().call_soon([&] { create_task(main()); });
    foreign.run_until(over);
}

TEST(embedding, runs_tasks_and_timers_with_a_deadline_for_the_foreign_loop) {
    recorder say;
    foreign_loop foreign(say);
    drive(foreign, [&]() -> task<> {
        auto one = create_task(tests::job(say, "one", 20ms));
        auto two = create_task(tests::job(say, "two", 50ms));
        foreign.embedded().call_later(30ms, [&] { say("callback"); });
        co_await gather(one, two);
    });
    EXPECT_EQ(say.said(), (lines{"one starts", "two starts", "waits 20 ms", "one ends 20", "waits 10 ms", "callback",
                                 "waits 20 ms", "two ends 50"}));
}

TEST(embedding, is_told_by_the_descriptor_of_what_threads_hand_in) {
    recorder say;
    foreign_loop foreign(say);
    std::thread thread;
    drive(foreign, [&]() -> task<> {
        auto woken = create_future<int>();
        // The handle is moved: it is not to be copied, nor dropped, on another thread.
        thread = std::thread([&foreign, handle = woken]() mutable {
            foreign.embedded().call_soon_threadsafe([handle = std::move(handle)] { handle.set_result(3); });
        });
        const int n = co_await woken;
        say("woken", n);
    });
    thread.join();
    EXPECT_EQ(say.said().back(), "woken 3");
}

TEST(embedding, serves_to_thread_and_run_coroutine_threadsafe) {
    recorder say;
    foreign_loop foreign(say);
    drive(foreign, [&]() -> task<> {
        const auto ask = [&] { return run_coroutine_threadsafe(tests::two_turns(), foreign.embedded()).exception(); };
        EXPECT_EQ(co_await to_thread(ask), nullptr);
        say("done");
    });
    EXPECT_EQ(say.said().back(), "done");
}

TEST(embedding, lets_the_foreign_loop_schedule_between_turns) {
    recorder say;
    foreign_loop foreign(say);
    event_loop& loop = foreign.embedded();
    EXPECT_EQ(loop.time_to_wait(), std::nullopt);
    loop.call_later(5ms, [&] { say("timer"); });
    EXPECT_EQ(loop.time_to_wait(), 5ms);
    loop.call_soon([&] { say("soon"); });
    EXPECT_EQ(loop.time_to_wait(), 0s);
    loop.run_ready();
    EXPECT_EQ(say.said(), (lines{"soon"}));
    EXPECT_EQ(loop.time_to_wait(), 5ms);
}

}  // namespace
