#include <fermata/sync/mutex.hpp>

#include "support.hpp"

#include <gtest/gtest.h>

namespace {

using namespace fermata_test;

const char* name_of(bool b) { return b ? "True" : "False"; }

// The expected lines are what the programs in the comments print on CPython 3.13; there, ticker(say, n) says "turn i" and
// sleeps for 0 seconds, n times.

task<> lock_user(notes& t, mutex& lock, std::string name) {
    try {
        co_await lock.acquire();
    } catch (const cancelled_error&) {
        t.say(name + " cancelled");
        throw;
    }
    t.say(name + " has it");
    co_await sleep(0ns);
    lock.unlock();
}
//   async def lock_user(say, lock, name):
//       try:
//           await lock.acquire()
//       except CancelledError:
//           say(f"{name} cancelled")
//           raise
//       say(f"{name} has it")
//       await sleep(0)
//       lock.release()

//   async def mutex_fifo(say):
//       lock = Lock()
//       async def user(name):
//           async with lock:
//               say(f"{name} has it")
//               await sleep(0)
//               say(f"{name} gives it up")
//           await lock.acquire()
//           say(f"{name} has it again")
//           lock.release()
//       tasks = [create_task(user(n)) for n in "abc"]
//       tick = create_task(ticker(say, 12))
//       for t in tasks: await t
//       await tick
TEST(mutex, is_had_in_the_order_in_which_they_asked_and_nobody_overtakes) {
    const lines said = run_program([](notes& t) -> task<> {
        mutex lock;
        auto user = [&](std::string name) -> task<> {
            {
                auto guard = co_await lock.lock();
                t.say(name + " has it");
                co_await sleep(0ns);
                t.say(name + " gives it up");
            }
            auto guard = co_await lock.lock();
            t.say(name + " has it again");
        };
        auto a = create_task(user("a"));
        auto b = create_task(user("b"));
        auto c = create_task(user("c"));
        auto tick = create_task(ticker(t, 12));
        co_await a;
        co_await b;
        co_await c;
        co_await tick;
    });
    EXPECT_EQ(said, (lines{"a has it",       "turn 0",  "a gives it up",  "turn 1", "b has it",       "turn 2",
                           "b gives it up",  "turn 3",  "c has it",       "turn 4", "c gives it up",  "turn 5",
                           "a has it again", "turn 6",  "b has it again", "turn 7", "c has it again", "turn 8",
                           "turn 9",         "turn 10", "turn 11"}));
}

//   async def mutex_cancel_waiting(say):
//       lock = Lock()
//       await lock.acquire()
//       a, b, c = (create_task(lock_user(say, lock, n)) for n in "abc")
//       await sleep(0)
//       tick = create_task(ticker(say, 8))
//       b.cancel()
//       await sleep(0)
//       lock.release()
//       await tick
TEST(mutex, is_not_given_to_one_who_was_cancelled_while_it_waited) {
    const lines said = run_program([](notes& t) -> task<> {
        mutex lock;
        co_await lock.acquire();
        auto a = create_task(lock_user(t, lock, "a"));
        auto b = create_task(lock_user(t, lock, "b"));
        auto c = create_task(lock_user(t, lock, "c"));
        co_await sleep(0ns);
        auto tick = create_task(ticker(t, 8));
        b.cancel();
        co_await sleep(0ns);
        lock.unlock();
        co_await tick;
    });
    EXPECT_EQ(said, (lines{"turn 0", "b cancelled", "turn 1", "a has it", "turn 2", "turn 3", "c has it", "turn 4",
                           "turn 5", "turn 6", "turn 7"}));
}

//   async def mutex_cancel_woken(say):
//       lock = Lock()
//       await lock.acquire()
//       a, b, c = (create_task(lock_user(say, lock, n)) for n in "abc")
//       await sleep(0)
//       tick = create_task(ticker(say, 8))
//       lock.release()          # wakes a
//       a.cancel()
//       await tick
TEST(mutex, goes_to_the_next_if_the_one_who_was_woken_is_cancelled) {
    const lines said = run_program([](notes& t) -> task<> {
        mutex lock;
        co_await lock.acquire();
        auto a = create_task(lock_user(t, lock, "a"));
        auto b = create_task(lock_user(t, lock, "b"));
        auto c = create_task(lock_user(t, lock, "c"));
        co_await sleep(0ns);
        auto tick = create_task(ticker(t, 8));
        lock.unlock();
        a.cancel();
        co_await tick;
    });
    EXPECT_EQ(said, (lines{"turn 0", "a cancelled", "turn 1", "b has it", "turn 2", "turn 3", "c has it", "turn 4",
                           "turn 5", "turn 6", "turn 7"}));
}

//   async def mutex_cancelled_front(say):
//       lock = Lock()
//       await lock.acquire()
//       a, b, c = (create_task(lock_user(say, lock, n)) for n in "abc")
//       await sleep(0)
//       tick = create_task(ticker(say, 8))
//       a.cancel()
//       b.cancel()
//       lock.release()          # the first in the line is done already: nobody is woken now
//       say(f"locked {lock.locked()}")
//       await tick
TEST(mutex, is_handed_on_by_those_who_were_cancelled_at_the_front_of_the_line) {
    const lines said = run_program([](notes& t) -> task<> {
        mutex lock;
        co_await lock.acquire();
        auto a = create_task(lock_user(t, lock, "a"));
        auto b = create_task(lock_user(t, lock, "b"));
        auto c = create_task(lock_user(t, lock, "c"));
        co_await sleep(0ns);
        auto tick = create_task(ticker(t, 8));
        a.cancel();
        b.cancel();
        lock.unlock();
        t.say(std::string("locked ") + name_of(lock.locked()));
        co_await tick;
    });
    EXPECT_EQ(said, (lines{"locked False", "turn 0", "a cancelled", "b cancelled", "turn 1", "c has it", "turn 2",
                           "turn 3", "turn 4", "turn 5", "turn 6", "turn 7"}));
}

//   async def mutex_barge_cancelled(say):
//       lock = Lock()
//       await lock.acquire()
//       a, b = (create_task(lock_user(say, lock, n)) for n in "ab")
//       await sleep(0)
//       a.cancel()
//       b.cancel()
//       lock.release()
//       await lock.acquire()    # all who wait are cancelled: at once
//       say("main has it")
//       await turns(2)
//       lock.release()
//       say(f"locked {lock.locked()}")
TEST(mutex, is_free_if_all_who_wait_are_cancelled) {
    const lines said = run_program([](notes& t) -> task<> {
        mutex lock;
        co_await lock.acquire();
        auto a = create_task(lock_user(t, lock, "a"));
        auto b = create_task(lock_user(t, lock, "b"));
        co_await sleep(0ns);
        a.cancel();
        b.cancel();
        lock.unlock();
        co_await lock.acquire();
        t.say("main has it");
        co_await turns(2);
        lock.unlock();
        t.say(std::string("locked ") + name_of(lock.locked()));
    });
    EXPECT_EQ(said, (lines{"main has it", "a cancelled", "b cancelled", "locked False"}));
}

//   async def mutex_not_barge_woken(say):
//       lock = Lock()
//       await lock.acquire()
//       a = create_task(lock_user(say, lock, "a"))
//       await sleep(0)
//       lock.release()
//       say(f"locked {lock.locked()}")
//       await lock.acquire()
//       say("main has it")
//       lock.release()
//       await a
TEST(mutex, is_not_taken_from_one_who_was_woken) {
    const lines said = run_program([](notes& t) -> task<> {
        mutex lock;
        co_await lock.acquire();
        auto a = create_task(lock_user(t, lock, "a"));
        co_await sleep(0ns);
        lock.unlock();
        t.say(std::string("locked ") + name_of(lock.locked()));
        EXPECT_FALSE(lock.try_lock());
        co_await lock.acquire();
        t.say("main has it");
        lock.unlock();
        co_await a;
    });
    EXPECT_EQ(said, (lines{"locked False", "a has it", "main has it"}));
}

TEST(mutex, says_that_it_is_not_locked) {
    mutex lock;
    EXPECT_EQ(raised_by<runtime_error>([&] { lock.unlock(); }), "Lock is not acquired.");
    EXPECT_TRUE(lock.try_lock());
    EXPECT_FALSE(lock.try_lock());
    mutex::guard guard(lock);
    guard.unlock();
    EXPECT_FALSE(lock.locked());
    EXPECT_EQ(raised_by<runtime_error>([&] { guard.unlock(); }), "Lock is not acquired.");
}

TEST(mutex, is_unlocked_when_its_guard_goes_unless_that_is_detached) {
    mutex lock;
    ASSERT_TRUE(lock.try_lock());
    {
        mutex::guard first(lock);
        mutex::guard second(std::move(first));
    }
    EXPECT_FALSE(lock.locked());
    ASSERT_TRUE(lock.try_lock());
    mutex::guard(lock).detach();
    EXPECT_TRUE(lock.locked());
}

TEST(mutex, may_go_before_those_who_waited_and_are_cancelled) {
    const lines said = run_program([](notes& t) -> task<> {
        mutex lock;
        co_await lock.acquire();
        auto a = create_task(lock_user(t, lock, "a"));
        auto b = create_task(lock_user(t, lock, "b"));
        co_await sleep(0ns);
        b.cancel();
    });
    EXPECT_EQ(said, (lines{"b cancelled", "a cancelled"}));
}

// Python's text begins with the object's repr.
TEST(mutex, belongs_to_the_loop_in_which_somebody_waited_for_it) {
    event_loop one;
    event_loop other;
    detail::waiters line("fermata::mutex");
    line.bind(one);
    line.bind(one);
    EXPECT_EQ(raised_by<runtime_error>([&] { line.bind(other); }), "fermata::mutex is bound to a different event loop");
}

}  // namespace
