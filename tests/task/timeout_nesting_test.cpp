// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "jobs.hpp"

#include <gtest/gtest.h>

namespace {

using namespace fermata;
using namespace tests;

task<> sleeps(timeout&) { co_await sleep(2s); }

task<> cleans_up(timeout&) {
    try {
        co_await sleep(2s);
        co_return;
    } catch (const cancelled_error&) {
    }
    co_await sleep(50ms);
}

// Enters a timeout, and says how it is left.
template <class Body>
task<> enters(recorder& say, std::chrono::milliseconds delay, Body body) {
    timeout limit(delay);
    try {
        co_await with(limit, body);
    } catch (const cancelled_error&) {
        say("cancelled", now(), limit.expired(), cancelling());
        throw;
    } catch (const timeout_error&) {
        say("timeout", now(), limit.expired(), cancelling());
        throw;
    }
    say("left", now(), limit.expired(), cancelling());
}

task<> ends(recorder& say, task_handle<> entered) {
    std::vector<task_handle<>> one;
    one.push_back(std::move(entered));
    co_await wait(one);
    say(one[0].cancelled());
}

// SEMANTICS 58.
TEST(timeout, leaves_a_cancellation_from_elsewhere_alone) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto entered = create_task(enters(say, 1s, sleeps));
                  co_await sleep(10ms);
                  entered.cancel();
                  co_await ends(say, entered);
              }),
              (lines{"cancelled 10 false 1", "true"}));
}

TEST(timeout, gives_way_to_a_cancellation_in_the_same_turn) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto entered = create_task(enters(say, 10ms, sleeps));
                  co_await sleep(0s);
                  current_loop().call_at(10ms, [entered]() mutable { entered.cancel(); });
                  co_await ends(say, entered);
              }),
              (lines{"cancelled 10 true 1", "true"}));
}

TEST(timeout, gives_way_to_a_cancellation_while_its_body_cleans_up) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto entered = create_task(enters(say, 10ms, cleans_up));
                  co_await sleep(30ms);
                  entered.cancel();
                  co_await ends(say, entered);
              }),
              (lines{"cancelled 30 true 1", "true"}));
}

TEST(timeout, works_in_a_task_that_has_swallowed_a_cancellation) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto swallows = [&]() -> task<> {
                      try {
                          co_await sleep(1s);
                      } catch (const cancelled_error&) {
                      }
                      try {
                          co_await with(timeout(10ms), sleeps);
                      } catch (const timeout_error&) {
                          say("timeout", now(), cancelling());
                      }
                  };
                  auto entered = create_task(swallows());
                  co_await sleep(10ms);
                  entered.cancel();
                  co_await ends(say, entered);
              }),
              (lines{"timeout 20 1", "false"}));
}

TEST(timeout, within_a_longer_one_comes_alone) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [&](timeout&) -> task<> {
                      try {
                          co_await enters(say, 10ms, sleeps);
                      } catch (const timeout_error&) {
                      }
                      co_await sleep(10ms);
                  };
                  co_await enters(say, 100ms, body);
              }),
              (lines{"timeout 10 true 0", "left 20 false 0"}));
}

TEST(timeout, within_a_shorter_one_is_passed_by_its_cancellation) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [&](timeout&) -> task<> { co_await enters(say, 100ms, sleeps); };
                  try {
                      co_await enters(say, 10ms, body);
                  } catch (const timeout_error&) {
                  }
              }),
              (lines{"cancelled 10 false 1", "timeout 10 true 0"}));
}

TEST(timeout, within_one_that_comes_at_the_same_time_leaves_the_error_to_that) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [&](timeout&) -> task<> { co_await enters(say, 10ms, sleeps); };
                  try {
                      co_await enters(say, 10ms, body);
                  } catch (const timeout_error&) {
                  }
              }),
              (lines{"cancelled 10 true 1", "timeout 10 true 0"}));
}

TEST(timeout, in_the_body_of_a_task_group_fails_it) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await with(task_group(), [&](task_group& group) -> task<> {
                          group.create_task(job(say, "a", 1s));
                          co_await with(timeout(10ms), sleeps);
                      });
                  } catch (const exception_group& e) {
                      say(texts(e), now());
                  }
              }),
              (lines{"a starts", "a cancelled 10", "timeout_error 10"}));
}

TEST(timeout, in_a_task_of_a_task_group_fails_it) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto child = []() -> task<> { co_await with(timeout(10ms), sleeps); };
                  try {
                      co_await with(task_group(), [&](task_group& group) -> task<> {
                          group.create_task(job(say, "a", 1s));
                          group.create_task(child());
                          co_return;
                      });
                  } catch (const exception_group& e) {
                      say(texts(e), now(), cancelling());
                  }
              }),
              (lines{"a starts", "a cancelled 10", "timeout_error 10 0"}));
}

TEST(timeout, around_a_task_group_cancels_its_tasks) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [&](timeout&) -> task<> {
                      co_await with(task_group(), [&](task_group& group) -> task<> {
                          group.create_task(job(say, "a", 1s));
                          co_return;
                      });
                  };
                  try {
                      co_await enters(say, 10ms, body);
                  } catch (const timeout_error&) {
                  }
              }),
              (lines{"a starts", "a cancelled 10", "timeout 10 true 0"}));
}

TEST(timeout, around_a_task_group_that_then_fails_lets_its_errors_pass) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  timeout limit(10ms);
                  const auto body = [&](timeout&) -> task<> {
                      co_await with(task_group(), [](task_group& group) -> task<> {
                          group.create_task(fails_when_cancelled("child"));
                          co_return;
                      });
                  };
                  try {
                      co_await with(limit, body);
                  } catch (const exception_group& e) {
                      say(texts(e), now(), limit.expired(), cancelling());
                  }
                  co_await sleep(1ms);
                  say("goes on", now());
              }),
              (lines{"runtime_error: child 10 true 0", "goes on 11"}));
}

}  // namespace
