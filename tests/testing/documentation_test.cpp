// The snippets of docs/guide/testing.md.

#include "support.hpp"

#include <fermata/async.hpp>
#include <fermata/io.hpp>
#include <fermata/testing.hpp>
#include <fermata/testing/failing_new.hpp>
#include <fermata/testing/gtest.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

task<> answer_that_never_comes() {
    event never;
    co_await never.wait();
}

// [test]
FERMATA_TEST(client, gives_up_after_a_second) {
    bool gave_up = false;
    try {
        co_await wait_for(answer_that_never_comes(), 1s);
    } catch (const timeout_error&) {
        gave_up = true;
    }
    CO_ASSERT_TRUE(gave_up);
    EXPECT_EQ(current_loop().time(), 1s);
}
// [test]

// [stock]
struct stock {
    int items = 1;

    task<bool> sell() {
        if (items == 0) co_return false;
        co_await sleep(0ns);  // the payment
        --items;              // is it still there?
        co_return true;
    }
};
// [stock]

task<bool> later(stock& shop) {
    co_await sleep(0ns);
    co_await sleep(0ns);
    co_return co_await shop.sell();
}

// [race]
task<> sells_no_more_than_it_has() {
    stock shop;
    co_await gather(shop.sell(), later(shop));
    if (shop.items < 0) throw runtime_error("sold twice");
}
// [race]

// [explore]
TEST(shop, hides_its_race_in_fifo_order_and_shows_it_in_others) {
    run_test(sells_no_more_than_it_has());
    const std::string failure = support::failure_of([] { explore_schedules(1000, sells_no_more_than_it_has); });
    EXPECT_NE(failure.find("of 1000: sold twice; replay with FERMATA_SEED="), std::string::npos) << failure;
}
// [explore]

// [every]
task<> sells_carefully() {
    stock shop;
    mutex till;
    const auto sell = [&]() -> task<> {
        auto guard = co_await till.lock();
        co_await shop.sell();
    };
    co_await gather(sell(), sell());
    if (shop.items < 0) throw runtime_error("sold twice");
}

TEST(shop, sells_what_it_has_in_every_order) { EXPECT_EQ(explore_every_schedule(sells_carefully), 12U); }
// [every]

// [every_race]
TEST(shop, shows_what_came_before_what_when_it_sold_twice) {
    EXPECT_THROW(explore_every_schedule(sells_no_more_than_it_has, {.deviations = 2}), test_failure);
}
// [every_race]

// [cancel]
TEST(shop, can_be_cancelled_anywhere) {
    mutex till;
    const auto program = [&]() -> task<> {
        auto guard = co_await till.lock();
        co_await sleep(1s);
    };
    cancel_at_every_await(program, [&] { EXPECT_FALSE(till.locked()); }, {.test = {.failures = gtest_failures}});
}
// [cancel]

// [failures]
TEST(shop, stands_whatever_fails) {
    mutex till;
    const auto program = [&]() -> task<> {
        auto [till_side, card_side] = open_pipe();
        auto guard = co_await till.lock();
        co_await card_side.write("paid\n");
        const std::string receipt = co_await till_side.readline();
        co_await sleep(1s);
    };
    const auto check = [&] { EXPECT_FALSE(till.locked()); };
    fail_every_allocation(program, check);
    fail_every_operation(program, check);
    raise_at_every_await(program, check);
}
// [failures]

}  // namespace
