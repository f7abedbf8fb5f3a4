#include <fermata/sync/event.hpp>

#include "support.hpp"

#include <gtest/gtest.h>

namespace {

using namespace fermata_test;

const char* name_of(bool b) { return b ? "True" : "False"; }

// The expected lines are what the programs in the comments print on CPython 3.13; there, ticker(say, n) says "turn i" and
// sleeps for 0 seconds, n times.

task<> event_waiter(notes& t, event& e, std::string name) {
    try {
        co_await e.wait();
    } catch (const cancelled_error&) {
        t.say(name + " cancelled");
        throw;
    }
    t.say(name + " woken, set " + name_of(e.is_set()));
}
//   async def event_waiter(say, e, name):
//       try:
//           await e.wait()
//       except CancelledError:
//           say(f"{name} cancelled")
//           raise
//       say(f"{name} woken, set {e.is_set()}")

//   async def event_set_clear(say):
//       e = Event()
//       tasks = [create_task(event_waiter(say, e, n)) for n in "abc"]
//       await sleep(0)
//       tick = create_task(ticker(say, 3))
//       e.set()
//       e.clear()
//       d = create_task(event_waiter(say, e, "d"))
//       await tick
//       e.set()
//       await d
TEST(event, wakes_all_who_wait_in_their_order_even_if_it_is_cleared_at_once) {
    const lines said = run_program([](notes& t) -> task<> {
        event e;
        auto a = create_task(event_waiter(t, e, "a"));
        auto b = create_task(event_waiter(t, e, "b"));
        auto c = create_task(event_waiter(t, e, "c"));
        co_await sleep(0ns);
        auto tick = create_task(ticker(t, 3));
        e.set();
        e.clear();
        auto d = create_task(event_waiter(t, e, "d"));
        co_await tick;
        e.set();
        co_await d;
    });
    EXPECT_EQ(said, (lines{"turn 0", "a woken, set False", "b woken, set False", "c woken, set False", "turn 1",
                           "turn 2", "d woken, set True"}));
}

//   async def event_cancel(say):
//       e = Event()
//       a, b, c = (create_task(event_waiter(say, e, n)) for n in "abc")
//       await sleep(0)
//       tick = create_task(ticker(say, 3))
//       a.cancel()              # before it is woken
//       e.set()
//       c.cancel()              # after
//       await tick
//       say(f"{a.cancelled()} {b.cancelled()} {c.cancelled()}")
TEST(event, does_not_wake_one_who_is_cancelled_before_or_after) {
    const lines said = run_program([](notes& t) -> task<> {
        event e;
        auto a = create_task(event_waiter(t, e, "a"));
        auto b = create_task(event_waiter(t, e, "b"));
        auto c = create_task(event_waiter(t, e, "c"));
        co_await sleep(0ns);
        auto tick = create_task(ticker(t, 3));
        a.cancel();
        e.set();
        c.cancel();
        co_await tick;
        t.say(std::string(name_of(a.cancelled())) + " " + name_of(b.cancelled()) + " " + name_of(c.cancelled()));
    });
    EXPECT_EQ(said, (lines{"turn 0", "a cancelled", "b woken, set True", "c cancelled", "turn 1", "turn 2",
                           "True False True"}));
}

TEST(event, that_is_set_costs_no_turn) {
    const lines said = run_program([](notes& t) -> task<> {
        event e;
        e.set();
        auto tick = create_task(ticker(t, 1));
        for (int i = 0; i < 1'000'000; ++i) co_await e.wait();
        t.say("waited");
        co_await tick;
    });
    EXPECT_EQ(said, (lines{"waited", "turn 0"}));
}

TEST(event, may_go_before_those_who_waited_for_it_go_on) {
    const lines said = run_program([](notes& t) -> task<> {
        event e;
        auto woken = [](notes& say, event& of) -> task<> {
            co_await of.wait();
            say.say("woken");
        };
        auto a = create_task(woken(t, e));
        co_await sleep(0ns);
        e.set();
        e.clear();
        auto b = create_task(event_waiter(t, e, "b"));
        co_await sleep(0ns);
    });
    EXPECT_EQ(said, (lines{"woken", "b cancelled"}));
}

}  // namespace
