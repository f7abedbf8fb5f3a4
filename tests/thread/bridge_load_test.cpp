// The ways between threads and a loop, all at once. What ThreadSanitizer finds here is what this is for.

#include <fermata/async.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

constexpr int threads = 6;
constexpr int rounds = 200;

// What only the loop's thread touches, without a lock.
struct counts {
    int called = 0;
    int stepped = 0;
    int cancelled = 0;
};

task<int> step(counts& in_the_loop, int n) {
    ++in_the_loop.stepped;
    if (n % 3 == 0) co_await sleep(0s);
    if (n % 7 == 0) throw value_error("seven");
    co_return n;
}

task<> until_cancelled(counts& in_the_loop) {
    try {
        co_await sleep(1h);
    } catch (const cancelled_error&) {
        ++in_the_loop.cancelled;
        throw;
    }
}

// Is a thread's work: calls, questions whose answers it waits for, questions that it takes back.
long ask(event_loop& loop, counts& in_the_loop) {
    long sum = 0;
    for (int n = 1; n <= rounds; ++n) {
        loop.call_soon_threadsafe([&] { ++in_the_loop.called; });
        auto answer = run_coroutine_threadsafe(step(in_the_loop, n), loop);
        auto taken_back = run_coroutine_threadsafe(until_cancelled(in_the_loop), loop);
        try {
            sum += answer.result();
        } catch (const value_error&) {
            sum += 1000;
        }
        taken_back.cancel();
    }
    return sum;
}

constexpr long expected_of_one() {
    long sum = 0;
    for (int n = 1; n <= rounds; ++n) sum += n % 7 == 0 ? 1000 : n;
    return sum;
}

TEST(bridge, takes_calls_and_coroutines_from_many_threads) {
    event_loop loop;
    counts in_the_loop;
    std::atomic<long> sum = 0;
    std::atomic<int> left = threads;
    std::vector<std::thread> asking;
    for (int i = 0; i < threads; ++i) {
        asking.emplace_back([&] {
            sum += ask(loop, in_the_loop);
            // In the loop, behind the last cancellation and what that sets off.
            if (--left > 0) return;
            const auto last = []() -> task<> {
                for (int turn = 0; turn < 8; ++turn) co_await sleep(0s);
                current_loop().stop();
            };
            run_coroutine_threadsafe(last(), loop);
        });
    }
    loop.run_forever();
    for (auto& each : asking) each.join();
    loop.close();
    EXPECT_EQ(sum, threads * expected_of_one());
    EXPECT_EQ(in_the_loop.called, threads * rounds);
    EXPECT_EQ(in_the_loop.stepped, threads * rounds);
    EXPECT_EQ(in_the_loop.cancelled, threads * rounds);
}

TEST(bridge, serves_threads_of_the_loop_that_ask_the_loop) {
    counts in_the_loop;
    const auto program = [&]() -> task<> {
        event_loop& loop = current_loop();
        std::vector<task<long>> asking;
        const auto work = [&] { return ask(loop, in_the_loop); };
        for (int i = 0; i < threads; ++i) asking.push_back(to_thread(work));
        const std::vector<long> sums = co_await gather(std::move(asking));
        for (const long sum : sums) EXPECT_EQ(sum, expected_of_one());
    };
    run(program(), {.virtual_time = true});
    EXPECT_EQ(in_the_loop.called, threads * rounds);
    EXPECT_EQ(in_the_loop.stepped, threads * rounds);
    EXPECT_EQ(in_the_loop.cancelled, threads * rounds);
}

TEST(bridge, makes_many_calls_of_which_some_are_cancelled) {
    std::atomic<int> made = 0;
    int given = 0, cancelled = 0;
    const auto one = [&](int n) -> task<> {
        try {
            const auto call = [&made](int of) {
                ++made;
                if (of % 5 == 0) throw value_error("five");
                return of;
            };
            EXPECT_EQ(co_await to_thread(call, n), n);
            ++given;
        } catch (const value_error&) {
            ++given;
        } catch (const cancelled_error&) {
            ++cancelled;
            throw;
        }
    };
    const auto program = [&]() -> task<> {
        for (int round = 0; round < rounds / 10; ++round) {
            std::vector<task_handle<>> calls;
            for (int i = 0; i < 40; ++i) calls.push_back(create_task(one(i)));
            co_await sleep(0s);
            for (std::size_t i = 0; i < calls.size(); i += 2) calls[i].cancel();
            for (auto& each : calls) {
                try {
                    co_await each;
                } catch (const cancelled_error&) {
                    EXPECT_TRUE(each.cancelled());
                }
            }
        }
    };
    run(program());
    // Those that were cancelled may have been made, or not.
    EXPECT_EQ(given + cancelled, rounds / 10 * 40);
    EXPECT_EQ(cancelled, rounds / 10 * 20);
    EXPECT_GE(made, given);
    EXPECT_LE(made, rounds / 10 * 40);
}

// The last thing that a thread does with the loop may be what ends it.
TEST(bridge, lets_a_loop_end_while_the_thread_that_woke_it_is_still_on_its_way_out) {
    for (int round = 0; round < rounds; ++round) {
        std::thread waking;
        const auto program = [&]() -> task<> {
            event_loop& loop = current_loop();
            auto woken = create_future();
            waking = std::thread([&loop, &woken] { loop.call_soon_threadsafe([&woken] { woken.set_result(); }); });
            co_await woken;
        };
        run(program());
        waking.join();
    }
}

}  // namespace
