#include <fermata/loop/event_loop.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

event_loop loop_with(std::unique_ptr<schedule> order) {
    return event_loop({.clock = std::make_unique<virtual_clock>(), .schedule = std::move(order)});
}

/// The order in which a, b, c, d run, which are scheduled in this order in the same turn.
std::string order_of(std::unique_ptr<schedule> order) {
    event_loop loop = loop_with(std::move(order));
    std::string ran;
    for (const char each : {'a', 'b', 'c', 'd'}) {
        loop.call_soon([&ran, &loop, each] {
            ran += each;
            if (ran.size() == 4) loop.stop();
        });
    }
    loop.run_forever();
    return ran;
}

TEST(schedule, is_fifo_without_one) { EXPECT_EQ(order_of(nullptr), "abcd"); }

TEST(schedule, of_a_seed_is_the_same_each_time_and_on_every_platform) {
    EXPECT_EQ(order_of(make_seeded_schedule(1)), order_of(make_seeded_schedule(1)));
    std::string of_five_seeds;
    for (std::uint64_t seed = 0; seed < 5; ++seed) of_five_seeds += order_of(make_seeded_schedule(seed)) + " ";
    EXPECT_EQ(of_five_seeds, "badc cdab cadb cbad dacb ");
}

TEST(schedule, of_seeds_reaches_every_order) {
    std::set<std::string> orders;
    for (std::uint64_t seed = 0; seed < 500; ++seed) orders.insert(order_of(make_seeded_schedule(seed)));
    EXPECT_EQ(orders.size(), 24U);
}

// Three turns before two: permutations of what is ready in the same turn would not get there.
TEST(schedule, of_seeds_lets_what_takes_longer_come_first) {
    std::set<std::string> orders;
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        event_loop loop = loop_with(make_seeded_schedule(seed));
        std::string ran;
        const auto say = [&](const char* what) {
            ran += what;
            if (ran.size() == 2) loop.stop();
        };
        loop.call_soon([&] { loop.call_soon([&] { loop.call_soon([&] { say("3"); }); }); });
        loop.call_soon([&] { loop.call_soon([&] { say("2"); }); });
        loop.run_forever();
        orders.insert(ran);
    }
    EXPECT_EQ(orders, (std::set<std::string>{"23", "32"}));
}

TEST(schedule, of_seeds_lets_no_time_pass_while_anything_is_ready) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        event_loop loop = loop_with(make_seeded_schedule(seed));
        int ran = 0;
        for (int i = 0; i < 10; ++i) {
            loop.call_soon([&] {
                EXPECT_EQ(loop.time(), 0s);
                ++ran;
            });
        }
        loop.call_later(1s, [&] {
            EXPECT_EQ(ran, 10);
            EXPECT_EQ(loop.time(), 1s);
            loop.stop();
        });
        loop.run_forever();
    }
}

TEST(schedule, of_seeds_does_not_run_what_is_cancelled_while_it_is_left_behind) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        event_loop loop = loop_with(make_seeded_schedule(seed));
        bool cancelled = false;
        callback_handle victim;
        for (int i = 0; i < 3; ++i) loop.call_soon([] {});
        victim = loop.call_soon([&] { EXPECT_FALSE(cancelled); });
        loop.call_soon([&] {
            victim.cancel();
            cancelled = true;
        });
        loop.call_later(1s, [&] { loop.stop(); });
        loop.run_forever();
        EXPECT_TRUE(cancelled);
    }
}

TEST(schedule, may_be_the_users_own) {
    class last_in_first_out final : public schedule {
    public:
        void choose(detail::intrusive_list<detail::callback>& ready,
                    detail::intrusive_list<detail::callback>& batch) override {
            while (!ready.empty()) batch.push_front(ready.pop_front());
        }
    };
    EXPECT_EQ(order_of(std::make_unique<last_in_first_out>()), "dcba");
}

}  // namespace
