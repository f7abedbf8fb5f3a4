// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "recorder.hpp"

#include <fermata/sync/mutex.hpp>
#include <fermata/task/run.hpp>
#include <fermata/task/sleep.hpp>
#include <fermata/task/with.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::lines;
using tests::recorder;
using tests::said_by;

long now() { return current_loop().time() / 1ms; }

std::string name_of(const std::exception_ptr& raised) {
    if (!raised) return "nothing";
    try {
        std::rethrow_exception(raised);
    } catch (const std::exception& e) {
        return e.what();
    } catch (const cancelled_error& e) {
        return e.what();
    }
}

// Entering and leaving take 10 ms each, and may fail.
class resource {
public:
    enum class failing { never, on_entry, on_leaving };

    explicit resource(recorder& say, failing when = failing::never) : say_(say), fails_(when) {}

    task<> aenter() {
        say_("enter");
        co_await sleep(10ms);
        if (fails_ == failing::on_entry) throw runtime_error("entry");
    }
    task<> aexit(std::exception_ptr raised) {
        say_("leave", name_of(raised), now());
        co_await sleep(10ms);
        if (fails_ == failing::on_leaving) throw runtime_error("exit");
        say_("left", now());
    }

private:
    recorder& say_;
    failing fails_;
};

TEST(with, enters_runs_the_body_and_leaves) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const int given = co_await with(resource(say), [&](resource&) -> task<int> {
                      say("body", now());
                      co_return 7;
                  });
                  say(given, now());
              }),
              (lines{"enter", "body 10", "leave nothing 10", "left 20", "7 20"}));
}

TEST(with, leaves_when_the_body_fails_and_raises_that) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await with(resource(say), [](resource&) -> task<> {
                          throw value_error("body");
                          co_return;
                      });
                  } catch (const value_error& e) {
                      say(e.what());
                  }
              }),
              (lines{"enter", "leave body 10", "left 20", "body"}));
}

TEST(with, raises_what_leaving_raises_instead) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  for (const bool fails : {false, true}) {
                      const auto body = [&](resource&) -> task<> {
                          if (fails) throw value_error("body");
                          co_return;
                      };
                      try {
                          co_await with(resource(say, resource::failing::on_leaving), body);
                      } catch (const runtime_error& e) {
                          say(e.what());
                      }
                  }
              }),
              (lines{"enter", "leave nothing 10", "exit", "enter", "leave body 30", "exit"}));
}

TEST(with, that_cannot_enter_does_not_leave) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await with(resource(say, resource::failing::on_entry), [&](resource&) -> task<> {
                          say("never");
                          co_return;
                      });
                  } catch (const runtime_error& e) {
                      say(e.what());
                  }
              }),
              (lines{"enter", "entry"}));
}

// Cancelled 5 ms after the start of what lasts 10 ms: the entry, the body, or leaving.
lines cancelled_at(std::chrono::milliseconds when) {
    return said_by([when](recorder& say) -> task<> {
        const auto body = [&](resource&) -> task<> {
            say("body");
            co_await sleep(10ms);
        };
        const auto waits = [&]() -> task<> { co_await with(resource(say), body); };
        auto waiting = create_task(waits());
        co_await sleep(when);
        waiting.cancel();
        try {
            co_await waiting;
        } catch (const cancelled_error&) {
            say("cancelled", now());
        }
    });
}

TEST(with, is_cancelled_where_it_stands) {
    EXPECT_EQ(cancelled_at(5ms), (lines{"enter", "cancelled 5"}));
    EXPECT_EQ(cancelled_at(15ms), (lines{"enter", "body", "leave CancelledError 15", "left 25", "cancelled 25"}));
    EXPECT_EQ(cancelled_at(25ms), (lines{"enter", "body", "leave nothing 20", "cancelled 25"}));
}

// Entering and leaving may be ordinary functions, or give anything that can be awaited.
class locked {
public:
    explicit locked(mutex& lock) : lock_(lock) {}
    auto aenter() { return lock_.acquire(); }
    void aexit(const std::exception_ptr&) { lock_.unlock(); }

private:
    mutex& lock_;
};

TEST(with, takes_what_awaits_a_mutex_as_async_with_lock_does) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  mutex lock;
                  const auto critical = [&](int n) -> task<> {
                      co_await with(locked(lock), [&](locked&) -> task<> {
                          say(n, now(), lock.locked());
                          co_await sleep(10ms);
                      });
                  };
                  auto one = create_task(critical(1));
                  auto two = create_task(critical(2));
                  co_await one;
                  co_await two;
                  say(lock.locked());
              }),
              (lines{"1 0 true", "2 10 true", "false"}));
}

TEST(with, keeps_a_body_that_holds_a_guard_alive) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  mutex lock;
                  auto guard = co_await lock.lock();
                  auto body = [held = std::move(guard), &say, &lock](resource&) -> task<> {
                      say("body", lock.locked());
                      co_return;
                  };
                  co_await with(resource(say), body);
                  say(lock.locked());
              }),
              (lines{"enter", "body true", "leave nothing 10", "left 20", "true"}));
}

// A resource that can only be moved, and says whether it is the one that was entered.
class token {
public:
    explicit token(recorder& say) : say_(&say) {}
    void aenter() { entered_ = this; }
    void aexit(const std::exception_ptr&) { (*say_)("the same one", entered_ == this, *number_); }
    void set(int number) { *number_ = number; }

private:
    recorder* say_;
    token* entered_ = nullptr;
    std::unique_ptr<int> number_ = std::make_unique<int>(0);
};

TEST(with, borrows_a_variable_and_owns_a_temporary) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  token borrowed(say);
                  const auto numbers = [&](token& t) -> task<> {
                      say(&t == &borrowed);
                      t.set(1);
                      co_return;
                  };
                  co_await with(borrowed, numbers);
                  auto moved = with(std::move(borrowed), numbers);
                  co_await std::move(moved);
              }),
              (lines{"true", "the same one true 1", "false", "the same one true 1"}));
}

TEST(with, takes_a_body_that_holds_and_gives_a_result_that_can_only_be_moved) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto box = std::make_unique<int>(5);
                  auto body = [box = std::move(box)](token&) mutable -> task<std::unique_ptr<int>> {
                      co_await sleep(1ms);
                      ++*box;
                      co_return std::move(box);
                  };
                  const std::unique_ptr<int> result = co_await with(token(say), body);
                  say(*result);
              }),
              (lines{"the same one true 0", "6"}));
}

TEST(with, gives_a_pointer_where_python_gives_the_object) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  token borrowed(say);
                  token* const given = co_await with(borrowed, [](token& t) -> task<token*> { co_return &t; });
                  say(given == &borrowed);
              }),
              (lines{"the same one true 0", "true"}));
}

TEST(with, within_another_leaves_the_inner_one_first) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  const auto inner = [&](resource&) -> task<> {
                      say("body", now());
                      co_return;
                  };
                  const auto outer = [&](token&) -> task<> { co_await with(resource(say), inner); };
                  co_await with(token(say), outer);
              }),
              (lines{"enter", "body 10", "leave nothing 10", "left 20", "the same one true 0"}));
}

}  // namespace
