// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "jobs.hpp"

#include <gtest/gtest.h>

namespace {

using namespace fermata;
using namespace tests;

std::vector<task<std::string>> jobs_of(recorder& say) {
    std::vector<task<std::string>> made;
    made.push_back(job(say, "a", 30ms));
    made.push_back(job(say, "b", 10ms, ending::value_error));
    made.push_back(job(say, "c", 20ms));
    return made;
}

TEST(as_completed, gives_results_and_errors_in_the_order_of_completion) {
    EXPECT_EQ(
        said_by([](recorder& say) -> task<> {
            for (auto& next : as_completed(jobs_of(say))) {
                try {
                    const std::string result = co_await next;
                    say("got", result, now());
                } catch (const value_error& e) {
                    say("raised", e.what(), now());
                }
            }
        }),
        (lines{"a starts", "b starts", "c starts", "raised b 10", "c ends 20", "got c 20", "a ends 30", "got a 30"}));
}

TEST(as_completed, gives_what_it_is_given_twice_once) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto a = create_task(job(say, "a", 20ms));
                  auto b = create_task(job(say, "b", 10ms));
                  const std::vector twice{a, b, a, b};
                  for (auto& next : as_completed(twice)) {
                      const std::string result = co_await next;
                      say("got", result);
                  }
              }),
              (lines{"a starts", "b starts", "b ends 10", "got b", "a ends 20", "got a"}));
}

TEST(as_completed, raises_for_each_that_is_left_when_the_time_is_over) {
    EXPECT_EQ(
        said_by([](recorder& say) -> task<> {
            for (auto& next : as_completed(jobs_of(say), 15ms)) {
                try {
                    const std::string result = co_await next;
                    say("got", result);
                } catch (const value_error&) {
                    say("raised");
                } catch (const timeout_error&) {
                    say("timeout", now());
                }
            }
            co_await sleep(1s);
        }),
        (lines{"a starts", "b starts", "c starts", "raised", "timeout 15", "timeout 15", "c ends 20", "a ends 30"}));
}

TEST(as_completed, leaves_handles_their_results) {
    said_by([](recorder& say) -> task<> {
        std::vector<task_handle<std::string>> handles;
        handles.push_back(create_task(job(say, "a", 2ms)));
        handles.push_back(create_task(job(say, "b", 1ms)));
        lines results;
        for (auto& next : as_completed(handles)) results.push_back(co_await next);
        EXPECT_EQ(results, (lines{"b", "a"}));
        EXPECT_EQ(handles[0].result(), "a");
    });
}

TEST(as_completed, of_nothing_gives_nothing) {
    said_by([](recorder&) -> task<> {
        for (auto& next : as_completed(std::vector<task<>>())) {
            co_await next;
            ADD_FAILURE();
        }
    });
}

/// Two wait for the next one, and the first is cancelled: when a result has come, and so many turns later.
lines said_by_two_of_whom_the_first_is_cancelled(int turns_later) {
    return said_by([turns_later](recorder& say) -> task<> {
        std::vector<future<int>> futures;
        futures.push_back(create_future<int>());
        futures.push_back(create_future<int>());
        auto results = as_completed(futures);
        auto next = results.begin();
        const auto take = [&](const char* who) -> task<> {
            const int got = co_await *next;
            say(who, "has", got);
        };
        auto first = create_task(take("first"));
        auto second = create_task(take("second"));
        co_await sleep(0s);
        futures.front().set_result(7);
        for (int i = 0; i < turns_later; ++i) co_await sleep(0s);
        first.cancel();
        co_await second;
        EXPECT_TRUE(first.cancelled());
    });
}

// The first is cancelled in the turn in which it is woken.
TEST(as_completed, what_comes_to_one_that_is_cancelled_goes_to_another_that_waits) {
    EXPECT_EQ(said_by_two_of_whom_the_first_is_cancelled(1), (lines{"second has 7"}));
}

// The first is cancelled after what it waits for is done, in the turn before it would be woken.
TEST(as_completed, does_not_wake_one_that_is_cancelled_in_the_place_of_another) {
    EXPECT_EQ(said_by_two_of_whom_the_first_is_cancelled(0), (lines{"second has 7"}));
}

TEST(as_completed, may_be_left_before_the_end) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  for (auto& next : as_completed(jobs_of(say), 1s)) {
                      try {
                          co_await next;
                      } catch (const value_error&) {
                      }
                      break;
                  }
                  co_await sleep(2s);
              }),
              (lines{"a starts", "b starts", "c starts", "c ends 20", "a ends 30"}));
}

}  // namespace
