// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "recorder.hpp"

#include <fermata/task/context_var.hpp>
#include <fermata/task/sleep.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::lines;
using tests::recorder;
using tests::said_by;

const context_var<int> v("v");
const context_var<int> with_default("with_default", 5);

task<> child(recorder& say, int n) {
    say("child", v.get(0));
    v.set(n);
    co_await sleep(1ms);
    say("child after", v.get());
}

TEST(context_var, of_a_task_is_copied_when_it_is_made_and_shared_with_what_it_awaits) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  v.set(1);
                  auto t = create_task(child(say, 2));
                  v.set(3);
                  co_await t;
                  say(v.get());
                  co_await child(say, 4);
                  say(v.get());
              }),
              (lines{"child 1", "child after 2", "3", "child 3", "child after 4", "4"}));
}

TEST(context_var, without_value_gives_the_default_or_raises) {
    EXPECT_EQ(v.get(3), 3);
    EXPECT_EQ(with_default.get(), 5);
    EXPECT_EQ(with_default.get(6), 6);
    EXPECT_EQ(v.name(), "v");
    try {
        v.get();
        ADD_FAILURE();
    } catch (const lookup_error& e) {
        EXPECT_STREQ(e.what(), "<ContextVar name='v'>");
    }
}

TEST(context_var, of_the_thread_is_the_main_task_s_at_first_and_is_not_changed_by_it) {
    auto before = v.set(7);
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  say(v.get());
                  v.set(8);
                  co_return;
              }),
              (lines{"7"}));
    EXPECT_EQ(v.get(), 7);
    std::thread([] { EXPECT_EQ(v.get(0), 0); }).join();
    v.reset(std::move(before));
    EXPECT_EQ(v.get(0), 0);
}

TEST(context_var, is_reset_by_its_token_once_and_where_it_was_set) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto first = v.set(1);
                  v.set(2);
                  v.reset(std::move(first));
                  say(v.get(-1));
                  try {
                      v.reset(std::move(first));
                  } catch (const runtime_error& e) {
                      say(e.what());
                  }
                  auto token = v.set(9);
                  try {
                      with_default.reset(std::move(token));
                  } catch (const value_error& e) {
                      say(e.what());
                  }
                  const auto resets = [&]() -> task<> {
                      try {
                          v.reset(std::move(token));
                      } catch (const value_error& e) {
                          say(e.what());
                      }
                      co_return;
                  };
                  co_await create_task(resets());
                  co_await resets();
                  say(v.get(-1));
              }),
              (lines{"-1", "this context_token has already been used once",
                     "this context_token was created by a different context_var",
                     "this context_token was created in a different context", "-1"}));
}

TEST(context_var, holds_values_as_long_as_somebody_has_them) {
    const auto alive = std::make_shared<int>(1);
    {
        const context_var<std::shared_ptr<int>> shared("shared");
        said_by([&](recorder&) -> task<> {
            shared.set(alive);
            auto t = create_task([](const auto& var) -> task<> {
                co_await sleep(1ms);
                EXPECT_EQ(*var.get(), 1);
                var.set(nullptr);
            }(shared));
            shared.set(nullptr);
            EXPECT_EQ(alive.use_count(), 2);
            co_await t;
            EXPECT_EQ(alive.use_count(), 1);
        });
    }
    EXPECT_EQ(alive.use_count(), 1);
}

}  // namespace
