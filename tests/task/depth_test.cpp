// Millions of awaits that need not wait, and awaits a million deep, on a small stack.

#include "../base/small_stack.hpp"
#include "../base/support.hpp"

#include <fermata/async.hpp>
#include <fermata/base/config.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

using namespace fermata;
using namespace std::chrono_literals;
using support::on_a_small_stack;

namespace {

constexpr int million = 1'000'000;
constexpr int awaits = 5 * million;

// Exceptions are caught and raised again level by level: under AddressSanitizer a million of them take a minute.
constexpr int levels_to_raise_through = FERMATA_DETAIL_ASAN || FERMATA_DETAIL_TSAN ? 200'000 : million;

struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What program() gives, run on virtual time.
template <class Program>
void run_on_a_small_stack(Program program) {
    on_a_small_stack([&] { run(program(), {.virtual_time = true}); });
}

task<int> one() { co_return 1; }

// The innermost waits, if it is to, and gives what it finds, or raises it; each level adds one.
task<int> deep(int levels, event& bottom) {
    if (levels > 0) {
        const int below = co_await deep(levels - 1, bottom);
        co_return below + 1;
    }
    co_await bottom.wait();
    co_return 0;
}

task<int> raises(int levels) {
    if (levels == 0) throw failure("from below");
    co_return co_await raises(levels - 1);
}

task<int> counted(int levels, event& bottom, support::tally& counts) {
    const support::tracked local(counts);
    if (levels > 0) co_return co_await counted(levels - 1, bottom, counts);
    co_await bottom.wait();
    co_return 0;
}

}  // namespace

TEST(depth, awaits_five_million_coroutines_that_do_not_suspend) {
    run_on_a_small_stack([]() -> task<> {
        int sum = 0;
        for (int i = 0; i < awaits; ++i) {
            const int got = co_await one();
            sum += got;
        }
        EXPECT_EQ(sum, awaits);
    });
}

TEST(depth, awaits_a_future_that_is_done_five_million_times) {
    run_on_a_small_stack([]() -> task<> {
        const auto done = create_future<int>();
        done.set_result(1);
        int sum = 0;
        for (int i = 0; i < awaits; ++i) {
            const int got = co_await done;
            sum += got;
        }
        EXPECT_EQ(sum, awaits);
    });
}

TEST(depth, takes_a_free_mutex_five_million_times) {
    run_on_a_small_stack([]() -> task<> {
        mutex free;
        int taken = 0;
        for (int i = 0; i < awaits; ++i) {
            const auto guard = co_await free.lock();
            taken += free.locked() ? 1 : 0;
        }
        EXPECT_EQ(taken, awaits);
        EXPECT_FALSE(free.locked());
    });
}

TEST(depth, puts_into_and_gets_from_a_queue_five_million_times) {
    run_on_a_small_stack([]() -> task<> {
        queue<int> items(2);
        co_await items.put(-1);
        int previous = -2;
        int in_order = 0;
        for (int i = 0; i < awaits; ++i) {
            co_await items.put(i);
            const int got = co_await items.get();
            in_order += got == previous + 1 ? 1 : 0;
            previous = got;
        }
        EXPECT_EQ(in_order, awaits);
    });
}

TEST(depth, steps_an_async_generator_five_million_times) {
    run_on_a_small_stack([]() -> task<> {
        const auto many = []() -> async_generator<int> {
            for (int i = 0; i < awaits; ++i) co_yield 1;
        };
        async_generator<int> steps = many();
        int sum = 0;
        while (const auto step = co_await steps.next()) sum += *step;
        EXPECT_EQ(sum, awaits);
    });
}

TEST(depth, returns_through_a_million) {
    run_on_a_small_stack([]() -> task<> {
        event bottom;
        bottom.set();
        const int levels = co_await deep(million, bottom);
        EXPECT_EQ(levels, million);
    });
}

TEST(depth, suspends_below_a_million_and_returns_through_them) {
    run_on_a_small_stack([]() -> task<> {
        event bottom;
        auto chain = create_task(deep(million, bottom));
        co_await sleep(0s);
        EXPECT_FALSE(chain.done());
        bottom.set();
        const int levels = co_await chain;
        EXPECT_EQ(levels, million);
    });
}

TEST(depth, raises_through_a_million) {
    run_on_a_small_stack([]() -> task<> {
        std::string caught;
        try {
            co_await raises(levels_to_raise_through);
        } catch (const failure& e) {
            caught = e.what();
        }
        EXPECT_EQ(caught, "from below");
    });
}

TEST(depth, is_cancelled_below_a_million) {
    run_on_a_small_stack([]() -> task<> {
        event bottom;
        auto chain = create_task(deep(levels_to_raise_through, bottom));
        co_await sleep(0s);
        EXPECT_TRUE(chain.cancel());
        try {
            co_await chain;
        } catch (const cancelled_error&) {
        }
        EXPECT_TRUE(chain.cancelled());
    });
}

// A loop that goes takes its tasks with it, without running them.
TEST(depth, of_a_million_that_are_suspended_goes_with_the_loop) {
    support::tally counts;
    on_a_small_stack([&] {
        event bottom;
        event_loop loop;
        loop.call_soon([&] { create_task(counted(million, bottom, counts)); });
        loop.call_soon([&] { loop.call_soon([&] { loop.stop(); }); });
        loop.run_forever();
        EXPECT_EQ(counts.alive(), million + 1);
    });
    EXPECT_TRUE(counts.settled());
}

namespace {

// Each waits for the one before, and has its last handle among its parameters.
task<> behind(task_handle<> before) { co_await before; }

task_handle<> queue_of_tasks(int length, event& first) {
    task_handle<> last = create_task([](event& gate) -> task<> { co_await gate.wait(); }(first));
    for (int i = 0; i < length; ++i) last = create_task(behind(std::move(last)));
    return last;
}

task<> around(task<> inner) { co_await std::move(inner); }

task<> nested_coroutines(int levels) {
    task<> made = []() -> task<> { co_return; }();
    for (int i = 0; i < levels; ++i) made = around(std::move(made));
    return made;
}

}  // namespace

TEST(depth, of_a_million_tasks_behind_each_other_ends_and_goes) {
    run_on_a_small_stack([]() -> task<> {
        event first;
        auto last = queue_of_tasks(million, first);
        first.set();
        co_await last;
        last = {};
    });
}

TEST(depth, of_tasks_behind_each_other_is_cancelled) {
    run_on_a_small_stack([]() -> task<> {
        event first;
        auto last = queue_of_tasks(levels_to_raise_through, first);
        co_await sleep(0s);
        co_await sleep(0s);
        last.cancel();
        bool cancelled = false;
        try {
            co_await last;
        } catch (const cancelled_error&) {
            cancelled = true;
        }
        EXPECT_TRUE(cancelled);
        EXPECT_EQ(all_tasks().size(), 1U);
    });
}

TEST(depth, of_a_million_tasks_behind_each_other_goes_with_the_loop) {
    on_a_small_stack([] {
        event first;
        event_loop loop({.clock = std::make_unique<virtual_clock>()});
        loop.call_soon([&] {
            queue_of_tasks(million, first);
            loop.stop();
        });
        loop.run_forever();
        loop.call_soon([&] { loop.stop(); });
        loop.run_forever();
    });
}

TEST(depth, of_a_million_coroutines_that_were_not_awaited_goes) {
    on_a_small_stack([] {
        {
            const task<> dropped = nested_coroutines(million);
        }
        nested_coroutines(million).close();
        run([]() -> task<> {
            create_task(nested_coroutines(million)).cancel();
            co_await sleep(0s);
        }());
        run(nested_coroutines(million));
    });
}
