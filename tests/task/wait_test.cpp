// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "jobs.hpp"

#include <gtest/gtest.h>

namespace {

using namespace fermata;
using namespace tests;
using handles = std::vector<task_handle<std::string>>;

handles three(recorder& say) {
    handles made;
    made.push_back(create_task(job(say, "a", 30ms)));
    made.push_back(create_task(job(say, "b", 10ms, ending::value_error)));
    made.push_back(create_task(job(say, "c", 20ms)));
    return made;
}

lines waited(return_when when) {
    return said_by([when](recorder& say) -> task<> {
        auto all = three(say);
        auto [done, pending] = co_await wait(all, {.return_when = when});
        say(done.size(), pending.size(), now());
        all[1].exception();
    });
}

// SEMANTICS 63.
TEST(wait, returns_when_the_first_is_done) {
    EXPECT_EQ(waited(return_when::first_completed),
              (lines{"a starts", "b starts", "c starts", "1 2 10", "a cancelled 10", "c cancelled 10"}));
}

TEST(wait, returns_at_the_first_exception) {
    EXPECT_EQ(waited(return_when::first_exception),
              (lines{"a starts", "b starts", "c starts", "1 2 10", "a cancelled 10", "c cancelled 10"}));
}

TEST(wait, returns_when_all_are_done) {
    EXPECT_EQ(waited(return_when::all_completed),
              (lines{"a starts", "b starts", "c starts", "c ends 20", "a ends 30", "3 0 30"}));
}

TEST(wait, does_not_raise_when_the_time_is_over) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto all = three(say);
                  auto first = co_await wait(all, {.timeout = 15ms});
                  say(first.done.size(), first.pending.size(), now());
                  EXPECT_TRUE(first.done[0] == all[1]);
                  auto second = co_await wait(all, {.timeout = 0ms});
                  say(second.done.size(), second.pending.size(), now());
                  all[1].exception();
              }),
              (lines{"a starts", "b starts", "c starts", "1 2 15", "1 2 15", "a cancelled 15", "c cancelled 15"}));
}

TEST(wait, that_ends_before_its_time_takes_its_alarm_along) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto all = three(say);
                  auto some = co_await wait(all, {.timeout = 100ms, .return_when = return_when::first_completed});
                  say(some.done.size(), some.pending.size(), now());
                  all[1].exception();
                  auto cancelled =
                      create_task([](handles those) -> task<> { co_await wait(those, {.timeout = 100ms}); }(all));
                  co_await sleep(1ms);
                  cancelled.cancel();
                  co_await sleep(1s);
                  say(cancelled.cancelled(), now());
              }),
              (lines{"a starts", "b starts", "c starts", "1 2 10", "c ends 20", "a ends 30", "true 1011"}));
}

task<> waits(handles all) { co_await wait(all); }

TEST(wait, neither_cancels_what_it_waits_for_nor_takes_a_cancellation_for_an_exception) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto all = three(say);
                  co_await sleep(15ms);
                  auto w = create_task(waits(all));
                  co_await sleep(0s);
                  w.cancel();
                  co_await sleep(1ms);
                  say(w.cancelled(), all[0].done());
                  all[1].exception();
                  all.erase(all.begin() + 1);
                  all[1].cancel();
                  auto [done, pending] = co_await wait(all, {.return_when = return_when::first_exception});
                  say(done.size(), pending.size(), now());
              }),
              (lines{"a starts", "b starts", "c starts", "true false", "c cancelled 16", "a ends 30", "2 0 30"}));
}

// A set in Python, and in the order given here.
TEST(wait, counts_what_it_is_given_twice_once) {
    said_by([](recorder& say) -> task<> {
        const handles all = three(say);
        const handles twice{all[2], all[0], all[2], all[0]};
        auto [done, pending] = co_await wait(twice);
        EXPECT_EQ(done.size(), 2U);
        EXPECT_TRUE(done[0] == all[2] && done[1] == all[0]);
        EXPECT_TRUE(pending.empty());
        all[1].exception();
    });
}

TEST(wait, refuses_to_wait_for_nothing) {
    said_by([](recorder&) -> task<> {
        try {
            co_await wait(handles());
            ADD_FAILURE();
        } catch (const value_error& e) {
            EXPECT_STREQ(e.what(), "Set of Tasks/Futures is empty.");
        }
    });
}

TEST(wait, takes_futures_of_any_kind) {
    said_by([](recorder&) -> task<> {
        auto one = create_future<int>();
        auto two = create_future<int>();
        one.set_result(1);
        const std::vector both{one, two};
        auto [done, pending] = co_await wait(both, {.return_when = return_when::first_completed});
        EXPECT_EQ(done.at(0).result(), 1);
        EXPECT_EQ(pending.size(), 1U);
    });
}

}  // namespace
