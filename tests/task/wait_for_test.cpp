// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "jobs.hpp"

#include <gtest/gtest.h>

namespace {

using namespace fermata;
using namespace tests;

task<> waits_a_second(recorder& say, task<std::string> what) {
    bool from_cancellation = false;
    try {
        const std::string result = co_await wait_for(std::move(what), 1s);
        say("got", result);
    } catch (const timeout_error& e) {
        try {
            std::rethrow_if_nested(e);
        } catch (const cancelled_error&) {
            from_cancellation = true;
        }
        say("timeout", now(), from_cancellation);
    }
}

// SEMANTICS 60.
TEST(wait_for, gives_the_result_or_raises_or_gives_a_late_result) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  co_await waits_a_second(say, job(say, "a", 500ms));
                  co_await waits_a_second(say, job(say, "b", 2s));
                  co_await waits_a_second(say, job(say, "c", 2s, ending::swallows_cancellation));
              }),
              (lines{"a starts", "a ends 500", "got a", "b starts", "b cancelled 1500", "timeout 1500 true", "c starts",
                     "c cancelled 2500", "got c!"}));
}

task<> raises_instead() {
    bool cancelled = false;
    try {
        co_await sleep(5s);
    } catch (const cancelled_error&) {
        cancelled = true;
    }
    if (cancelled) throw value_error("instead");
}

TEST(wait_for, raises_what_the_cancelled_one_raises_instead) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await wait_for(raises_instead(), 1s);
                  } catch (const value_error& e) {
                      say(e.what());
                  }
              }),
              (lines{"instead"}));
}

TEST(wait_for, with_no_time_never_starts_a_coroutine) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await wait_for(job(say, "never", 0s), 0s);
                  } catch (const timeout_error& e) {
                      EXPECT_THROW(std::rethrow_if_nested(e), cancelled_error);
                      say("timeout", now());
                  }
              }),
              (lines{"timeout 0"}));
}

TEST(wait_for, cancels_the_task_of_a_handle) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto t = create_task(job(say, "t", 5s));
                  try {
                      co_await wait_for(t, 1s);
                  } catch (const timeout_error&) {
                      say(t.cancelled(), now());
                  }
                  try {
                      co_await wait_for(t, 1s);
                  } catch (const cancelled_error&) {
                      say("it was cancelled", current_task().cancelling());
                  }
              }),
              (lines{"t starts", "t cancelled 1000", "true 1000", "it was cancelled 0"}));
}

TEST(wait_for, with_no_time_gives_what_is_there_or_what_the_cancelled_one_gives) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto t = create_task(job(say, "s", 5s, ending::swallows_cancellation));
                  co_await sleep(0s);
                  const std::string late = co_await wait_for(t, 0s);
                  say(late);
                  auto d = create_task(job(say, "s", 0s));
                  co_await d;
                  const std::string there = co_await wait_for(d, 0s);
                  say(there);
                  EXPECT_EQ(d.result(), "s");
              }),
              (lines{"s starts", "s cancelled 0", "s!", "s starts", "s ends 0", "s"}));
}

TEST(wait_for, without_a_limit_waits_for_ever) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const std::string result = co_await wait_for(job(say, "long", 100s), std::nullopt);
                  say(result, now());
              }),
              (lines{"long starts", "long ends 100000", "long 100000"}));
}

TEST(wait_for, lets_a_cancellation_from_elsewhere_through) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto outer = create_task(waits_a_second(say, job(say, "o", 5s)));
                  co_await sleep(500ms);
                  outer.cancel();
                  try {
                      co_await outer;
                  } catch (const cancelled_error&) {
                      say("outer", outer.cancelled());
                  }
              }),
              (lines{"o starts", "o cancelled 500", "outer true"}));
}

// A result whose move raises, the nth time.
struct explosive {
    explicit explosive(int moves_left) : left(moves_left) {}
    explosive(explosive&& other) : left(other.left - 1) {
        if (left == 0) throw value_error("moved once too often");
    }
    int left;
};

TEST(wait_for, raises_what_handing_out_the_result_raises) {
    const auto explodes = [](int moves) -> task<explosive> { co_return explosive(moves); };
    int raised = 0;
    for (int moves = 1; moves < 20; ++moves) {
        try {
            run([&]() -> task<> { co_await wait_for(explodes(moves), 1s); }(), {.virtual_time = true});
        } catch (const value_error&) {
            ++raised;
        }
    }
    EXPECT_GT(raised, 3);
    EXPECT_LT(raised, 19);
}

}  // namespace
