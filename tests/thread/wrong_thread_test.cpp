// SEMANTICS 42: nothing but call_soon_threadsafe is thread-safe, and debug mode says so.

#include <fermata/async.hpp>

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

const std::string refusal = "Non-thread-safe operation invoked on an event loop other than the current one";

// What f raises on another thread, while this one waits.
template <class Function>
std::string raised_elsewhere_by(Function f) {
    std::string raised = "nothing was raised";
    std::thread([&] {
        try {
            f();
        } catch (const runtime_error& e) {
            raised = e.what();
        }
    }).join();
    return raised;
}

template <class Program>
void run_in_debug_mode(Program program) {
    run(program(), {.virtual_time = true, .debug = true});
}

TEST(wrong_thread, is_told_by_what_schedules_calls) {
    run_in_debug_mode([]() -> task<> {
        event_loop& loop = current_loop();
        EXPECT_EQ(raised_elsewhere_by([&] { loop.call_soon([] {}); }), refusal);
        EXPECT_EQ(raised_elsewhere_by([&] { loop.call_later(1s, [] {}); }), refusal);
        EXPECT_EQ(raised_elsewhere_by([&] { loop.call_at(1s, [] {}); }), refusal);
        co_return;
    });
}

TEST(wrong_thread, is_told_by_cancel_and_the_task_is_left_alone) {
    run_in_debug_mode([]() -> task<> {
        const auto sleeping = []() -> task<> { co_await sleep(1s); };
        auto handle = create_task(sleeping());
        EXPECT_EQ(raised_elsewhere_by([&] { handle.cancel(); }), refusal);
        co_await sleep(0s);
        EXPECT_EQ(raised_elsewhere_by([&] { handle.cancel(); }), refusal);
        EXPECT_EQ(handle.cancelling(), 0);
        co_await handle;
        EXPECT_EQ(raised_elsewhere_by([&] { handle.cancel(); }), "nothing was raised");
    });
}

TEST(wrong_thread, is_told_by_a_future_that_it_would_finish) {
    run_in_debug_mode([]() -> task<> {
        auto number = create_future<int>();
        EXPECT_EQ(raised_elsewhere_by([&] { number.set_result(1); }), refusal);
        EXPECT_EQ(raised_elsewhere_by([&] { number.set_exception(value_error("wrong")); }), refusal);
        EXPECT_EQ(raised_elsewhere_by([&] { number.cancel(); }), refusal);
        EXPECT_FALSE(number.done());
        co_return;
    });
}

TEST(wrong_thread, may_use_a_loop_that_does_not_run) {
    event_loop loop;
    loop.set_debug(true);
    EXPECT_EQ(raised_elsewhere_by([&] { loop.call_soon([&] { loop.stop(); }); }), "nothing was raised");
    loop.run_forever();
}

// What wakes tasks cannot raise: it ends the program, where it would have corrupted it.
TEST(wrong_thread, that_would_wake_a_task_ends_the_program) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto program = []() -> task<> {
        event happened;
        const auto waiting = [&]() -> task<> { co_await happened.wait(); };
        auto handle = create_task(waiting(), {.name = "waits"});
        co_await sleep(0s);
        std::thread([&] { happened.set(); }).join();
        co_await handle;
    };
    EXPECT_DEATH(run_in_debug_mode(program), "fermata: " + refusal + ": .*'waits'");
}

TEST(wrong_thread, that_cancels_a_call_ends_the_program) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto program = []() -> task<> {
        auto call = current_loop().call_later(1s, [] {});
        std::thread([&] { call.cancel(); }).join();
        co_return;
    };
    EXPECT_DEATH(run_in_debug_mode(program), "fermata: " + refusal + ": <callback at .*wrong_thread_test.cpp:");
}

}  // namespace
