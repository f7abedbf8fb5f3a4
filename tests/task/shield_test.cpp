// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "jobs.hpp"

#include <gtest/gtest.h>

namespace {

using namespace fermata;
using namespace tests;

task<> waits_for(recorder& say, future<std::string> what) {
    try {
        co_await what;
    } catch (const cancelled_error&) {
        say("outer cancelled");
        throw;
    }
}

// SEMANTICS 61.
TEST(shield, keeps_a_cancellation_from_what_it_shields) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto inner = create_task(job(say, "inner", 1s));
                  auto s = shield(inner);
                  auto w = create_task(waits_for(say, s));
                  co_await sleep(100ms);
                  w.cancel();
                  co_await sleep(100ms);
                  say(s.cancelled(), inner.done());
                  const std::string result = co_await inner;
                  say(result, now());
              }),
              (lines{"inner starts", "outer cancelled", "true false", "inner ends 1000", "inner 1000"}));
}

TEST(shield, is_cancelled_with_what_it_shields) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto inner = create_task(job(say, "inner", 1s));
                  auto s = shield(inner);
                  co_await sleep(100ms);
                  inner.cancel();
                  try {
                      co_await s;
                  } catch (const cancelled_error&) {
                      say("shield cancelled", s.cancelled(), current_task().cancelling());
                  }
              }),
              (lines{"inner starts", "inner cancelled 100", "shield cancelled true 0"}));
}

TEST(shield, passes_errors_on) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await shield(job(say, "x", 1s, ending::value_error));
                  } catch (const value_error& e) {
                      say(e.what());
                  }
              }),
              (lines{"x starts", "x"}));
}

TEST(shield, that_was_cancelled_leaves_errors_to_be_reported) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  current_loop().set_exception_handler(
                      [&say](event_loop&, const error_context& context) { say("handler", context.message); });
                  auto s = shield(job(say, "inner", 1s, ending::value_error));
                  co_await sleep(100ms);
                  s.cancel();
                  co_await sleep(2s);
                  say("end");
              }),
              (lines{"inner starts", "handler Task exception was never retrieved", "end"}));
}

TEST(shield, leaves_the_result_to_other_handles) {
    said_by([](recorder& say) -> task<> {
        auto inner = create_task(job(say, "inner", 1s));
        const std::string first = co_await shield(inner);
        const std::string second = co_await inner;
        EXPECT_EQ(first, "inner");
        EXPECT_EQ(second, "inner");
        const std::string third = co_await shield(inner);  // done by now
        EXPECT_EQ(third, "inner");
        EXPECT_EQ(inner.result(), "inner");
    });
}

TEST(shield, may_be_dropped_before_anything_is_done) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto inner = create_task(job(say, "inner", 1s));
                  shield(inner);
                  auto never = create_future<int>();
                  auto s = shield(never);
                  s.cancel();
                  co_await sleep(2s);
              }),
              (lines{"inner starts", "inner ends 1000"}));
}

// Nobody sets the future, and the loop ends in the turn of the cancellation: LeakSanitizer sees what is left.
TEST(shield, that_is_cancelled_as_the_loop_ends_lets_go_of_what_it_shielded) {
    said_by([](recorder&) -> task<> {
        auto guard = shield(create_future());
        guard.cancel();
        EXPECT_TRUE(guard.cancelled());
        co_return;
    });
}

TEST(shield, is_not_given_a_result) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto inner = create_task(job(say, "inner", 1s));
                  auto s = shield(inner);
                  attempt(say, [&] { s.set_result("mine"); });
                  attempt(say, [&] { s.set_exception(value_error("mine")); });
                  say(s.done());
                  const std::string result = co_await s;
                  say(result, inner.result());
              }),
              (lines{"shield does not support set_result operation", "shield does not support set_exception operation",
                     "false", "inner starts", "inner ends 1000", "inner inner"}));
}

}  // namespace
