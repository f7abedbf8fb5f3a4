#include <fermata/async.hpp>
#include <fermata/trace.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using trace::activity;

// By the loop's clock, on virtual time: each run is the same.
trace::group recorded(task<> main) {
    trace::recorder recorder({.loop_time = true});
    run(std::move(main), {.virtual_time = true, .instrument = &recorder});
    return recorder.group();
}

const trace::row& row_of(const trace::group& of, std::string_view name) {
    for (const trace::row& each : of.rows) {
        if (each.name.starts_with(name)) return each;
    }
    throw value_error("there is no row " + std::string(name));
}

std::string text_of(const trace::part& of) {
    const auto seconds = [](std::chrono::nanoseconds time) { return std::to_string(time / 1s); };
    return of.name + " " + seconds(of.begin) + "-" + seconds(of.end);
}
std::vector<std::string> texts_of(const trace::row& of) {
    std::vector<std::string> texts;
    for (const trace::part& each : of.parts) texts.push_back(text_of(each));
    return texts;
}
using texts = std::vector<std::string>;

task<> naps(std::chrono::nanoseconds length) { co_await sleep(length); }

task<> two_naps() {
    auto one = create_task(naps(2s), {.name = "one"});
    auto two = create_task(naps(3s), {.name = "two"});
    co_await gather(one, two);
}

}  // namespace

TEST(recorder, has_a_row_for_the_loop_and_one_for_each_task_in_the_order_of_creation) {
    const trace::group group = recorded(two_naps());
    ASSERT_EQ(group.rows.size(), 4U);
    EXPECT_EQ(group.name, "event loop");
    EXPECT_EQ(group.rows[0].name, "loop");
    EXPECT_TRUE(group.rows[1].name.ends_with(" two_naps"));
    EXPECT_EQ(group.rows[2].name, "one naps");
    EXPECT_EQ(group.rows[3].name, "two naps");
}

TEST(recorder, tells_what_each_task_did_when) {
    const trace::group group = recorded(two_naps());
    EXPECT_EQ(texts_of(row_of(group, "one ")), (texts{"runs 0-0", "sleep 0-2", "runs 2-2"}));
    EXPECT_EQ(texts_of(row_of(group, "two ")), (texts{"runs 0-0", "sleep 0-3", "runs 3-3"}));
    EXPECT_EQ(texts_of(group.rows[1]), (texts{"runs 0-0", "gather 0-3", "runs 3-3"}));
    EXPECT_EQ(group.rows[1].parts.back().ends, "returned");
}

TEST(recorder, tells_when_the_loop_had_nothing_to_do) {
    const trace::group group = recorded(two_naps());
    EXPECT_EQ(texts_of(group.rows[0]),
              (texts{"runs 0-0", "what comes next 0-2", "runs 2-2", "what comes next 2-3", "runs 3-3"}));
}

TEST(recorder, tells_where_a_task_waits_who_awaits_it_and_what_wakes_it) {
    const trace::group group = recorded(two_naps());
    const trace::part& sleeping = row_of(group, "one ").parts[1];
    ASSERT_EQ(sleeping.stack.size(), 1U);
    EXPECT_TRUE(sleeping.stack[0].starts_with("naps(")) << sleeping.stack[0];
    EXPECT_NE(sleeping.stack[0].find("\trecorder_test.cpp:"), std::string::npos);
    EXPECT_EQ(sleeping.awaited_by, 1U);
    EXPECT_EQ(sleeping.woken_by, "its timer");
    EXPECT_EQ(group.rows[1].parts[1].woken_by, "a callback of the loop");
    EXPECT_EQ(row_of(group, "one ").parts[0].woken_by, group.rows[1].name);
    EXPECT_EQ(row_of(group, "one ").parts[0].woken_by_row, 1U);
}

TEST(recorder, calls_what_a_task_waits_for_by_its_name) {
    const auto main = []() -> task<> {
        auto child = create_task(naps(1s), {.name = "child"});
        co_await child;
        mutex gate;
        EXPECT_TRUE(gate.try_lock());
        current_loop().call_later(1s, [&] { gate.unlock(); });
        const auto guard = co_await gate.lock();
    };
    const trace::group group = recorded(main());
    EXPECT_EQ(texts_of(group.rows[1]),
              (texts{"runs 0-0", row_of(group, "child").name + " 0-1", "runs 1-1", "mutex 1-2", "runs 2-2"}));
    EXPECT_EQ(group.rows[1].parts[1].woken_by_row, 2U);
}

TEST(recorder, shows_that_a_task_is_ready_while_others_run) {
    const auto main = []() -> task<> {
        auto busy = []() -> task<> {
            current_loop().call_soon([] {});
            co_return;
        };
        auto first = create_task(busy(), {.name = "first"});
        auto second = create_task(busy(), {.name = "second"});
        co_await gather(first, second);
    };
    trace::recorder recorder;
    run(main(), {.instrument = &recorder});
    const trace::group group = recorder.group();
    const trace::row& second = row_of(group, "second");
    ASSERT_EQ(second.parts.size(), 2U);
    EXPECT_EQ(second.parts[0].what, activity::ready);
    EXPECT_EQ(second.parts[1].what, activity::runs);
    // In one thread one after the other.
    EXPECT_LE(row_of(group, "first").parts.back().end, second.parts[1].begin);
}

TEST(recorder, shows_that_a_task_is_ready_that_was_woken_before_it_was_suspended) {
    const auto main = []() -> task<> { co_await sleep(0s); };
    trace::recorder recorder;
    run(main(), {.instrument = &recorder});
    const std::vector<trace::part> parts = recorder.group().rows[1].parts;
    ASSERT_GE(parts.size(), 3U);
    const trace::part& between = parts[parts.size() - 2];
    EXPECT_EQ(between.what, activity::ready);
    EXPECT_EQ(between.woken_by, "itself");
}

TEST(recorder, marks_cancellation_and_how_a_task_ended) {
    const auto main = []() -> task<> {
        auto child = create_task(naps(9s), {.name = "child"});
        co_await sleep(1s);
        child.cancel();
        co_await sleep(1s);
    };
    const trace::group group = recorded(main());
    const trace::row& child = row_of(group, "child");
    ASSERT_EQ(child.marks.size(), 1U);
    EXPECT_EQ(child.marks[0].name, "cancelled by " + group.rows[1].name);
    EXPECT_EQ(child.marks[0].at, 1s);
    EXPECT_EQ(child.parts.back().ends, "was cancelled");
    EXPECT_EQ(texts_of(child), (texts{"runs 0-0", "sleep 0-1", "runs 1-1"}));
}

TEST(recorder, keeps_tasks_apart_that_have_had_the_same_address) {
    const auto main = []() -> task<> {
        for (int i = 0; i < 3; ++i) {
            auto child = create_task(naps(1s));
            co_await child;
        }
    };
    const trace::group group = recorded(main());
    ASSERT_EQ(group.rows.size(), 5U);
    EXPECT_EQ(texts_of(group.rows[4]), (texts{"runs 2-2", "sleep 2-3", "runs 3-3"}));
}

TEST(recorder, keeps_as_many_events_as_it_may_and_counts_the_others) {
    trace::recorder recorder({.capacity = 10, .loop_time = true});
    run(two_naps(), {.virtual_time = true, .instrument = &recorder});
    EXPECT_EQ(recorder.size(), 10U);
    EXPECT_GT(recorder.dropped(), 5U);
    EXPECT_EQ(recorder.timeline().dropped, recorder.dropped());
}

TEST(recorder, takes_more_than_a_chunk) {
    const auto main = []() -> task<> {
        for (int i = 0; i < 10'000; ++i) co_await sleep(1s);
    };
    const trace::group group = recorded(main());
    ASSERT_EQ(group.rows.size(), 2U);
    EXPECT_EQ(group.rows[1].parts.size(), 20'001U);
    EXPECT_EQ(text_of(group.rows[1].parts.back()), "runs 10000-10000");
}

TEST(recorder, tells_that_awaits_go_deeper_than_it_shows) {
    struct nested {
        static task<> of(int depth) {
            if (depth == 1) {
                co_await sleep(1s);
            } else {
                co_await of(depth - 1);
            }
        }
    };
    const trace::group group = recorded(nested::of(20));
    const auto& stack = group.rows[1].parts[1].stack;
    ASSERT_EQ(stack.size(), 15U);
    EXPECT_EQ(stack.back(), "… and 6 more");
}

namespace {

task<> raises_after(std::chrono::nanoseconds time) {
    co_await sleep(time);
    throw value_error("it");
}

}  // namespace

TEST(recorder, tells_how_each_task_ended) {
    trace::recorder recorder({.loop_time = true});
    const auto main = []() -> task<> {
        auto raising = create_task(raises_after(1s), {.name = "raising"});
        auto cancelled = create_task(naps(3s), {.name = "cancelled"});
        current_loop().call_later(2s, [cancelled]() mutable { cancelled.cancel(); });
        const std::vector<any_task> both = {raising, cancelled};
        co_await wait(both);
        EXPECT_TRUE(raising.exception() && cancelled.cancelled());
    };
    run(main(), {.virtual_time = true, .instrument = &recorder});
    {
        event_loop loop;
        loop.set_instrument(&recorder);
        loop.call_soon([] { create_task(naps(1s), {.name = "left"}); });
        loop.run_ready();
    }
    const trace::group group = recorder.group();
    EXPECT_EQ(group.rows[1].parts.back().ends, "returned");
    EXPECT_EQ(row_of(group, "raising").parts.back().ends, "raised an exception");
    EXPECT_EQ(row_of(group, "cancelled").parts.back().ends, "was cancelled");
    EXPECT_EQ(row_of(group, "left").parts.back().ends, "was left when its loop was closed");
    ASSERT_EQ(row_of(group, "cancelled").marks.size(), 1U);
    EXPECT_EQ(row_of(group, "cancelled").marks[0].name, "cancelled");  // by a callback, no task
}

TEST(recorder, looks_for_who_awaits_a_task_through_what_lies_between_unless_that_is_much) {
    const auto awaited_by = [](int between) {
        const auto main = [](int shields) -> task<> {
            future<> outermost = create_task(naps(1s), {.name = "inner"});
            for (int i = 0; i < shields; ++i) outermost = shield(outermost);
            co_await outermost;
        };
        return row_of(recorded(main(between)), "inner").parts[1].awaited_by;
    };
    EXPECT_EQ(awaited_by(0), 1U);
    EXPECT_EQ(awaited_by(3), 1U);
    EXPECT_EQ(awaited_by(9), std::nullopt);
}

TEST(recorder, goes_from_loop_to_loop) {
    trace::recorder recorder({.loop_time = true});
    run(naps(1s), {.virtual_time = true, .instrument = &recorder});
    run(naps(1s), {.virtual_time = true, .instrument = &recorder});
    EXPECT_EQ(recorder.group().rows.size(), 3U);
    recorder.clear();
    EXPECT_EQ(recorder.size(), 0U);
    EXPECT_EQ(recorder.group().rows.size(), 1U);
}

// What docs/guide/tracing.md shows.

namespace {

// [instrument]
class delays : public trace::instrument {
public:
    std::chrono::nanoseconds longest{0};  // that a task was ready, and others ran

private:
    using clock = std::chrono::steady_clock;

    void task_woken(const trace::task_view& task, trace::waker, const trace::task_view*) noexcept override {
        ready_since_[task.id()] = clock::now();
    }
    void task_resumed(const trace::task_view& task) noexcept override {
        const auto found = ready_since_.find(task.id());
        if (found == ready_since_.end()) return;
        longest = std::max<std::chrono::nanoseconds>(longest, clock::now() - found->second);
        ready_since_.erase(found);
    }

    std::unordered_map<const void*, clock::time_point> ready_since_;
};
// [instrument]

}  // namespace

TEST(documentation, of_the_recorder) {
    const auto program = two_naps;
    const std::string timeline_html = ::testing::TempDir() + "timeline.html";
    const std::string timeline_json = ::testing::TempDir() + "timeline.json";

    // [recorder]
    trace::recorder recorder;
    run(program(), {.virtual_time = true, .instrument = &recorder});
    trace::write_html(recorder.timeline("My program"), timeline_html);
    trace::write_chrome_trace(recorder.timeline(), timeline_json);
    // [recorder]

    EXPECT_GT(std::filesystem::file_size(timeline_html), std::filesystem::file_size(timeline_json));
}

TEST(documentation, of_instruments) {
    const auto program = two_naps;

    // [instrument_run]
    delays delay;
    run(program(), {.virtual_time = true, .instrument = &delay});
    std::printf("a task was ready for %lld ns before it ran\n", static_cast<long long>(delay.longest.count()));
    // [instrument_run]

    EXPECT_GT(delay.longest, 0ns);
}
