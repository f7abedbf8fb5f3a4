#include <fermata/sync/condition.hpp>

#include "support.hpp"

#include <gtest/gtest.h>

namespace {

using namespace fermata_test;

const char* name_of(bool b) { return b ? "True" : "False"; }

// The expected lines are what the programs in the comments print on CPython 3.13; there, ticker(say, n) says "turn i" and
// sleeps for 0 seconds, n times, and turns(n) is n times that sleep.

task<> cond_waiter(notes& t, condition& c, std::string name) {
    {
        auto guard = co_await c.lock();
        t.say(name + " waits");
        try {
            co_await c.wait();
        } catch (const cancelled_error&) {
            t.say(name + " cancelled, locked " + name_of(c.locked()));
            throw;
        }
        t.say(name + " goes on");
        co_await sleep(0ns);
    }
    t.say(name + " left");
}
//   async def cond_waiter(say, c, name):
//       async with c:
//           say(f"{name} waits")
//           try:
//               await c.wait()
//           except CancelledError:
//               say(f"{name} cancelled, locked {c.locked()}")
//               raise
//           say(f"{name} goes on")
//           await sleep(0)
//       say(f"{name} left")

//   async def cond_notify(say):
//       c = Condition()
//       tasks = [create_task(cond_waiter(say, c, n)) for n in "abcd"]
//       await turns(2)
//       tick = create_task(ticker(say, 12))
//       async with c:
//           c.notify(2)
//           say("notified 2")
//           await sleep(0)
//       await turns(4)
//       async with c:
//           c.notify_all()
//           say("notified all")
//       await tick
TEST(condition, wakes_those_who_wait_in_their_order) {
    const lines said = run_program([](notes& t) -> task<> {
        condition c;
        auto w1 = create_task(cond_waiter(t, c, "a"));
        auto w2 = create_task(cond_waiter(t, c, "b"));
        auto w3 = create_task(cond_waiter(t, c, "c"));
        auto w4 = create_task(cond_waiter(t, c, "d"));
        co_await turns(2);
        auto tick = create_task(ticker(t, 12));
        {
            auto guard = co_await c.lock();
            c.notify(2);
            t.say("notified 2");
            co_await sleep(0ns);
        }
        co_await turns(4);
        {
            auto guard = co_await c.lock();
            c.notify_all();
            t.say("notified all");
        }
        co_await tick;
    });
    EXPECT_EQ(said, (lines{"a waits",      "b waits", "c waits",   "d waits", "notified 2", "turn 0", "turn 1",
                           "a goes on",    "turn 2",  "a left",    "turn 3",  "b goes on",  "turn 4", "b left",
                           "notified all", "turn 5",  "c goes on", "turn 6",  "c left",     "turn 7", "d goes on",
                           "turn 8",       "d left",  "turn 9",    "turn 10", "turn 11"}));
}

//   async def cond_cancel_waiting(say):
//       c = Condition()
//       a, b = (create_task(cond_waiter(say, c, n)) for n in "ab")
//       await turns(2)
//       tick = create_task(ticker(say, 8))
//       await c.acquire()
//       a.cancel()
//       await turns(2)
//       say("main gives up the lock")
//       c.release()
//       await tick
//       say(f"{a.cancelled()} {b.done()}")
TEST(condition, has_the_lock_again_when_it_is_cancelled) {
    const lines said = run_program([](notes& t) -> task<> {
        condition c;
        auto a = create_task(cond_waiter(t, c, "a"));
        auto b = create_task(cond_waiter(t, c, "b"));
        co_await turns(2);
        auto tick = create_task(ticker(t, 8));
        co_await c.acquire();
        a.cancel();
        co_await turns(2);
        t.say("main gives up the lock");
        c.unlock();
        co_await tick;
        t.say(std::string(name_of(a.cancelled())) + " " + name_of(b.done()));
    });
    EXPECT_EQ(said, (lines{"a waits", "b waits", "turn 0", "turn 1", "main gives up the lock", "turn 2",
                           "a cancelled, locked True", "turn 3", "b goes on", "turn 4", "b left", "turn 5", "turn 6",
                           "turn 7", "True True"}));
}

//   async def cond_cancel_woken(say):
//       c = Condition()
//       a, b = (create_task(cond_waiter(say, c, n)) for n in "ab")
//       await turns(2)
//       tick = create_task(ticker(say, 10))
//       async with c:
//           c.notify()
//           a.cancel()
//       await tick
//       say(f"{a.cancelled()} {b.done()}")
TEST(condition, notifies_the_next_if_the_one_who_was_woken_is_cancelled) {
    const lines said = run_program([](notes& t) -> task<> {
        condition c;
        auto a = create_task(cond_waiter(t, c, "a"));
        auto b = create_task(cond_waiter(t, c, "b"));
        co_await turns(2);
        auto tick = create_task(ticker(t, 10));
        {
            auto guard = co_await c.lock();
            c.notify();
            a.cancel();
        }
        co_await tick;
        t.say(std::string(name_of(a.cancelled())) + " " + name_of(b.done()));
    });
    EXPECT_EQ(said,
              (lines{"a waits", "b waits", "turn 0", "a cancelled, locked True", "turn 1", "b goes on", "turn 2",
                     "b left", "turn 3", "turn 4", "turn 5", "turn 6", "turn 7", "turn 8", "turn 9", "True True"}));
}

//   async def cond_cancel_reacquiring(say):
//       c = Condition()
//       a, b = (create_task(cond_waiter(say, c, n)) for n in "ab")
//       await turns(2)
//       tick = create_task(ticker(say, 10))
//       await c.acquire()
//       c.notify()
//       await turns(2)          # a waits for the lock
//       a.cancel()
//       await turns(2)
//       a.cancel()
//       await turns(2)
//       say("main gives up the lock")
//       c.release()
//       await tick
//       say(f"{a.cancelled()} {b.done()}")
TEST(condition, goes_on_waiting_for_the_lock_however_often_it_is_cancelled) {
    const lines said = run_program([](notes& t) -> task<> {
        condition c;
        auto a = create_task(cond_waiter(t, c, "a"));
        auto b = create_task(cond_waiter(t, c, "b"));
        co_await turns(2);
        auto tick = create_task(ticker(t, 10));
        co_await c.acquire();
        c.notify();
        co_await turns(2);
        a.cancel();
        co_await turns(2);
        a.cancel();
        co_await turns(2);
        t.say("main gives up the lock");
        c.unlock();
        co_await tick;
        t.say(std::string(name_of(a.cancelled())) + " " + name_of(b.done()));
    });
    EXPECT_EQ(said, (lines{"a waits", "b waits", "turn 0", "turn 1", "turn 2", "turn 3", "turn 4", "turn 5",
                           "main gives up the lock", "turn 6", "a cancelled, locked True", "turn 7", "b goes on",
                           "turn 8", "b left", "turn 9", "True True"}));
}

//   async def cond_wait_for(say):
//       c = Condition()
//       n = 0
//       async def until(m):
//           async with c:
//               r = await c.wait_for(lambda: n >= m and n * 10)
//               say(f"{m}: {r}")
//       tasks = [create_task(until(m)) for m in (2, 1, 3)]
//       for _ in range(3):
//           await turns(3)
//           async with c:
//               n += 1
//               say(f"n is {n}")
//               c.notify_all()
//       for t in tasks: await t
TEST(condition, waits_for_a_predicate_and_gives_its_value) {
    const lines said = run_program([](notes& t) -> task<> {
        condition c;
        int n = 0;
        auto until = [&](int m) -> task<> {
            auto guard = co_await c.lock();
            const auto text = co_await c.wait_for([&] { return n >= m ? n * 10 : 0; });
            t.say(std::to_string(m) + ": " + std::to_string(text));
        };
        auto two = create_task(until(2));
        auto one = create_task(until(1));
        auto three = create_task(until(3));
        for (int i = 0; i < 3; ++i) {
            co_await sleep(1ms);
            auto guard = co_await c.lock();
            ++n;
            t.say("n is " + std::to_string(n));
            c.notify_all();
        }
        co_await two;
        co_await one;
        co_await three;
    });
    EXPECT_EQ(said, (lines{"n is 1", "1: 10", "n is 2", "2: 20", "n is 3", "3: 30"}));
}

TEST(condition, wants_its_lock_to_be_held) {
    condition c;
    EXPECT_EQ(raised_by<runtime_error>([&] { c.notify(); }), "cannot notify on un-acquired lock");
    EXPECT_EQ(raised_by<runtime_error>([&] { c.notify_all(); }), "cannot notify on un-acquired lock");
    EXPECT_EQ(raised_by<runtime_error>([&] { run(c.wait()); }), "cannot wait on un-acquired lock");
}

TEST(condition, may_share_a_mutex) {
    mutex lock;
    condition a(lock);
    condition b(lock);
    EXPECT_TRUE(a.try_lock());
    EXPECT_TRUE(b.locked());
    EXPECT_FALSE(b.try_lock());
    b.notify(0);
    a.unlock();
    EXPECT_FALSE(lock.locked());
}

}  // namespace
