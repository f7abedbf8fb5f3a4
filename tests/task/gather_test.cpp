// What CPython 3.13 does with the same programs was recorded by running them: each expectation is its output.

#include "jobs.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <variant>

namespace {

using namespace fermata;
using namespace tests;

TEST(gather, gives_a_tuple_in_the_order_of_the_arguments) {
    said_by([](recorder& say) -> task<> {
        auto [one, two, three] = co_await gather(job(say, "one", 30ms), two_turns(), job(say, "three", 10ms));
        EXPECT_EQ(one, "one");
        static_assert(std::is_same_v<decltype(two), std::monostate>);
        EXPECT_EQ(three, "three");
        EXPECT_EQ(now(), 30);
    });
}

TEST(gather, gives_a_vector_of_a_range) {
    said_by([](recorder& say) -> task<> {
        std::vector<task<std::string>> jobs;
        jobs.push_back(job(say, "a", 2ms));
        jobs.push_back(job(say, "b", 1ms));
        const auto results = co_await gather(std::move(jobs));
        EXPECT_EQ(results, (lines{"a", "b"}));

        std::vector<task_handle<std::string>> handles;
        handles.push_back(create_task(job(say, "c", 1ms)));
        handles.push_back(create_task(job(say, "d", 1ms)));
        const auto more = co_await gather(handles);
        EXPECT_EQ(more, (lines{"c", "d"}));
        EXPECT_EQ(handles[0].result(), "c");  // copied: the handle may still ask

        std::vector<future<int>> none;
        const auto nothing = co_await gather(none);
        EXPECT_TRUE(nothing.empty());
    });
}

task<std::unique_ptr<int>> boxed(int n) { co_return std::make_unique<int>(n); }

TEST(gather, moves_results_that_nobody_else_holds) {
    said_by([](recorder&) -> task<> {
        auto [a, b] = co_await gather(boxed(1), boxed(2));
        EXPECT_EQ(*a + *b, 3);
    });
}

task<> nothing_at_all() { co_return; }

TEST(gather, gives_a_result_twice_if_it_can_be_copied) {
    said_by([](recorder&) -> task<> {
        auto seven = create_future<int>();
        seven.set_result(7);
        auto nothing = create_task(nothing_at_all());
        auto [a, b, c, d] = co_await gather(seven, seven, nothing, nothing);
        EXPECT_EQ(a + b, 14);
        auto box = create_task(boxed(1));
        EXPECT_THROW(gather(box, boxed(2), box), type_error);
        EXPECT_THROW(gather(return_exceptions, box, box), type_error);
        const std::vector<task_handle<std::unique_ptr<int>>> boxes{box, box};
        EXPECT_THROW(gather(boxes), type_error);
        auto [e, f, g] = co_await gather(box, seven, seven);
        EXPECT_EQ(*e + f + g, 15);
    });
}

TEST(gather, raises_the_first_error_at_once_and_lets_the_others_go_on) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  try {
                      co_await gather(job(say, "a", 30ms), job(say, "b", 10ms, ending::value_error),
                                      job(say, "c", 20ms, ending::runtime_error));
                  } catch (const value_error& e) {
                      say("raised", e.what(), now());
                  }
                  co_await sleep(50ms);
                  say("end", now());
              }),
              (lines{"a starts", "b starts", "c starts", "raised b 10", "a ends 30", "end 60"}));
}

TEST(gather, does_not_report_what_the_others_raise_later) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  current_loop().set_exception_handler(
                      [&say](event_loop&, const error_context& context) { say("handler", context.message); });
                  try {
                      co_await gather(job(say, "b", 10ms, ending::value_error),
                                      job(say, "c", 20ms, ending::runtime_error));
                  } catch (const value_error&) {
                  }
                  co_await sleep(50ms);
              }),
              (lines{"b starts", "c starts"}));
}

// SEMANTICS 62.
TEST(gather, raises_its_cancellation_even_if_a_child_swallows_it) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto g = gather(job(say, "a", 1s), job(say, "b", 1s, ending::swallows_cancellation));
                  co_await sleep(10ms);
                  say(g.cancel());
                  say(g.done());
                  try {
                      co_await g;
                  } catch (const cancelled_error&) {
                      say("cancelled", g.cancelled(), g.done());
                  }
                  say(g.cancel());
              }),
              (lines{"a starts", "b starts", "true", "false", "a cancelled 10", "b cancelled 10",
                     "cancelled false true", "false"}));
}

task<> cancels(task_handle<std::string> what) {
    what.cancel();
    co_return;
}

TEST(gather, raises_the_cancellation_of_a_child_as_any_error) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto a = create_task(job(say, "a", 1s));
                  try {
                      co_await gather(a, job(say, "b", 2s), cancels(a));
                  } catch (const cancelled_error&) {
                      say("raised cancelled", now(), current_task().cancelling());
                  }
              }),
              (lines{"a starts", "b starts", "a cancelled 0", "raised cancelled 0 0", "b cancelled 0"}));
}

TEST(gather, keeps_exceptions_as_results) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  auto a = create_task(job(say, "a", 1s));
                  auto [first, second, third, fourth] = co_await gather(
                      return_exceptions, a, job(say, "b", 2s), job(say, "c", 1500ms, ending::value_error), cancels(a));
                  EXPECT_THROW(first.value(), cancelled_error);
                  EXPECT_EQ(second.value(), "b");
                  EXPECT_THROW(third.value(), value_error);
                  EXPECT_TRUE(third.exception());
                  EXPECT_TRUE(fourth.has_value());
                  say(now());
              }),
              (lines{"a starts", "b starts", "c starts", "a cancelled 0", "b ends 2000", "2000"}));
}

TEST(gather, cancels_its_children_when_who_awaits_it_is_cancelled) {
    const auto waits = [](recorder& say) -> task<> { co_await gather(job(say, "a", 1s), job(say, "b", 1s)); };
    EXPECT_EQ(said_by([&](recorder& say) -> task<> {
                  auto w = create_task(waits(say));
                  co_await sleep(10ms);
                  w.cancel();
                  const std::vector waited{w};
                  co_await wait(waited);
                  say(w.cancelled());
              }),
              (lines{"a starts", "b starts", "a cancelled 10", "b cancelled 10", "true"}));
}

TEST(gather, never_awaited_reports_its_error) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  current_loop().set_exception_handler(
                      [&say](event_loop&, const error_context& context) { say("handler", context.message); });
                  gather(job(say, "b", 10ms, ending::value_error));
                  co_await sleep(50ms);
              }),
              (lines{"b starts", "handler _GatheringFuture exception was never retrieved"}));
}

// SEMANTICS 35, and the other combinators beside it: CPython's numbers, less the turn that ends the sleeps.
TEST(turns_of_the_loop, are_as_many_as_in_cpython) {
    EXPECT_EQ(said_by([](recorder& say) -> task<> {
                  turns n;
                  co_await sleep(0s);
                  n.taken();
                  co_await gather(two_turns(), two_turns());
                  say("gather", n.taken());
                  auto done = create_task(two_turns());
                  co_await done;
                  n.taken();
                  co_await gather(done, done);
                  say("done ones", n.taken());
                  co_await gather();
                  say("none", n.taken());
                  co_await shield(two_turns());
                  say("shield", n.taken());
                  co_await shield(done);
                  say("shield done", n.taken());
                  co_await wait_for(two_turns(), 1s);
                  say("wait_for", n.taken());
                  std::vector<task_handle<>> one;
                  one.push_back(create_task(two_turns()));
                  co_await wait(one);
                  say("wait", n.taken());
                  co_await wait(one);
                  say("wait done", n.taken());
                  std::vector<task<>> two;
                  two.push_back(two_turns());
                  two.push_back(two_turns());
                  for (auto& next : as_completed(std::move(two))) co_await next;
                  say("as_completed", n.taken());
                  co_await with(task_group(), [](task_group& group) -> task<> {
                      group.create_task(two_turns());
                      group.create_task(two_turns());
                      co_return;
                  });
                  say("group", n.taken());
                  co_await with(task_group(), [](task_group&) -> task<> { co_return; });
                  say("empty group", n.taken());
                  try {
                      co_await wait_for(two_turns(), 0s);
                  } catch (const timeout_error&) {
                      say("wait_for 0", n.taken());
                  }
                  try {
                      co_await with(timeout(0s), [](timeout&) -> task<> { co_await sleep(1s); });
                  } catch (const timeout_error&) {
                      say("timeout 0", n.taken());
                  }
              }),
              (lines{"gather 5", "done ones 0", "none 0", "shield 5", "shield done 0", "wait_for 2", "wait 5",
                     "wait done 2", "as_completed 5", "group 5", "empty group 0", "wait_for 0 3", "timeout 0 2"}));
}

TEST(gather, keeps_exceptions_of_a_range_as_results) {
    said_by([](recorder& say) -> task<> {
        std::vector<task<std::string>> jobs;
        jobs.push_back(job(say, "a", 2ms));
        jobs.push_back(job(say, "b", 1ms, ending::value_error));
        const auto results = co_await gather(return_exceptions, std::move(jobs));
        EXPECT_EQ(results.at(0).value(), "a");
        EXPECT_THROW(results.at(1).value(), value_error);
    });
}

}  // namespace
