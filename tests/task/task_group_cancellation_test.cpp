// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "jobs.hpp"

#include <gtest/gtest.h>

namespace {

using namespace fermata;
using namespace tests;

// SEMANTICS 53.
TEST(task_group, goes_on_when_a_task_of_it_is_cancelled) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  task_handle<std::string> a;
                  co_await with(task_group(), [&](task_group& group) -> task<> {
                      a = group.create_task(job(say, "a", 1s));
                      group.create_task(job(say, "b", 20ms));
                      co_await sleep(10ms);
                      a.cancel();
                  });
                  say("left", now(), a.cancelled());
              }),
              (lines{"a starts", "b starts", "a cancelled 10", "b ends 20", "left 20 true"}));
}

TEST(task_group, ends_well_when_all_its_tasks_are_cancelled) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  co_await with(task_group(), [&](task_group& group) -> task<> {
                      auto a = group.create_task(job(say, "a", 1s));
                      auto b = group.create_task(job(say, "b", 20ms));
                      co_await sleep(10ms);
                      a.cancel();
                      b.cancel();
                  });
                  say("left", now(), cancelling());
              }),
              (lines{"a starts", "b starts", "a cancelled 10", "b cancelled 10", "left 10 0"}));
}

TEST(task_group, takes_a_task_that_raises_cancelled_error_for_cancelled) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto raises = []() -> task<> {
                      throw cancelled_error();
                      co_return;
                  };
                  task_handle<> c;
                  co_await with(task_group(), [&](task_group& group) -> task<> {
                      c = group.create_task(raises());
                      group.create_task(job(say, "a", 10ms));
                      co_return;
                  });
                  say(c.cancelled(), now());
              }),
              (lines{"a starts", "a ends 10", "true 10"}));
}

TEST(task_group, whose_body_raises_cancelled_error_cancels_all_and_passes_it_on) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await with(task_group(), [&](task_group& group) -> task<> {
                          group.create_task(job(say, "a", 10ms));
                          throw cancelled_error();
                          co_return;
                      });
                  } catch (const cancelled_error&) {
                      say("cancelled", now(), cancelling());
                  }
              }),
              (lines{"cancelled 0 0"}));
}

// Enters a group that runs the tasks, and says how it is left.
template <class Body>
task<> enters_a_group(recorder& say, Body body) {
    try {
        co_await with(task_group(), body);
    } catch (const exception_group& e) {
        say(texts(e), now(), cancelling());
    } catch (const cancelled_error&) {
        say("parent cancelled", now(), cancelling());
        throw;
    }
    try {
        co_await sleep(1s);
        say("goes on");
    } catch (const cancelled_error&) {
        say("cancelled at the next await", now(), cancelling());
        throw;
    }
}

task<> ends(recorder& say, any_task parent) {
    std::vector<any_task> one;
    one.push_back(std::move(parent));
    co_await wait(one);
    say(one[0].cancelled(), now());
}

TEST(task_group, whose_task_is_cancelled_in_the_body_cancels_all) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [&](task_group& group) -> task<> {
                      group.create_task(job(say, "a", 1s));
                      co_await sleep(2s);
                  };
                  auto parent = create_task(enters_a_group(say, body));
                  co_await sleep(10ms);
                  parent.cancel();
                  co_await ends(say, parent);
              }),
              (lines{"a starts", "a cancelled 10", "parent cancelled 10 1", "true 10"}));
}

TEST(task_group, whose_task_is_cancelled_while_it_waits_for_all_cancels_them) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [&](task_group& group) -> task<> {
                      group.create_task(job(say, "a", 1s));
                      co_return;
                  };
                  auto parent = create_task(enters_a_group(say, body));
                  co_await sleep(10ms);
                  parent.cancel();
                  co_await ends(say, parent);
              }),
              (lines{"a starts", "a cancelled 10", "parent cancelled 10 1", "true 10"}));
}

task<> cleans_up_for(recorder& say, std::chrono::milliseconds delay) {
    try {
        co_await sleep(1s);
        co_return;
    } catch (const cancelled_error&) {
    }
    co_await sleep(delay);
    say("cleaned up", now());
    throw cancelled_error();
}

TEST(task_group, waits_for_all_even_if_its_task_is_cancelled_again) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [&](task_group& group) -> task<> {
                      group.create_task(cleans_up_for(say, 50ms));
                      co_return;
                  };
                  auto parent = create_task(enters_a_group(say, body));
                  co_await sleep(10ms);
                  parent.cancel();
                  co_await sleep(10ms);
                  parent.cancel();
                  co_await ends(say, parent);
              }),
              (lines{"cleaned up 60", "parent cancelled 60 2", "true 60"}));
}

TEST(task_group, cancels_its_tasks_once_even_if_one_fails_then) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await with(task_group(), [&](task_group& group) -> task<> {
                          group.create_task(cleans_up_for(say, 50ms));
                          group.create_task(fails_when_cancelled("child", 10ms));
                          co_await sleep(10ms);
                          throw value_error("body");
                      });
                  } catch (const exception_group& e) {
                      say(texts(e), now(), cancelling());
                  }
              }),
              (lines{"cleaned up 60", "runtime_error: child, value_error: body 60 0"}));
}

// SEMANTICS 54.
TEST(task_group, that_is_cancelled_and_fails_raises_the_errors_and_is_cancelled_at_the_next_await) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [](task_group& group) -> task<> {
                      group.create_task(fails_when_cancelled("child"));
                      co_return;
                  };
                  auto parent = create_task(enters_a_group(say, body));
                  co_await sleep(10ms);
                  parent.cancel();
                  co_await ends(say, parent);
              }),
              (lines{"runtime_error: child 10 1", "cancelled at the next await 10 1", "true 10"}));
}

TEST(task_group, that_fails_and_is_cancelled_then_raises_the_errors_and_is_cancelled_at_the_next_await) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [&](task_group& group) -> task<> {
                      group.create_task(cleans_up_for(say, 50ms));
                      group.create_task(job(say, "b", 10ms, ending::value_error));
                      co_await sleep(1s);
                  };
                  auto parent = create_task(enters_a_group(say, body));
                  co_await sleep(20ms);
                  parent.cancel();
                  co_await ends(say, parent);
                  say(parent.cancelling());
              }),
              (lines{"b starts", "cleaned up 60", "value_error: b 60 1", "cancelled at the next await 60 1", "true 60",
                     "1"}));
}

TEST(task_group, that_is_cancelled_as_a_task_of_it_is_to_fail_cancels_that_one) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [&](task_group& group) -> task<> {
                      group.create_task(job(say, "b", 10ms, ending::value_error));
                      co_await sleep(1s);
                  };
                  auto parent = create_task(enters_a_group(say, body));
                  co_await sleep(0s);
                  current_loop().call_at(10ms, [parent]() mutable { parent.cancel(); });
                  co_await ends(say, parent);
              }),
              (lines{"b starts", "b cancelled 10", "parent cancelled 10 1", "true 10"}));
}

TEST(task_group, whose_body_cancels_its_own_task_is_cancelled_as_it_waits) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [&](task_group& group) -> task<> {
                      current_task().cancel();
                      group.create_task(job(say, "a", 10ms));
                      co_return;
                  };
                  co_await ends(say, create_task(enters_a_group(say, body)));
              }),
              (lines{"a starts", "a cancelled 0", "parent cancelled 0 1", "true 0"}));
}

TEST(task_group, without_tasks_is_left_without_a_turn_of_the_loop_that_could_cancel) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto body = [](task_group&) -> task<> {
                      current_task().cancel();
                      co_return;
                  };
                  co_await ends(say, create_task(enters_a_group(say, body)));
              }),
              (lines{"cancelled at the next await 0 1", "true 0"}));
}

}  // namespace
