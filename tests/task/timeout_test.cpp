// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "jobs.hpp"

#include <gtest/gtest.h>

#include <exception>

namespace {

using namespace fermata;
using namespace tests;

long ms(std::optional<std::chrono::nanoseconds> time) { return time ? *time / 1ms : -1; }

// SEMANTICS 57.
TEST(timeout, cancels_the_body_and_raises_timeout_error) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  timeout limit(50ms);
                  const auto body = [&](timeout& t) -> task<> {
                      say(ms(t.when()), t.expired());
                      try {
                          co_await sleep(1s);
                      } catch (const cancelled_error&) {
                          say("cancelled", now(), cancelling(), t.expired());
                          throw;
                      }
                  };
                  try {
                      co_await with(limit, body);
                  } catch (const timeout_error& e) {
                      say("timeout", e.what(), now(), limit.expired(), cancelling());
                      const auto* nested = dynamic_cast<const std::nested_exception*>(&e);
                      say("cause", describe_exception(nested->nested_ptr()));
                  }
                  co_await sleep(1ms);
                  say("goes on", now());
              }),
              (lines{"50 false", "cancelled 50 1 true", "timeout  50 true 0", "cause fermata::cancelled_error",
                     "goes on 51"}));
}

TEST(timeout, that_is_left_in_time_does_nothing) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  timeout limit(50ms);
                  const int given = co_await with(limit, [](timeout&) -> task<int> {
                      co_await sleep(10ms);
                      co_return 3;
                  });
                  say(given, limit.expired(), now());
                  co_await sleep(1s);
                  say(limit.expired(), now(), cancelling());
              }),
              (lines{"3 false 10", "false 1010 0"}));
}

TEST(timeout, of_none_never_comes) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  co_await with(timeout(std::nullopt), [&](timeout& limit) -> task<> {
                      co_await sleep(1h);
                      say(limit.when().has_value(), limit.expired(), now());
                  });
              }),
              (lines{"false false 3600000"}));
}

// SEMANTICS 58.
TEST(timeout, of_zero_or_less_comes_at_the_first_suspension) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await with(timeout(0s), [&](timeout&) -> task<> {
                          say("runs");
                          co_await sleep(0s);
                          say("not reached");
                      });
                  } catch (const timeout_error&) {
                      say("timeout", now());
                  }
                  timeout limit(0s);
                  co_await with(limit, [&](timeout&) -> task<> {
                      say("awaits nothing");
                      co_return;
                  });
                  say(limit.expired());
                  try {
                      co_await with(timeout(-1s), [](timeout&) -> task<> { co_await sleep(1s); });
                  } catch (const timeout_error&) {
                      say("timeout", now());
                  }
              }),
              (lines{"runs", "timeout 0", "awaits nothing", "false", "timeout 0"}));
}

TEST(timeout, that_is_swallowed_raises_nothing) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  timeout limit(10ms);
                  const auto body = [&](timeout&) -> task<> {
                      try {
                          co_await sleep(1s);
                      } catch (const cancelled_error&) {
                          say("swallowed", cancelling());
                      }
                      co_await sleep(20ms);
                      say("goes on", now(), cancelling());
                  };
                  co_await with(limit, body);
                  say("left", limit.expired(), cancelling());
              }),
              (lines{"swallowed 1", "goes on 30 1", "left true 0"}));
}

TEST(timeout, lets_other_errors_pass) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  timeout late(10ms);
                  const auto fails = [](timeout&) -> task<> { co_await fails_when_cancelled("own"); };
                  try {
                      co_await with(late, fails);
                  } catch (const runtime_error& e) {
                      say(e.what(), late.expired(), cancelling());
                  }
                  timeout early(10ms);
                  const auto fails_at_once = [](timeout&) -> task<> {
                      throw value_error("own");
                      co_return;
                  };
                  try {
                      co_await with(early, fails_at_once);
                  } catch (const value_error& e) {
                      say(e.what(), early.expired());
                  }
                  co_await sleep(100ms);
                  say(cancelling());
              }),
              (lines{"own true 0", "own false", "0"}));
}

TEST(timeout, may_be_rescheduled) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  timeout limit(10ms);
                  const auto later = [&](timeout& t) -> task<> {
                      t.reschedule(current_loop().time() + 100ms);
                      co_await sleep(50ms);
                      say(now(), ms(t.when()));
                      t.reschedule(std::nullopt);
                      say(t.when().has_value());
                      co_await sleep(1s);
                  };
                  co_await with(limit, later);
                  say(now(), limit.expired());
                  try {
                      co_await with(timeout(std::nullopt), [](timeout& t) -> task<> {
                          t.reschedule(current_loop().time() + 10ms);
                          co_await sleep(1s);
                      });
                  } catch (const timeout_error&) {
                      say("timeout", now());
                  }
              }),
              (lines{"50 100", "false", "1050 false", "timeout 1060"}));
}

TEST(timeout, rescheduled_to_the_past_comes_in_the_next_turn) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await with(timeout(1s), [&](timeout& t) -> task<> {
                          t.reschedule(current_loop().time() - 1s);
                          say("scheduled", t.expired());
                          co_await sleep(0s);
                          say("not reached");
                      });
                  } catch (const timeout_error&) {
                      say("timeout", now());
                  }
                  co_await with(timeout(1s), [&](timeout& t) -> task<> {
                      t.reschedule(current_loop().time() - 1s);
                      t.reschedule(current_loop().time() + 1s);
                      co_await sleep(10ms);
                      say("saved", t.expired());
                  });
              }),
              (lines{"scheduled false", "timeout 0", "saved false"}));
}

// SEMANTICS 59.
TEST(timeout, is_entered_once_and_rescheduled_only_while_it_runs) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  timeout limit(1s);
                  const auto enters_again = [&](timeout& t) -> task<> {
                      attempt(say, [&] { t.aenter(); });
                      co_return;
                  };
                  attempt(say, [&] { limit.reschedule(1s); });
                  say(limit.expired());
                  co_await with(limit, enters_again);
                  attempt(say, [&] { limit.reschedule(1s); });
                  try {
                      co_await with(limit, enters_again);
                  } catch (const runtime_error& e) {
                      say(e.what());
                  }
                  timeout expiring(10ms);
                  const auto reschedules_too_late = [&](timeout& t) -> task<> {
                      try {
                          co_await sleep(1s);
                      } catch (const cancelled_error&) {
                          attempt(say, [&] { t.reschedule(1s); });
                          throw;
                      }
                  };
                  try {
                      co_await with(expiring, reschedules_too_late);
                  } catch (const timeout_error&) {
                      attempt(say, [&] { expiring.reschedule(std::nullopt); });
                  }
                  current_loop().call_soon([&say] { attempt(say, [] { timeout(1s).aenter(); }); });
                  co_await sleep(1ms);
              }),
              (lines{"Timeout has not been entered", "false", "Timeout has already been entered",
                     "Cannot change state of finished Timeout", "Timeout has already been entered",
                     "Cannot change state of expiring Timeout", "Cannot change state of expired Timeout",
                     "Timeout should be used inside a task"}));
}

TEST(timeout, needs_a_running_loop) {
    recorder say;
    attempt(say, [] { const timeout limit(1s); });
    attempt(say, [] { const timeout limit(std::nullopt); });
    attempt(say, [] { timeout_at(1s).aenter(); });
    EXPECT_EQ(say.said(), (lines{"no running event loop", "no running event loop", "no running event loop"}));
}

TEST(timeout, may_be_moved_until_it_is_entered) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  timeout first(10ms);
                  co_await sleep(5ms);
                  timeout second = std::move(first);
                  try {
                      co_await with(std::move(second), [](timeout&) -> task<> { co_await sleep(1s); });
                  } catch (const timeout_error&) {
                      say("timeout", now());
                  }
              }),
              (lines{"timeout 10"}));
}

TEST(timeout, that_goes_without_being_left_cancels_nothing) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  {
                      timeout limit(10ms);
                      limit.aenter();
                  }
                  co_await sleep(20ms);
                  say(now(), cancelling());
              }),
              (lines{"20 0"}));
}

TEST(timeout_at, comes_at_a_time_of_the_loop) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto too_long = [](timeout&) -> task<> { co_await sleep(1s); };
                  co_await sleep(10ms);
                  timeout coming = timeout_at(30ms);
                  try {
                      co_await with(coming, too_long);
                  } catch (const timeout_error&) {
                      say(now(), ms(coming.when()));
                  }
                  timeout past = timeout_at(0s);
                  try {
                      co_await with(past, too_long);
                  } catch (const timeout_error&) {
                      say(now(), ms(past.when()));
                  }
                  timeout never = timeout_at(std::nullopt);
                  co_await with(never, too_long);
                  say(now(), never.when().has_value());
              }),
              (lines{"30 30", "30 0", "1030 false"}));
}

}  // namespace
