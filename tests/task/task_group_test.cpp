// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "jobs.hpp"

#include <gtest/gtest.h>

namespace {

using namespace fermata;
using namespace tests;

TEST(task_group, waits_for_all_its_tasks) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  task_handle<std::string> a, b;
                  co_await with(task_group(), [&](task_group& group) -> task<> {
                      a = group.create_task(job(say, "a", 20ms));
                      b = group.create_task(job(say, "b", 10ms), {.name = "bee"});
                      say(b.name());
                      say("body ends", now());
                      co_return;
                  });
                  say("left", now(), a.result(), b.result());
              }),
              (lines{"bee", "body ends 0", "a starts", "b starts", "b ends 10", "a ends 20", "left 20 a b"}));
}

// SEMANTICS 52, 54.
TEST(task_group, of_which_one_fails_cancels_the_others_and_the_body) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  current_loop().set_exception_handler(
                      [&say](event_loop&, const error_context& context) { say("handler", context.message); });
                  try {
                      co_await with(task_group(), [&](task_group& group) -> task<> {
                          group.create_task(job(say, "a", 1s));
                          group.create_task(job(say, "b", 10ms, ending::value_error));
                          try {
                              co_await sleep(2s);
                          } catch (const cancelled_error&) {
                              say("body cancelled", now(), cancelling());
                              throw;
                          }
                      });
                  } catch (const exception_group& e) {
                      say(e.what(), "|", texts(e), now(), cancelling());
                  }
                  co_await sleep(1ms);
                  say("goes on", now());
              }),
              (lines{"a starts", "b starts", "a cancelled 10", "body cancelled 10 1",
                     "unhandled errors in a TaskGroup (1 sub-exception) | value_error: b 10 0", "goes on 11"}));
}

TEST(task_group, whose_body_fails_cancels_all_and_raises_a_group) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await with(task_group(), [&](task_group& group) -> task<> {
                          group.create_task(job(say, "a", 1s));
                          co_await sleep(10ms);
                          throw value_error("body");
                      });
                  } catch (const exception_group& e) {
                      say(texts(e), now(), cancelling());
                  }
              }),
              (lines{"a starts", "a cancelled 10", "value_error: body 10 0"}));
}

TEST(task_group, whose_body_fails_before_its_tasks_start_runs_none_of_them) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  task_handle<std::string> a;
                  try {
                      co_await with(task_group(), [&](task_group& group) -> task<> {
                          a = group.create_task(job(say, "a", 1s));
                          throw value_error("body");
                          co_return;
                      });
                  } catch (const exception_group& e) {
                      say(texts(e), now(), a.cancelled());
                  }
              }),
              (lines{"value_error: body 0 true"}));
}

TEST(task_group, raises_the_errors_of_its_tasks_before_the_bodys) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await with(task_group(), [&](task_group& group) -> task<> {
                          group.create_task(fails_when_cancelled("child"));
                          co_await sleep(10ms);
                          throw value_error("body");
                      });
                  } catch (const exception_group& e) {
                      say(texts(e));
                  }
              }),
              (lines{"runtime_error: child, value_error: body"}));
}

TEST(task_group, raises_errors_in_the_order_in_which_tasks_failed) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await with(task_group(), [&](task_group& group) -> task<> {
                          group.create_task(fails_when_cancelled("late", 20ms));
                          group.create_task(fails_when_cancelled("soon", 10ms));
                          group.create_task(job(say, "b", 5ms, ending::value_error));
                          co_return;
                      });
                  } catch (const exception_group& e) {
                      say(texts(e), now());
                  }
              }),
              (lines{"b starts", "value_error: b, runtime_error: soon, runtime_error: late 25"}));
}

TEST(task_group, whose_body_raises_something_else_when_it_is_cancelled_raises_both) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await with(task_group(), [&](task_group& group) -> task<> {
                          group.create_task(job(say, "b", 10ms, ending::value_error));
                          co_await fails_when_cancelled("body");
                      });
                  } catch (const exception_group& e) {
                      say(texts(e), cancelling());
                  }
              }),
              (lines{"b starts", "value_error: b, runtime_error: body 0"}));
}

TEST(task_group, whose_body_swallows_the_cancellation_raises_the_error_when_it_ends) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await with(task_group(), [&](task_group& group) -> task<> {
                          group.create_task(job(say, "b", 10ms, ending::value_error));
                          try {
                              co_await sleep(1s);
                          } catch (const cancelled_error&) {
                              say("swallowed");
                          }
                          co_await sleep(5ms);
                          say("body ends", now(), cancelling());
                      });
                  } catch (const exception_group& e) {
                      say(texts(e), cancelling());
                  }
              }),
              (lines{"b starts", "swallowed", "body ends 15 1", "value_error: b 0"}));
}

TEST(task_group, of_which_a_task_fails_does_not_give_the_value_of_the_body) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      const int seven = co_await with(task_group(), [&](task_group& group) -> task<int> {
                          group.create_task(job(say, "b", 0ms, ending::value_error));
                          co_return 7;
                      });
                      say(seven);
                  } catch (const exception_group& e) {
                      say(texts(e));
                  }
              }),
              (lines{"b starts", "value_error: b"}));
}

TEST(task_group, whose_body_raises_a_group_raises_it_within_another) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await with(task_group(), [](task_group&) -> task<> {
                          std::vector<std::exception_ptr> one;
                          one.push_back(std::make_exception_ptr(value_error("1")));
                          throw exception_group("own", std::move(one));
                          co_return;
                      });
                  } catch (const exception_group& e) {
                      say(e.what(), texts(e));
                  }
              }),
              (lines{"unhandled errors in a TaskGroup (1 sub-exception) exception_group: own (1 sub-exception)"}));
}

TEST(task_group, takes_what_its_tasks_create_while_it_is_left) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto grandchild = [](recorder& to) -> task<> {
                      co_await sleep(20ms);
                      to("grandchild", now());
                  };
                  const auto child = [&](recorder& to, task_group& group) -> task<> {
                      co_await sleep(10ms);
                      group.create_task(grandchild(to));
                      to("child", now());
                  };
                  co_await with(task_group(), [&](task_group& group) -> task<> {
                      group.create_task(child(say, group));
                      say("body ends");
                      co_return;
                  });
                  say("left", now());
              }),
              (lines{"body ends", "child 10", "grandchild 30", "left 30"}));
}

TEST(task_group, within_another_fails_that_one) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto inner = [&](task_group& group) -> task<> {
                      group.create_task(job(say, "inner", 1s));
                      group.create_task(job(say, "b", 10ms, ending::value_error));
                      co_return;
                  };
                  try {
                      co_await with(task_group(), [&](task_group& group) -> task<> {
                          group.create_task(job(say, "outer", 1s));
                          co_await with(task_group(), inner);
                      });
                  } catch (const exception_group& e) {
                      say(texts(e), now(), cancelling());
                      say(e.subgroup<value_error>()->exceptions().size());
                  }
              }),
              (lines{"outer starts", "inner starts", "b starts", "inner cancelled 10", "outer cancelled 10",
                     "exception_group: unhandled errors in a TaskGroup (1 sub-exception) 10 0", "1"}));
}

TEST(task_group, around_another_cancels_that_one_when_it_fails) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto inner = [&](task_group& group) -> task<> {
                      group.create_task(job(say, "inner", 1s));
                      co_await sleep(2s);
                  };
                  try {
                      co_await with(task_group(), [&](task_group& group) -> task<> {
                          group.create_task(job(say, "b", 10ms, ending::value_error));
                          try {
                              co_await with(task_group(), inner);
                          } catch (const cancelled_error&) {
                              say("inner left", now(), cancelling());
                              throw;
                          }
                      });
                  } catch (const exception_group& e) {
                      say(texts(e), cancelling());
                  }
              }),
              (lines{"b starts", "inner starts", "inner cancelled 10", "inner left 10 1", "value_error: b 0"}));
}

TEST(task_group, and_one_within_that_both_fail_raise_one_group_in_another) {
    EXPECT_EQ(
        said_by([](recorder& say) -> task<> {
            const auto inner = [](task_group& group) -> task<> {
                group.create_task(fails_when_cancelled("inner"));
                co_return;
            };
            try {
                co_await with(task_group(), [&](task_group& group) -> task<> {
                    group.create_task(job(say, "b", 10ms, ending::value_error));
                    co_await with(task_group(), inner);
                });
            } catch (const exception_group& e) {
                say(texts(e), cancelling());
            }
        }),
        (lines{"b starts", "value_error: b, exception_group: unhandled errors in a TaskGroup (1 sub-exception) 0"}));
}

task<> fails_after(std::chrono::milliseconds delay) {
    co_await sleep(delay);
    throw value_error("a");
}

task<> interrupting(std::chrono::milliseconds after) {
    co_await sleep(after);
    throw keyboard_interrupt();
}

TEST(task_group, whose_body_raises_keyboard_interrupt_raises_it_alone) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await with(task_group(), [&](task_group& group) -> task<> {
                          group.create_task(fails_when_cancelled("a"));
                          co_await sleep(10ms);
                          throw keyboard_interrupt();
                      });
                  } catch (const keyboard_interrupt& e) {
                      say(e.what(), now(), cancelling());
                  }
                  co_await sleep(0s);
                  say("goes on");
              }),
              (lines{"KeyboardInterrupt 10 0", "goes on"}));
}

// The parent is cancelled twice then: by the group, and by the end of run.
TEST(task_group, of_which_one_raises_keyboard_interrupt_raises_it_alone) {
    std::string said;
    const auto main = [&said]() -> task<> {
        try {
            co_await with(task_group(), [](task_group& group) -> task<> {
                group.create_task(fails_after(10ms));
                group.create_task(interrupting(10ms));
                co_await sleep(2s);
            });
        } catch (const keyboard_interrupt&) {
            said = std::to_string(now()) + " " + std::to_string(cancelling());
            throw;
        }
    };
    testing::internal::CaptureStderr();
    EXPECT_THROW(run(main(), {.virtual_time = true}), keyboard_interrupt);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(said, "10 2");
}

}  // namespace
