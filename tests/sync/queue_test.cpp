#include <fermata/sync/queue.hpp>
#include <fermata/task/gather.hpp>

#include "support.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace {

using namespace fermata_test;

// The expected lines are what the programs in the comments print on CPython 3.13; there, ticker(say, n) says "turn i" and
// sleeps for 0 seconds, n times.

std::string text(const std::string& s) { return s; }
std::string text(int i) { return std::to_string(i); }

template <class T>
task<> getter(notes& t, queue<T>& q, std::string name) {
    try {
        T item = co_await q.get();
        t.say(name + " got " + text(item));
    } catch (const cancelled_error&) {
        t.say(name + " cancelled");
        throw;
    } catch (const queue_shutdown&) {
        t.say(name + " shut down");
    }
}
//   async def getter(say, q, name):
//       try:
//           item = await q.get()
//       except CancelledError:
//           say(f"{name} cancelled")
//           raise
//       except asyncio.QueueShutDown:
//           say(f"{name} shut down")
//           return
//       say(f"{name} got {item}")

template <class T>
task<> putter(notes& t, queue<T>& q, T item) {
    try {
        co_await q.put(item);
        t.say(text(item) + " put");
    } catch (const cancelled_error&) {
        t.say(text(item) + " cancelled");
        throw;
    } catch (const queue_shutdown&) {
        t.say(text(item) + " shut down");
    }
}
//   async def putter(say, q, item):
//       try:
//           await q.put(item)
//       except CancelledError:
//           say(f"{item} cancelled")
//           raise
//       except asyncio.QueueShutDown:
//           say(f"{item} shut down")
//           return
//       say(f"{item} put")

//   async def queue_bounded(say):
//       q = Queue(2)
//       async def produce():
//           for i in range(6):
//               await q.put(i)
//               say(f"put {i}")
//       async def consume():
//           for _ in range(6):
//               i = await q.get()
//               say(f"got {i}")
//       p, c = create_task(produce()), create_task(consume())
//       await ticker(say, 8)
TEST(queue, that_is_bounded_lets_producer_and_consumer_take_turns) {
    const lines said = run_program([](notes& t) -> task<> {
        queue<int> q(2);
        auto produce = [&]() -> task<> {
            for (int i = 0; i < 6; ++i) {
                co_await q.put(i);
                t.say("put " + text(i));
            }
        };
        auto consume = [&]() -> task<> {
            for (int n = 0; n < 6; ++n) {
                const int i = co_await q.get();
                t.say("got " + text(i));
            }
        };
        auto p = create_task(produce());
        auto c = create_task(consume());
        co_await ticker(t, 8);
    });
    EXPECT_EQ(said,
              (lines{"turn 0", "put 0",  "put 1", "got 0", "got 1",  "turn 1", "put 2", "put 3",  "turn 2", "got 2",
                     "got 3",  "turn 3", "put 4", "put 5", "turn 4", "got 4",  "got 5", "turn 5", "turn 6", "turn 7"}));
}

//   async def queue_getters_fifo(say):
//       q = Queue()
//       tasks = [create_task(getter(say, q, n)) for n in "abc"]
//       await sleep(0)
//       tick = create_task(ticker(say, 4))
//       for i in range(3): q.put_nowait(i)
//       await tick
TEST(queue, serves_those_who_wait_in_their_order) {
    const lines said = run_program([](notes& t) -> task<> {
        queue<int> q;
        auto a = create_task(getter(t, q, "a"));
        auto b = create_task(getter(t, q, "b"));
        auto c = create_task(getter(t, q, "c"));
        co_await sleep(0ns);
        auto tick = create_task(ticker(t, 4));
        for (int i = 0; i < 3; ++i) q.put_nowait(i);
        co_await tick;
    });
    EXPECT_EQ(said, (lines{"turn 0", "a got 0", "b got 1", "c got 2", "turn 1", "turn 2", "turn 3"}));
}

//   async def queue_cancel_getters(say):
//       q = Queue()
//       a, b, c = [create_task(getter(say, q, n)) for n in "abc"]
//       await sleep(0)
//       tick = create_task(ticker(say, 5))
//       a.cancel()              # before it is woken
//       q.put_nowait(1)         # wakes b
//       b.cancel()              # after: c is woken instead
//       await tick
//       say(f"{q.qsize()} left")
TEST(queue, keeps_its_item_for_the_next_if_a_getter_is_cancelled) {
    const lines said = run_program([](notes& t) -> task<> {
        queue<int> q;
        auto a = create_task(getter(t, q, "a"));
        auto b = create_task(getter(t, q, "b"));
        auto c = create_task(getter(t, q, "c"));
        co_await sleep(0ns);
        auto tick = create_task(ticker(t, 5));
        a.cancel();
        q.put_nowait(1);
        b.cancel();
        co_await tick;
        t.say(text(static_cast<int>(q.qsize())) + " left");
    });
    EXPECT_EQ(said, (lines{"turn 0", "a cancelled", "b cancelled", "turn 1", "c got 1", "turn 2", "turn 3", "turn 4",
                           "0 left"}));
}

//   async def queue_cancel_putters(say):
//       q = Queue(1)
//       q.put_nowait(0)
//       a, b, c = [create_task(putter(say, q, n)) for n in "abc"]
//       await sleep(0)
//       tick = create_task(ticker(say, 5))
//       a.cancel()
//       say(f"got {q.get_nowait()}")
//       b.cancel()
//       await tick
//       say(f"got {q.get_nowait()}")
TEST(queue, gives_the_room_to_the_next_if_a_putter_is_cancelled) {
    const lines said = run_program([](notes& t) -> task<> {
        queue<std::string> q(1);
        q.put_nowait("0");
        auto a = create_task(putter<std::string>(t, q, "a"));
        auto b = create_task(putter<std::string>(t, q, "b"));
        auto c = create_task(putter<std::string>(t, q, "c"));
        co_await sleep(0ns);
        auto tick = create_task(ticker(t, 5));
        a.cancel();
        t.say("got " + q.get_nowait());
        b.cancel();
        co_await tick;
        t.say("got " + q.get_nowait());
    });
    EXPECT_EQ(said, (lines{"got 0", "turn 0", "a cancelled", "b cancelled", "turn 1", "c put", "turn 2", "turn 3",
                           "turn 4", "got c"}));
}

//   async def queue_barging(say):
//       q = Queue()
//       a = create_task(getter(say, q, "a"))
//       await sleep(0)
//       q.put_nowait(1)
//       say(f"main got {q.get_nowait()}")
//       await ticker(say, 2)
//       q.put_nowait(2)
//       await ticker(say, 2)
TEST(queue, lets_get_nowait_come_before_one_who_was_woken) {
    const lines said = run_program([](notes& t) -> task<> {
        queue<int> q;
        auto a = create_task(getter(t, q, "a"));
        co_await sleep(0ns);
        q.put_nowait(1);
        t.say("main got " + text(q.get_nowait()));
        co_await ticker(t, 2);
        q.put_nowait(2);
        co_await ticker(t, 2);
    });
    EXPECT_EQ(said, (lines{"main got 1", "turn 0", "turn 1", "turn 0", "a got 2", "turn 1"}));
}

//   async def queue_shutdown_drains(say):
//       q = Queue(2)
//       q.put_nowait(1)
//       q.put_nowait(2)
//       p = create_task(putter(say, q, 3))
//       await sleep(0)
//       q.shutdown()
//       await ticker(say, 2)
//       for n in "abc": await getter(say, q, n)
//       await putter(say, q, 4)
TEST(queue, that_is_shut_down_gives_what_is_left_and_takes_nothing) {
    const lines said = run_program([](notes& t) -> task<> {
        queue<int> q(2);
        q.put_nowait(1);
        q.put_nowait(2);
        auto p = create_task(putter(t, q, 3));
        co_await sleep(0ns);
        q.shutdown();
        co_await ticker(t, 2);
        co_await getter(t, q, "a");
        co_await getter(t, q, "b");
        co_await getter(t, q, "c");
        co_await putter(t, q, 4);
    });
    EXPECT_EQ(said, (lines{"turn 0", "3 shut down", "turn 1", "a got 1", "b got 2", "c shut down", "4 shut down"}));
}

//   async def queue_shutdown_wakes(say):
//       q = Queue()
//       tasks = [create_task(getter(say, q, n)) for n in "ab"]
//       await sleep(0)
//       tasks[0].cancel()
//       q.shutdown()
//       await ticker(say, 3)
TEST(queue, that_is_shut_down_wakes_those_who_wait) {
    const lines said = run_program([](notes& t) -> task<> {
        queue<int> q;
        auto a = create_task(getter(t, q, "a"));
        auto b = create_task(getter(t, q, "b"));
        co_await sleep(0ns);
        a.cancel();
        q.shutdown();
        co_await ticker(t, 3);
    });
    EXPECT_EQ(said, (lines{"turn 0", "a cancelled", "b shut down", "turn 1", "turn 2"}));
}

//   async def queue_shutdown_immediate(say):
//       q = Queue()
//       for i in range(3): q.put_nowait(i)
//       async def join():
//           await q.join()
//           say("joined")
//       j = create_task(join())
//       say(f"got {q.get_nowait()}")
//       await sleep(0)
//       q.shutdown(immediate=True)
//       say(f"{q.qsize()} left")
//       await ticker(say, 2)
//       q.task_done()
//       await ticker(say, 2)
TEST(queue, that_is_shut_down_immediately_is_emptied_and_those_count_as_done) {
    const lines said = run_program([](notes& t) -> task<> {
        queue<int> q;
        for (int i = 0; i < 3; ++i) q.put_nowait(i);
        auto join = [&]() -> task<> {
            co_await q.join();
            t.say("joined");
        };
        auto j = create_task(join());
        t.say("got " + text(q.get_nowait()));
        co_await sleep(0ns);
        q.shutdown(true);
        t.say(text(static_cast<int>(q.qsize())) + " left");
        co_await ticker(t, 2);
        q.task_done();
        co_await ticker(t, 2);
    });
    EXPECT_EQ(said, (lines{"got 0", "0 left", "turn 0", "turn 1", "turn 0", "joined", "turn 1"}));
}

//   async def queue_join(say):
//       q = Queue()
//       async def join():
//           await q.join()
//           say("joined")
//       await join()
//       for i in range(2): q.put_nowait(i)
//       j = create_task(join())
//       await sleep(0)
//       for i in range(2):
//           await q.get()
//           q.task_done()
//           await ticker(say, 2)
//       await j
TEST(queue, is_joined_when_every_item_is_done) {
    const lines said = run_program([](notes& t) -> task<> {
        queue<int> q;
        auto join = [&]() -> task<> {
            co_await q.join();
            t.say("joined");
        };
        co_await join();
        for (int i = 0; i < 2; ++i) q.put_nowait(i);
        auto j = create_task(join());
        co_await sleep(0ns);
        for (int i = 0; i < 2; ++i) {
            co_await q.get();
            q.task_done();
            co_await ticker(t, 2);
        }
        co_await j;
    });
    EXPECT_EQ(said, (lines{"joined", "turn 0", "turn 1", "turn 0", "joined", "turn 1"}));
}

//   async def queue_orders(say):
//       p, l = PriorityQueue(), LifoQueue()
//       for i in (5, 1, 4, 1, 3): p.put_nowait(i); l.put_nowait(i)
//       say(" ".join(str(p.get_nowait()) for _ in range(5)))
//       say(" ".join(str(l.get_nowait()) for _ in range(5)))
TEST(queue, has_its_kin_in_other_orders) {
    const lines said = run_program([](notes& t) -> task<> {
        priority_queue<int> p;
        lifo_queue<int> l;
        for (const int i : {5, 1, 4, 1, 3}) {
            p.put_nowait(i);
            l.put_nowait(i);
        }
        std::string by_priority = text(p.get_nowait());
        while (!p.empty()) by_priority += " " + text(p.get_nowait());
        t.say(by_priority);
        std::string last_first = text(l.get_nowait());
        while (!l.empty()) last_first += " " + text(l.get_nowait());
        t.say(last_first);
        co_return;
    });
    EXPECT_EQ(said, (lines{"1 1 3 4 5", "3 1 4 1 5"}));
}

//   async def queue_equal_priorities(say):
//       class Job:
//           def __init__(self, name): self.name = name
//           def __lt__(self, other): return self.name[0] < other.name[0]
//       p = PriorityQueue()
//       x = 1
//       for i in range(60):
//           x = x * 75 % 65537
//           p.put_nowait(Job(f"{x % 4}-{i}"))
//           if x % 3 == 0: say(p.get_nowait().name)
//       while not p.empty(): say(p.get_nowait().name)
TEST(queue, gives_items_of_the_same_priority_in_the_order_of_heapq) {
    struct first_digit {
        bool operator()(const std::string& a, const std::string& b) const { return a[0] < b[0]; }
    };
    lines said;
    priority_queue<std::string, first_digit> p;
    int x = 1;
    for (int i = 0; i < 60; ++i) {
        x = x * 75 % 65537;
        p.put_nowait(text(x % 4) + "-" + text(i));
        if (x % 3 == 0) said.push_back(p.get_nowait());
    }
    while (!p.empty()) said.push_back(p.get_nowait());
    EXPECT_EQ(said,
              (lines{"3-0",  "1-1",  "1-2",  "0-6",  "0-10", "1-7",  "1-15", "1-16", "0-20", "0-22", "1-8",  "0-30",
                     "0-34", "1-21", "0-37", "0-39", "0-44", "0-40", "0-47", "0-50", "0-51", "0-54", "0-57", "1-43",
                     "1-13", "1-33", "1-59", "1-49", "1-26", "1-53", "1-27", "1-32", "1-48", "1-45", "2-23", "2-18",
                     "2-24", "2-17", "2-5",  "2-36", "2-31", "2-14", "2-55", "2-4",  "2-28", "2-46", "3-11", "3-25",
                     "3-12", "3-19", "3-9",  "3-38", "3-56", "3-41", "3-52", "3-29", "3-3",  "3-58", "3-35", "3-42"}));
}

TEST(queue, raises_errors_without_a_text) {
    queue<int> q(1);
    EXPECT_EQ(raised_by<queue_empty>([&] { q.get_nowait(); }), "");
    q.put_nowait(1);
    EXPECT_EQ(raised_by<queue_full>([&] { q.put_nowait(2); }), "");
    q.shutdown();
    EXPECT_EQ(raised_by<queue_shutdown>([&] { q.put_nowait(2); }), "");
    EXPECT_EQ(q.get_nowait(), 1);
    EXPECT_EQ(raised_by<queue_shutdown>([&] { q.get_nowait(); }), "");
    q.task_done();
    EXPECT_EQ(raised_by<value_error>([&] { q.task_done(); }), "task_done() called too many times");
}

TEST(queue, can_be_tried) {
    queue<std::unique_ptr<int>> q(1);
    EXPECT_FALSE(q.try_get());
    auto one = std::make_unique<int>(1);
    auto two = std::make_unique<int>(2);
    EXPECT_TRUE(q.try_put(std::move(one)));
    EXPECT_FALSE(q.try_put(std::move(two)));
    ASSERT_TRUE(two) << "what was not put stays where it is";
    EXPECT_EQ(**q.try_get(), 1);
    q.shutdown();
    EXPECT_FALSE(q.try_put(std::move(two)));
    EXPECT_FALSE(q.try_get());
}

TEST(queue, knows_its_size) {
    queue<int> q(2);
    EXPECT_EQ(q.maxsize(), 2);
    EXPECT_TRUE(q.empty());
    q.put_nowait(1);
    EXPECT_FALSE(q.empty());
    EXPECT_FALSE(q.full());
    q.put_nowait(2);
    EXPECT_TRUE(q.full());
    EXPECT_EQ(q.qsize(), 2u);
    queue<int> unbounded(-1);
    EXPECT_FALSE(unbounded.full());
}

TEST(queue, holds_what_can_only_be_moved) {
    run([]() -> task<> {
        queue<std::unique_ptr<int>> q(1);
        auto consume = [&]() -> task<int> {
            int sum = 0;
            for (int i = 0; i < 3; ++i) {
                auto item = co_await q.get();
                sum += *item;
            }
            co_return sum;
        };
        auto sum = create_task(consume());
        for (int i = 1; i <= 3; ++i) co_await q.put(std::make_unique<int>(i));
        EXPECT_EQ(co_await sum, 6);
    }());
}

/// Moving it raises, where it is told to: as where there is no memory for what holds it.
struct refuses_to_move {
    explicit refuses_to_move(bool it_does) noexcept : refuses(it_does) {}
    refuses_to_move(refuses_to_move&& other) : refuses(other.refuses), moves(other.moves + 1) {
        if (refuses && moves > 1) throw value_error("not further");
    }
    refuses_to_move& operator=(refuses_to_move&&) = default;
    bool refuses;
    int moves = 0;
};

TEST(queue, leaves_the_room_to_the_next_where_an_item_cannot_be_put) {
    run(
        []() -> task<> {
            queue<refuses_to_move> q(1);
            q.put_nowait(refuses_to_move(false));
            const auto puts = [&](bool refuses) -> task<> { co_await q.put(refuses_to_move(refuses)); };
            auto first = create_task(puts(true));
            auto second = create_task(puts(false));
            co_await sleep(0s);
            q.get_nowait();
            co_await gather(return_exceptions, first, second);  // a deadlock, were the room lost
            EXPECT_THROW(first.result(), value_error);
            EXPECT_EQ(q.qsize(), 1U);
        }(),
        {.virtual_time = true});
}

TEST(queue, may_go_before_those_who_waited_and_are_cancelled) {
    const lines said = run_program([](notes& t) -> task<> {
        queue<int> q;
        auto a = create_task(getter(t, q, "a"));
        auto b = create_task(getter(t, q, "b"));
        co_await sleep(0ns);
        q.put_nowait(1);
        a.cancel();
    });
    EXPECT_EQ(said, (lines{"a cancelled", "b cancelled"}));
}

// CPython loses an item then, or has one more than it counts.
TEST(queue, has_put_and_taken_nothing_where_the_comparison_raises) {
    static bool raises;
    struct careful {
        bool operator()(int a, int b) {
            if (raises) throw value_error("not to be compared");
            return a < b;
        }
    };
    const auto raising = [](auto&& call) {
        raises = true;
        EXPECT_THROW(call(), value_error);
        raises = false;
    };
    priority_queue<int, careful> q;
    for (const int item : {4, 2, 3, 1, 5}) q.put_nowait(item);
    raising([&] { q.put_nowait(0); });
    raising([&] { return q.get_nowait(); });
    EXPECT_EQ(q.qsize(), 5U);
    for (int item = 1; item <= 5; ++item) EXPECT_EQ(q.get_nowait(), item);
    EXPECT_TRUE(q.empty());
    for (const int item : {2, 1}) q.put_nowait(item);
    for (int item = 1; item <= 2; ++item) EXPECT_EQ(q.get_nowait(), item);
}

// Its move raises, when it has been moved so often.
struct seldom_moved {
    explicit seldom_moved(int n) noexcept : number(n) {}
    seldom_moved(seldom_moved&& other) : number(other.number) { count(); }
    seldom_moved& operator=(seldom_moved&& other) {
        count();
        number = other.number;
        return *this;
    }
    static void count() {
        if (moves_left > 0 && --moves_left == 0) throw value_error("not to be moved");
    }
    bool operator<(const seldom_moved& other) const noexcept { return number < other.number; }
    int number;
    inline static int moves_left = 0;
};

TEST(queue, of_priorities_counts_its_items_where_a_move_raises) {
    const auto raises_at = [](int move, auto&& call) {
        priority_queue<seldom_moved> q;
        for (const int n : {4, 2, 3, 1, 5}) q.put_nowait(seldom_moved(n));
        bool raised = false;
        seldom_moved::moves_left = move;
        try {
            call(q);
        } catch (const value_error&) {
            raised = true;
        }
        seldom_moved::moves_left = 0;
        while (!q.empty()) q.get_nowait();
        q.put_nowait(seldom_moved(9));
        EXPECT_EQ(q.get_nowait().number, 9) << move;
        return raised;
    };
    int puts = 1;
    while (raises_at(puts, [](auto& q) { q.put_nowait(seldom_moved(0)); })) ++puts;
    EXPECT_GT(puts, 6);
    int gets = 1;
    while (raises_at(gets, [](auto& q) { q.get_nowait(); })) ++gets;
    EXPECT_GT(gets, 6);
}

struct not_to_be_moved {
    explicit not_to_be_moved(bool& raises) noexcept : moving_raises(&raises) {}
    not_to_be_moved(not_to_be_moved&& other) : moving_raises(other.moving_raises) {
        if (std::exchange(*moving_raises, false)) throw value_error("not to be moved");
    }
    bool* moving_raises;
};

TEST(queue, leaves_an_item_that_could_not_be_handed_out_to_the_next_who_waits) {
    bool raises = false;
    queue<not_to_be_moved> q;
    int got = 0;
    int raised = 0;
    const auto gets = [&]() -> task<> {
        try {
            co_await q.get();
            ++got;
        } catch (const value_error&) {
            ++raised;
        }
    };
    const auto program = [&]() -> task<> {
        const auto first = create_task(gets());
        const auto second = create_task(gets());
        co_await sleep(0ms);
        q.put_nowait(not_to_be_moved(raises));
        raises = true;
        co_await first;
        co_await second;
    };
    run(program(), {.virtual_time = true});
    EXPECT_EQ(got, 1);
    EXPECT_EQ(raised, 1);
    EXPECT_TRUE(q.empty());
}

}  // namespace
