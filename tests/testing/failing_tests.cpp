// Each of these fails; gtest_test.cpp says how.

#include <fermata/async.hpp>
#include <fermata/testing/gtest.hpp>

#include <memory>
#include <string>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

FERMATA_TEST(failing, assertion_ends_the_body) {
    co_await sleep(1ms);
    const int n = 3;
    CO_ASSERT_EQ(n, 4) << "and more text";
    ADD_FAILURE() << "not reached";
}

FERMATA_TEST(failing, expectation_does_not_end_the_body) {
    co_await sleep(1ms);
    EXPECT_EQ(1, 2);
    ADD_FAILURE() << "reached";
}

FERMATA_TEST(failing, exception) {
    co_await sleep(1ms);
    throw value_error("the body's own");
}

FERMATA_TEST(failing, cancelled) {
    current_task().cancel();
    co_await sleep(1ms);
}

task<> waits_for_ever(event& never) { co_await never.wait(); }

FERMATA_TEST(failing, deadlock) {
    event never;
    auto other = create_task(waits_for_ever(never), {.name = "other"});
    co_await other;
}

FERMATA_TEST(failing, endless_turns) {
    for (;;) co_await sleep(0ns);
}

FERMATA_TEST(failing, endless_time) {
    for (;;) co_await sleep(1h);
}

task<> raises() {
    co_await sleep(1ms);
    throw value_error("nobody asks");
}

FERMATA_TEST(failing, exception_that_is_never_retrieved) {
    create_task(raises(), {.name = "lost"});
    co_await sleep(2ms);
}

task<> fails_as_it_is_cancelled() {
    bool cancelled = false;
    try {
        co_await sleep(1h);
    } catch (const cancelled_error&) {
        cancelled = true;
    }
    if (cancelled) throw value_error("no clean end");
}

FERMATA_TEST(failing, background_task_that_does_not_end_well) {
    create_task(fails_as_it_is_cancelled());
    co_await sleep(1ms);
}

FERMATA_TEST(failing, skipped) {
    CO_SKIP() << "for a reason";
    co_await sleep(1h);
    ADD_FAILURE() << "not reached";
}

FERMATA_TEST(failing, fails_at_once) {
    CO_FAIL() << "with a text";
    co_await sleep(1h);
}

FERMATA_TEST(failing, every_assertion) {
    const auto each = [](int which) -> task<> {
        const char* const text = "a";
        switch (which) {
        case 0: CO_ASSERT_TRUE(which == 1); break;
        case 1: CO_ASSERT_FALSE(which == 1); break;
        case 2: CO_ASSERT_NE(which, 2); break;
        case 3: CO_ASSERT_LT(which, 3); break;
        case 4: CO_ASSERT_LE(which, 3); break;
        case 5: CO_ASSERT_GT(which, 5); break;
        case 6: CO_ASSERT_GE(which, 7); break;
        case 7: CO_ASSERT_STREQ(text, "b"); break;
        case 8: CO_ASSERT_STRNE(text, "a"); break;
        case 9: CO_ASSERT_THROW(co_await sleep(0ns), value_error); break;
        case 10: CO_ASSERT_NO_THROW(throw value_error("it")); break;
        case 11: CO_ASSERT_ANY_THROW(co_await sleep(0ns)); break;
        case 12: CO_ASSERT_THROW(throw type_error("other"), value_error); break;
        }
        ADD_FAILURE() << "went on after " << which;
    };
    for (int which = 0; which <= 12; ++which) co_await each(which);
}

// A lost update: two reads before two writes. FIFO hides it: the first to start is always done before the second reads.
struct account {
    int balance = 0;

    task<> deposit(int amount, int turns_before) {
        for (int i = 0; i < turns_before; ++i) co_await sleep(0ns);
        const int seen = balance;
        co_await sleep(0ns);
        balance = seen + amount;
    }
};

FERMATA_EXPLORE(failing, lost_update, 1000) {
    account shared;
    co_await gather(shared.deposit(1, 0), shared.deposit(2, 2));
    CO_ASSERT_EQ(shared.balance, 3);
}

}  // namespace
