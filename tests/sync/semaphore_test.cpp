#include <fermata/sync/semaphore.hpp>

#include "support.hpp"

#include <gtest/gtest.h>

namespace {

using namespace fermata_test;

const char* name_of(bool b) { return b ? "True" : "False"; }

// The expected lines are what the programs in the comments print on CPython 3.13; there, ticker(say, n) says "turn i" and
// sleeps for 0 seconds, n times.

task<> sem_user(notes& t, semaphore& s, std::string name) {
    try {
        co_await s.acquire();
    } catch (const cancelled_error&) {
        t.say(name + " cancelled");
        throw;
    }
    t.say(name + " has one");
    co_await sleep(0ns);
    s.release();
}
//   async def sem_user(say, s, name):
//       try:
//           await s.acquire()
//       except CancelledError:
//           say(f"{name} cancelled")
//           raise
//       say(f"{name} has one")
//       await sleep(0)
//       s.release()

//   async def sem_fifo(say):
//       s = Semaphore(2)
//       tasks = [create_task(sem_user(say, s, n)) for n in "abcde"]
//       tick = create_task(ticker(say, 8))
//       await tick
//       say(f"locked {s.locked()}")
TEST(semaphore, is_had_in_the_order_in_which_they_asked) {
    const lines said = run_program([](notes& t) -> task<> {
        semaphore s(2);
        auto a = create_task(sem_user(t, s, "a"));
        auto b = create_task(sem_user(t, s, "b"));
        auto c = create_task(sem_user(t, s, "c"));
        auto d = create_task(sem_user(t, s, "d"));
        auto e = create_task(sem_user(t, s, "e"));
        co_await create_task(ticker(t, 8));
        t.say(std::string("locked ") + name_of(s.locked()));
    });
    EXPECT_EQ(said, (lines{"a has one", "b has one", "turn 0", "turn 1", "c has one", "d has one", "turn 2", "turn 3",
                           "e has one", "turn 4", "turn 5", "turn 6", "turn 7", "locked False"}));
}

//   async def sem_no_barging(say):
//       s = Semaphore(1)
//       await s.acquire()
//       a = create_task(sem_user(say, s, "a"))
//       await sleep(0)
//       tick = create_task(ticker(say, 5))
//       s.release()
//       s.release()
//       say(f"locked {s.locked()}")
//       await s.acquire()
//       say("main has one")
//       await tick
//       say(f"locked {s.locked()}")
TEST(semaphore, lets_nobody_overtake_one_who_was_woken) {
    const lines said = run_program([](notes& t) -> task<> {
        semaphore s(1);
        co_await s.acquire();
        auto a = create_task(sem_user(t, s, "a"));
        co_await sleep(0ns);
        auto tick = create_task(ticker(t, 5));
        s.release();
        s.release();
        t.say(std::string("locked ") + name_of(s.locked()));
        EXPECT_FALSE(s.try_acquire());
        co_await s.acquire();
        t.say("main has one");
        co_await tick;
        t.say(std::string("locked ") + name_of(s.locked()));
    });
    EXPECT_EQ(said, (lines{"locked True", "turn 0", "a has one", "turn 1", "main has one", "turn 2", "turn 3", "turn 4",
                           "locked False"}));
}

//   async def sem_cancel_woken(say):
//       s = Semaphore(0)
//       a, b, c = (create_task(sem_user(say, s, n)) for n in "abc")
//       await sleep(0)
//       tick = create_task(ticker(say, 7))
//       b.cancel()
//       s.release()
//       a.cancel()
//       await tick
//       say(f"locked {s.locked()}")
TEST(semaphore, goes_to_the_next_if_the_one_who_was_woken_is_cancelled) {
    const lines said = run_program([](notes& t) -> task<> {
        semaphore s(0);
        auto a = create_task(sem_user(t, s, "a"));
        auto b = create_task(sem_user(t, s, "b"));
        auto c = create_task(sem_user(t, s, "c"));
        co_await sleep(0ns);
        auto tick = create_task(ticker(t, 7));
        b.cancel();
        s.release();
        a.cancel();
        co_await tick;
        t.say(std::string("locked ") + name_of(s.locked()));
    });
    EXPECT_EQ(said, (lines{"turn 0", "b cancelled", "a cancelled", "turn 1", "c has one", "turn 2", "turn 3", "turn 4",
                           "turn 5", "turn 6", "locked False"}));
}

//   async def sem_release_many(say):
//       s = Semaphore(0)
//       a, b, c, d = (create_task(sem_user(say, s, n)) for n in "abcd")
//       await sleep(0)
//       tick = create_task(ticker(say, 7))
//       s.release()
//       s.release()
//       a.cancel()
//       b.cancel()
//       e = create_task(sem_user(say, s, "e"))
//       await tick
//       say(f"locked {s.locked()}")
TEST(semaphore, wakes_as_many_as_it_may_when_several_who_were_woken_are_cancelled) {
    const lines said = run_program([](notes& t) -> task<> {
        semaphore s(0);
        auto a = create_task(sem_user(t, s, "a"));
        auto b = create_task(sem_user(t, s, "b"));
        auto c = create_task(sem_user(t, s, "c"));
        auto d = create_task(sem_user(t, s, "d"));
        co_await sleep(0ns);
        auto tick = create_task(ticker(t, 7));
        s.release();
        s.release();
        a.cancel();
        b.cancel();
        auto e = create_task(sem_user(t, s, "e"));
        co_await tick;
        t.say(std::string("locked ") + name_of(s.locked()));
    });
    EXPECT_EQ(said, (lines{"turn 0", "a cancelled", "b cancelled", "turn 1", "c has one", "d has one", "turn 2",
                           "turn 3", "e has one", "turn 4", "turn 5", "turn 6", "locked False"}));
}

TEST(semaphore, refuses_a_negative_value) {
    EXPECT_EQ(raised_by<value_error>([] { semaphore s(-1); }), "Semaphore initial value must be >= 0");
    EXPECT_EQ(raised_by<value_error>([] { bounded_semaphore s(-1); }), "Semaphore initial value must be >= 0");
}

TEST(semaphore, is_released_when_its_guard_goes) {
    semaphore s(1);
    run([](semaphore& of) -> task<> {
        {
            auto guard = co_await of.lock();
            EXPECT_TRUE(of.locked());
        }
        EXPECT_FALSE(of.locked());
        auto guard = co_await of.lock();
        guard.detach();
    }(s));
    EXPECT_TRUE(s.locked());
}

TEST(semaphore, may_be_released_more_often_than_acquired_unless_it_is_bounded) {
    semaphore s(0);
    s.release();
    s.release();
    EXPECT_TRUE(s.try_acquire());
    EXPECT_TRUE(s.try_acquire());
    EXPECT_FALSE(s.try_acquire());

    bounded_semaphore bounded(1);
    EXPECT_TRUE(bounded.try_acquire());
    bounded.release();
    EXPECT_EQ(raised_by<value_error>([&] { bounded.release(); }), "BoundedSemaphore released too many times");
}

TEST(semaphore, may_go_before_those_who_waited_and_are_cancelled) {
    const lines said = run_program([](notes& t) -> task<> {
        semaphore s(0);
        auto a = create_task(sem_user(t, s, "a"));
        auto b = create_task(sem_user(t, s, "b"));
        co_await sleep(0ns);
        s.release();
        a.cancel();
    });
    EXPECT_EQ(said, (lines{"a cancelled", "b cancelled"}));
}

}  // namespace
