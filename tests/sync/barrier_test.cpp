#include <fermata/sync/barrier.hpp>

#include "support.hpp"

#include <gtest/gtest.h>

namespace {

using namespace fermata_test;

// The expected lines are what the programs in the comments print on CPython 3.13; there, ticker(say, n) says "turn i" and
// sleeps for 0 seconds, n times.

std::string state_of(const barrier& b) { return std::to_string(b.n_waiting()) + (b.broken() ? " True" : " False"); }

task<> barrier_party(notes& t, barrier& b, std::string name) {
    try {
        const std::size_t i = co_await b.wait();
        t.say(name + " is " + std::to_string(i));
    } catch (const broken_barrier_error& e) {
        t.say(name + ": " + e.what());
    } catch (const cancelled_error&) {
        t.say(name + " cancelled");
        throw;
    }
}
//   async def barrier_party(say, b, name):
//       try:
//           i = await b.wait()
//       except asyncio.BrokenBarrierError as e:
//           say(f"{name}: {e}")
//       except CancelledError:
//           say(f"{name} cancelled")
//           raise
//       else:
//           say(f"{name} is {i}")

//   async def barrier_rounds(say):
//       b = Barrier(2)
//       tasks = [create_task(barrier_party(say, b, n)) for n in "abcde"]
//       tick = create_task(ticker(say, 14))
//       await tick
//       say(f"{b.n_waiting} {b.parties} {b.broken}")
//       await barrier_party(say, b, "main")
TEST(barrier, lets_them_go_on_together_round_after_round) {
    const lines said = run_program([](notes& t) -> task<> {
        barrier b(2);
        auto p1 = create_task(barrier_party(t, b, "a"));
        auto p2 = create_task(barrier_party(t, b, "b"));
        auto p3 = create_task(barrier_party(t, b, "c"));
        auto p4 = create_task(barrier_party(t, b, "d"));
        auto p5 = create_task(barrier_party(t, b, "e"));
        co_await create_task(ticker(t, 14));
        t.say(std::to_string(b.n_waiting()) + " " + std::to_string(b.parties()) + (b.broken() ? " True" : " False"));
        co_await barrier_party(t, b, "main");
    });
    EXPECT_EQ(said, (lines{"b is 1",  "turn 0",  "a is 0",  "turn 1",  "d is 1",    "turn 2",    "c is 0",
                           "turn 3",  "turn 4",  "turn 5",  "turn 6",  "turn 7",    "turn 8",    "turn 9",
                           "turn 10", "turn 11", "turn 12", "turn 13", "1 2 False", "main is 1", "e is 0"}));
}

//   async def barrier_abort(say):
//       b = Barrier(3)
//       tasks = [create_task(barrier_party(say, b, n)) for n in "ab"]
//       await sleep(0)
//       say(f"{b.n_waiting} {b.broken}")
//       await b.abort()
//       tick = create_task(ticker(say, 5))
//       c = create_task(barrier_party(say, b, "c"))
//       await tick
//       say(f"{b.n_waiting} {b.broken}")
//       await b.reset()
//       say(f"{b.n_waiting} {b.broken}")
TEST(barrier, that_is_aborted_breaks_for_all_until_it_is_reset) {
    const lines said = run_program([](notes& t) -> task<> {
        barrier b(3);
        auto a1 = create_task(barrier_party(t, b, "a"));
        auto a2 = create_task(barrier_party(t, b, "b"));
        co_await sleep(0ns);
        t.say(state_of(b));
        co_await b.abort();
        auto tick = create_task(ticker(t, 5));
        auto c = create_task(barrier_party(t, b, "c"));
        co_await tick;
        t.say(state_of(b));
        co_await b.reset();
        t.say(state_of(b));
    });
    EXPECT_EQ(said, (lines{"2 False", "a: Abort or reset of barrier", "b: Abort or reset of barrier", "turn 0",
                           "c: Barrier aborted", "turn 1", "turn 2", "turn 3", "turn 4", "0 True", "0 False"}));
}

//   async def barrier_reset(say):
//       b = Barrier(3)
//       tasks = [create_task(barrier_party(say, b, n)) for n in "ab"]
//       await sleep(0)
//       await b.reset()
//       later = [create_task(barrier_party(say, b, n)) for n in "cde"]
//       await ticker(say, 9)
//       say(f"{b.n_waiting} {b.broken}")
TEST(barrier, that_is_reset_breaks_for_those_who_wait_and_then_fills_again) {
    const lines said = run_program([](notes& t) -> task<> {
        barrier b(3);
        auto p1 = create_task(barrier_party(t, b, "a"));
        auto p2 = create_task(barrier_party(t, b, "b"));
        co_await sleep(0ns);
        co_await b.reset();
        auto p3 = create_task(barrier_party(t, b, "c"));
        auto p4 = create_task(barrier_party(t, b, "d"));
        auto p5 = create_task(barrier_party(t, b, "e"));
        co_await ticker(t, 9);
        t.say(state_of(b));
    });
    EXPECT_EQ(said, (lines{"turn 0", "a: Abort or reset of barrier", "b: Abort or reset of barrier", "e is 2", "turn 1",
                           "c is 0", "d is 1", "turn 2", "turn 3", "turn 4", "turn 5", "turn 6", "turn 7", "turn 8",
                           "0 False"}));
}

//   async def barrier_cancel(say):
//       b = Barrier(3)
//       x, y = [create_task(barrier_party(say, b, n)) for n in "xy"]
//       await sleep(0)
//       x.cancel()
//       await sleep(0)
//       say(f"{b.n_waiting}")
//       z, w = [create_task(barrier_party(say, b, n)) for n in "zw"]
//       await ticker(say, 8)
//       say(f"{b.n_waiting}")
TEST(barrier, does_not_count_one_who_was_cancelled) {
    const lines said = run_program([](notes& t) -> task<> {
        barrier b(3);
        auto x = create_task(barrier_party(t, b, "x"));
        auto y = create_task(barrier_party(t, b, "y"));
        co_await sleep(0ns);
        x.cancel();
        co_await sleep(0ns);
        t.say(std::to_string(b.n_waiting()));
        auto z = create_task(barrier_party(t, b, "z"));
        auto w = create_task(barrier_party(t, b, "w"));
        co_await ticker(t, 8);
        t.say(std::to_string(b.n_waiting()));
    });
    EXPECT_EQ(said, (lines{"x cancelled", "1", "turn 0", "w is 2", "turn 1", "y is 1", "z is 1", "turn 2", "turn 3",
                           "turn 4", "turn 5", "turn 6", "turn 7", "0"}));
}

TEST(barrier, wants_at_least_one_party) {
    EXPECT_EQ(raised_by<value_error>([] { barrier b(0); }), "parties must be > 0");
    EXPECT_EQ(raised_by<value_error>([] { barrier b(-3); }), "parties must be > 0");
    barrier alone(1);
    EXPECT_EQ(run(alone.wait()), 0u);
    EXPECT_EQ(run(alone.wait()), 0u);
}

}  // namespace
