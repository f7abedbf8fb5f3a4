// How often the async layer allocates: for each coroutine its frame, and nothing else. Frames come from the pool; what is
// counted is what it gets from operator new. With FERMATA_FRAME_POOL=0, as under AddressSanitizer, that is every frame.

#include <fermata/async.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <malloc.h>
#include <new>
#include <thread>
#include <utility>
#include <vector>

using namespace fermata;
using namespace std::chrono_literals;

namespace {

int news = 0;
int deletes = 0;
long bytes = 0;

struct counted {
    int news = ::news;
    int deletes = ::deletes;
    long bytes = ::bytes;
    int made() const { return ::news - news; }
    int freed() const { return ::deletes - deletes; }
    long kept() const { return ::bytes - bytes; }
};

// What malloc takes for a block: with its header, in multiples of 16.
long chunk_of(void* memory) { return (static_cast<long>(malloc_usable_size(memory)) + 8 + 15) / 16 * 16; }

constexpr int rounds = 1000;
constexpr int a_recycled_frame = FERMATA_FRAME_POOL ? 0 : 1;

// noinline: a compiler may elide the allocation altogether where it sees the whole life (generator/halo_test.cpp).
[[gnu::noinline]] task<int> one() { co_return 1; }
[[gnu::noinline]] task<> waits_for(event& e) { co_await e.wait(); }
[[gnu::noinline]] task<> nap() { co_await sleep(1h); }
[[gnu::noinline]] task<> awaits_one() {
    const int got = co_await one();
    EXPECT_EQ(got, 1);
}

/// Runs the program, on virtual time, in a new thread: its frame pool is empty.
template <class Program>
void run_in_a_new_thread(Program program) {
    std::thread([&] { run(program(), {.virtual_time = true}); }).join();
}

/// What `rounds` rounds allocate, after some that fill the pool and let the heap and the rings grow.
template <class Round>
task<int> in_steady_state(Round round) {
    for (int i = 0; i < 10; ++i) co_await round();
    const counted steady;
    for (int i = 0; i < rounds; ++i) co_await round();
    EXPECT_EQ(steady.made(), steady.freed());
    co_return steady.made();
}

/// In each round, but for the frame of the round itself.
template <class Round>
double in_a_round(Round round) {
    const int made = run(in_steady_state(std::move(round)), {.virtual_time = true});
    return static_cast<double>(made) / rounds - a_recycled_frame;
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
    ++news;
    void* memory = std::malloc(size);
    if (!memory) throw std::bad_alloc();
    bytes += chunk_of(memory);
    return memory;
}
// Not inline: g++ would see free(), and call it mismatched with operator new, or the other way round.
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    if (!memory) return;
    ++deletes;
    bytes -= chunk_of(memory);
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    if (!memory) return;
    ++deletes;
    bytes -= chunk_of(memory);
    std::free(memory);
}

TEST(allocation, of_a_spawned_task_is_one_its_frame) {
    run_in_a_new_thread([]() -> task<> {
        event never;
        const counted all;
        for (int i = 0; i < rounds; ++i) create_task(waits_for(never));
        EXPECT_EQ(all.made(), rounds);
        co_await sleep(0s);  // all have started, and wait
        EXPECT_EQ(all.made(), rounds);
        never.set();
        co_await sleep(0s);
        EXPECT_EQ(all_tasks().size(), 1U);
    });
}

TEST(allocation, of_an_awaited_coroutine_is_one_its_frame) {
    run_in_a_new_thread([]() -> task<> {
        event go_on;
        std::vector<task_handle<>> waiting;
        waiting.reserve(rounds);
        const auto outer = [](event& e) -> task<> { co_await waits_for(e); };
        const counted all;
        for (int i = 0; i < rounds; ++i) waiting.push_back(create_task(outer(go_on)));
        EXPECT_EQ(all.made(), rounds);
        co_await sleep(0s);
        EXPECT_EQ(all.made(), 2 * rounds);
        go_on.set();
        for (auto& each : waiting) co_await each;
    });
}

TEST(allocation, of_frames_is_none_where_the_pool_has_them) {
    EXPECT_EQ(in_a_round([]() -> task<> { co_await one(); }), a_recycled_frame);
    EXPECT_EQ(in_a_round([]() -> task<> { co_await awaits_one(); }), 2 * a_recycled_frame);
    EXPECT_EQ(in_a_round([]() -> task<> { co_await create_task(one()); }), a_recycled_frame);
}

TEST(allocation, is_none_for_a_sleep) {
    EXPECT_EQ(in_a_round([]() -> task<> { co_await sleep(0s); }), 0);
    EXPECT_EQ(in_a_round([]() -> task<> { co_await sleep(1s); }), 0);
    EXPECT_EQ(in_a_round([]() -> task<> { co_await sleep_until(current_loop().time() + 1s); }), 0);
}

TEST(allocation, of_a_future_is_one_and_none_for_waiting_and_waking) {
    EXPECT_EQ(in_a_round([]() -> task<> {
                  const auto f = create_future<int>();
                  f.set_result(1);
                  co_await f;
              }),
              a_recycled_frame);
    const auto sets = [](future<int> f) -> task<> {
        f.set_result(1);
        co_return;
    };
    EXPECT_EQ(in_a_round([&]() -> task<> {
                  const auto f = create_future<int>();
                  create_task(sets(f));
                  co_await f;
              }),
              2 * a_recycled_frame);
}

TEST(allocation, is_none_for_a_mutex_contended_or_not) {
    mutex m;
    EXPECT_EQ(in_a_round([&]() -> task<> { const auto guard = co_await m.lock(); }), 0);
    const auto holds = [&]() -> task<> {
        const auto guard = co_await m.lock();
        co_await sleep(0s);
    };
    EXPECT_EQ(in_a_round([&]() -> task<> {
                  auto holding = create_task(holds());
                  co_await sleep(0s);
                  EXPECT_TRUE(m.locked());
                  const auto guard = co_await m.lock();  // handed over
                  EXPECT_TRUE(holding.done());
              }),
              a_recycled_frame);
}

TEST(allocation, is_none_for_an_event) {
    event e;
    EXPECT_EQ(in_a_round([&]() -> task<> {
                  e.set();
                  co_await e.wait();
                  e.clear();
              }),
              0);
    EXPECT_EQ(in_a_round([&]() -> task<> {
                  auto waiting = create_task(waits_for(e));
                  co_await sleep(0s);
                  e.set();
                  co_await waiting;
                  e.clear();
              }),
              a_recycled_frame);
}

TEST(allocation, is_none_for_a_semaphore_contended_or_not) {
    semaphore s(1);
    EXPECT_EQ(in_a_round([&]() -> task<> { const auto guard = co_await s.lock(); }), 0);
    const auto holds = [&]() -> task<> {
        const auto guard = co_await s.lock();
        co_await sleep(0s);
    };
    EXPECT_EQ(in_a_round([&]() -> task<> {
                  auto holding = create_task(holds());
                  co_await sleep(0s);
                  EXPECT_TRUE(s.locked());
                  const auto guard = co_await s.lock();
                  EXPECT_TRUE(holding.done());
              }),
              a_recycled_frame);
}

// The timer's place in the loop's heap is counted with it.
TEST(allocation, of_a_sleeping_task_is_at_most_200_bytes) {
    run_in_a_new_thread([]() -> task<> {
        constexpr int tasks = 100'000;
        const counted all;
        for (int i = 0; i < tasks; ++i) create_task(nap());
        co_await sleep(0s);
        EXPECT_EQ(all_tasks().size(), tasks + 1U);
        EXPECT_LE(all.kept() / tasks, 200);
        co_await sleep(2h);
        EXPECT_EQ(all_tasks().size(), 1U);
    });
}

// wait() is a coroutine: the frames of the task, and of that.
TEST(allocation, of_a_wait_for_a_condition_is_one_frame) {
    condition c;
    const auto waits = [&]() -> task<> {
        const auto guard = co_await c.lock();
        co_await c.wait();
    };
    EXPECT_EQ(in_a_round([&]() -> task<> {
                  auto waiting = create_task(waits());
                  co_await sleep(0s);
                  {
                      const auto guard = co_await c.lock();
                      c.notify();
                  }
                  co_await waiting;
              }),
              2 * a_recycled_frame);
}

TEST(allocation, is_none_for_what_goes_through_a_queue) {
    queue<int> unlimited;
    EXPECT_EQ(in_a_round([&]() -> task<> {
                  co_await unlimited.put(1);
                  co_await unlimited.put(2);
                  unlimited.put_nowait(3);
                  co_await unlimited.get();
                  co_await unlimited.get();
                  unlimited.get_nowait();
              }),
              0);
    lifo_queue<int> last_first;
    priority_queue<int> lowest_first;
    EXPECT_EQ(in_a_round([&]() -> task<> {
                  co_await last_first.put(1);
                  co_await lowest_first.put(1);
                  co_await last_first.get();
                  co_await lowest_first.get();
              }),
              0);
}

TEST(allocation, is_none_for_waiting_for_an_item_or_for_room) {
    queue<int> items(1);
    const auto puts_two = [&]() -> task<> {
        co_await items.put(1);
        co_await items.put(2);
    };
    EXPECT_EQ(in_a_round([&]() -> task<> {
                  auto putting = create_task(puts_two());
                  co_await items.get();  // waits for the first one
                  co_await sleep(0s);
                  co_await items.get();
                  co_await putting;
              }),
              a_recycled_frame);
}

// with, and its body: two frames.
TEST(allocation, of_a_timeout_is_none_but_for_the_frames_of_with) {
    const auto body = [](timeout&) -> task<> { co_await sleep(1s); };
    EXPECT_EQ(in_a_round([&]() -> task<> { co_await with(timeout(1min), body); }), 2 * a_recycled_frame);
}

TEST(allocation, of_a_callback_is_one) {
    int called = 0;
    EXPECT_EQ(in_a_round([&]() -> task<> {
                  current_loop().call_soon([&] { ++called; });
                  co_await sleep(0s);
              }),
              1);
    EXPECT_EQ(in_a_round([&]() -> task<> {
                  current_loop().call_later(1s, [&] { ++called; });
                  co_await sleep(2s);
              }),
              1);
    EXPECT_EQ(in_a_round([&]() -> task<> {
                  current_loop().call_later(1s, [&] { ++called; }).cancel();
                  co_return;
              }),
              1);
    EXPECT_EQ(called, 2 * (rounds + 10));
}

// cancelled_error has a store of its own, as all exceptions have.
TEST(allocation, is_none_for_a_cancellation) {
    event never;
    EXPECT_EQ(in_a_round([&]() -> task<> {
                  auto waiting = create_task(waits_for(never));
                  co_await sleep(0s);
                  waiting.cancel();
                  co_await sleep(0s);
                  EXPECT_TRUE(waiting.cancelled());
              }),
              a_recycled_frame);
}
