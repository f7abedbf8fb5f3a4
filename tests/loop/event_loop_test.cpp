#include <fermata/loop/event_loop.hpp>

#include <gtest/gtest.h>

#include <sys/select.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

loop_options virtual_time() {
    loop_options options;
    options.clock = std::make_unique<virtual_clock>();
    return options;
}

// A loop on virtual time, and a line for whatever happens.
struct recorded {
    event_loop loop{virtual_time()};
    std::vector<std::string> lines;

    auto say(std::string line) {
        return [this, text = std::move(line)] { lines.push_back(text); };
    }
    auto stop() {
        return [this] { loop.stop(); };
    }
};
using lines = std::vector<std::string>;

template <class Error, class Function>
std::string raised_by(Function&& f) {
    try {
        f();
    } catch (const Error& e) {
        return e.what();
    }
    return "nothing was raised";
}

// SEMANTICS 31.
TEST(event_loop, runs_callbacks_in_the_order_in_which_they_were_scheduled) {
    recorded r;
    r.loop.call_soon(r.say("a"));
    r.loop.call_soon(r.say("b"));
    r.loop.call_soon(r.stop());
    r.loop.run_forever();
    EXPECT_EQ(r.lines, (lines{"a", "b"}));
}

TEST(event_loop, runs_what_a_batch_schedules_in_the_next_turn) {
    recorded r;
    r.loop.call_soon([&] {
        r.say("first")();
        r.loop.call_soon(r.say("of the next turn"));
        r.loop.stop();
    });
    r.loop.call_soon(r.say("second"));
    r.loop.run_forever();
    EXPECT_EQ(r.lines, (lines{"first", "second"}));
    r.loop.call_soon(r.stop());
    r.loop.run_forever();
    EXPECT_EQ(r.lines, (lines{"first", "second", "of the next turn"}));
}

TEST(event_loop, skips_a_callback_that_was_cancelled_earlier_in_the_batch) {
    recorded r;
    callback_handle second;
    r.loop.call_soon([&] { second.cancel(); });
    second = r.loop.call_soon(r.say("cancelled"));
    r.loop.call_soon(r.say("third"));
    r.loop.call_soon(r.stop());
    r.loop.run_forever();
    EXPECT_TRUE(second.cancelled());
    EXPECT_EQ(r.lines, (lines{"third"}));
}

TEST(event_loop, destroys_a_callbacks_function_when_it_has_run_or_is_cancelled) {
    recorded r;
    auto of_one = std::make_shared<int>(1);
    auto of_two = std::make_shared<int>(2);
    auto one = r.loop.call_soon([of_one] {});
    auto two = r.loop.call_soon([of_two] {});
    two.cancel();
    EXPECT_EQ(of_two.use_count(), 1);
    EXPECT_EQ(of_one.use_count(), 2);
    r.loop.call_soon(r.stop());
    r.loop.run_forever();
    EXPECT_EQ(of_one.use_count(), 1);
    one.cancel();  // too late, and harmless
    two.cancel();
}

TEST(event_loop, takes_move_only_callbacks) {
    recorded r;
    r.loop.call_soon([&, number = std::make_unique<int>(3)] { r.say(std::to_string(*number))(); });
    r.loop.call_soon(r.stop());
    r.loop.run_forever();
    EXPECT_EQ(r.lines, (lines{"3"}));
}

// SEMANTICS 32: call_later(0) runs after the callbacks that are ready; a negative delay means now.
TEST(event_loop, runs_a_timer_that_is_due_behind_what_is_ready) {
    recorded r;
    r.loop.call_later(0s, r.say("later"));
    r.loop.call_later(-5s, r.say("long ago"));
    r.loop.call_soon(r.say("soon"));
    r.loop.call_later(0s, r.stop());
    r.loop.run_forever();
    EXPECT_EQ(r.lines, (lines{"soon", "long ago", "later"}));
}

// SEMANTICS 33.
TEST(event_loop, runs_timers_by_deadline_and_then_by_creation) {
    recorded r;
    r.loop.call_later(2s, r.say("2 a"));
    r.loop.call_later(1s, r.say("1 a"));
    r.loop.call_at(2s, r.say("2 b"));
    r.loop.call_at(1s, r.say("1 b"));
    r.loop.call_later(3s, r.stop());
    r.loop.run_forever();
    EXPECT_EQ(r.lines, (lines{"1 a", "1 b", "2 a", "2 b"}));
}

TEST(event_loop, on_a_virtual_clock_jumps_from_deadline_to_deadline) {
    recorded r;
    std::vector<std::chrono::nanoseconds> times;
    const auto note = [&] { times.push_back(r.loop.time()); };
    r.loop.call_later(1h, note);
    r.loop.call_later(24h, note);
    r.loop.call_later(24h, r.stop());
    const auto begin = std::chrono::steady_clock::now();
    r.loop.run_forever();
    EXPECT_EQ(times, (std::vector<std::chrono::nanoseconds>{1h, 24h}));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST(event_loop, runs_no_timer_before_its_time_however_little_is_left) {
    recorded r;
    std::vector<std::chrono::nanoseconds> times;
    const auto note = [&] { times.push_back(r.loop.time()); };
    r.loop.call_at(1s, note);
    r.loop.call_at(1s + 1ns, note);
    r.loop.call_at(1s + 2ns, r.stop());
    r.loop.run_forever();
    EXPECT_EQ(times, (std::vector<std::chrono::nanoseconds>{1s, 1s + 1ns}));
}

TEST(event_loop, on_a_real_clock_waits_until_the_deadline) {
    event_loop loop;
    const auto begin = std::chrono::steady_clock::now();
    loop.call_later(20ms, [&] { loop.stop(); });
    loop.run_forever();
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms);
}

TEST(event_loop, does_not_run_a_timer_that_was_cancelled) {
    recorded r;
    auto timer = r.loop.call_later(1s, r.say("cancelled"));
    EXPECT_EQ(timer.when(), 1s);
    timer.cancel();
    r.loop.call_later(2s, r.stop());
    r.loop.run_forever();
    EXPECT_EQ(r.lines, lines{});
    EXPECT_EQ(r.loop.time(), 2s);
}

TEST(event_loop, lets_a_timer_cancel_another_of_the_same_deadline) {
    recorded r;
    callback_handle second;
    r.loop.call_later(1s, [&] { second.cancel(); });
    second = r.loop.call_later(1s, r.say("cancelled"));
    r.loop.call_later(2s, r.stop());
    r.loop.run_forever();
    EXPECT_EQ(r.lines, lines{});
}

TEST(event_loop, that_is_stopped_before_it_runs_runs_one_turn) {
    recorded r;
    r.loop.call_soon([&] {
        r.say("one turn")();
        r.loop.call_soon(r.say("no more"));
    });
    r.loop.stop();
    r.loop.run_forever();
    EXPECT_EQ(r.lines, (lines{"one turn"}));
}

// SEMANTICS 39.
TEST(event_loop, says_what_is_wrong_with_python_s_words) {
    recorded r;
    EXPECT_EQ(raised_by<runtime_error>([] { current_loop(); }), "no running event loop");
    std::string again, other, closing;
    r.loop.call_soon([&] {
        EXPECT_EQ(&current_loop(), &r.loop);
        again = raised_by<runtime_error>([&] { r.loop.run_forever(); });
        event_loop second(virtual_time());
        other = raised_by<runtime_error>([&] { second.run_forever(); });
        closing = raised_by<runtime_error>([&] { r.loop.close(); });
        r.loop.stop();
    });
    r.loop.run_forever();
    EXPECT_EQ(again, "This event loop is already running");
    EXPECT_EQ(other, "Cannot run the event loop while another loop is running");
    EXPECT_EQ(closing, "Cannot close a running event loop");
    EXPECT_EQ(current_loop_or_null(), nullptr);
    r.loop.close();
    r.loop.close();
    EXPECT_TRUE(r.loop.is_closed());
    EXPECT_EQ(raised_by<runtime_error>([&] { r.loop.call_soon([] {}); }), "Event loop is closed");
    EXPECT_EQ(raised_by<runtime_error>([&] { r.loop.call_later(1s, [] {}); }), "Event loop is closed");
    EXPECT_EQ(raised_by<runtime_error>([&] { r.loop.call_soon_threadsafe([] {}); }), "Event loop is closed");
    EXPECT_EQ(raised_by<runtime_error>([&] { r.loop.run_forever(); }), "Event loop is closed");
}

TEST(event_loop, that_is_closed_destroys_the_functions_of_what_it_was_to_run) {
    recorded r;
    auto held = std::make_shared<int>(1);
    auto soon = r.loop.call_soon([held] {});
    auto later = r.loop.call_later(1s, [held] {});
    auto foreign = r.loop.call_soon_threadsafe([held] {});
    EXPECT_EQ(held.use_count(), 4);
    r.loop.close();
    EXPECT_EQ(held.use_count(), 1);
    for (auto* handle : {&soon, &later, &foreign}) handle->cancel();
}

TEST(event_loop, allows_handles_to_outlive_it) {
    callback_handle handle;
    {
        event_loop loop(virtual_time());
        handle = loop.call_later(1s, [] {});
    }
    handle.cancel();
    EXPECT_TRUE(handle.cancelled());
}

TEST(event_loop, reports_what_a_callback_raises_and_goes_on) {
    recorded r;
    r.loop.set_exception_handler([&](event_loop&, const error_context& context) {
        r.lines.push_back(context.message);
        r.lines.push_back(raised_by<value_error>([&] { std::rethrow_exception(context.exception); }));
    });
    r.loop.call_soon([] { throw value_error("wrong"); });
    r.loop.call_soon(r.say("goes on"));
    r.loop.call_soon(r.stop());
    r.loop.run_forever();
    EXPECT_EQ(r.lines, (lines{"Exception in callback", "wrong", "goes on"}));
}

TEST(event_loop, writes_to_standard_error_what_no_handler_takes) {
    recorded r;
    testing::internal::CaptureStderr();
    r.loop.call_soon([] { throw value_error("wrong"); });
    r.loop.call_soon(r.stop());
    r.loop.run_forever();
    r.loop.set_exception_handler([](event_loop&, const error_context&) { throw value_error("the handler's own"); });
    r.loop.call_exception_handler({"told", nullptr, ""});
    r.loop.reset_exception_handler();
    r.loop.call_exception_handler({"told again", nullptr, "<here>"});
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "Exception in callback: wrong\n"
                                                      "Unhandled error in exception handler: the handler's own\n"
                                                      "told\n"
                                                      "told again <here>\n");
}

TEST(event_loop, lets_an_exception_handler_replace_itself) {
    recorded r;
    r.loop.set_exception_handler(
        [&r, held = std::make_shared<std::string>("the first")](event_loop& loop, const error_context& context) {
            loop.set_exception_handler(
                [&r](event_loop&, const error_context& later) { r.lines.push_back("the second: " + later.message); });
            r.lines.push_back(*held + ": " + context.message);
        });
    for (const char* message : {"one", "two"}) r.loop.call_exception_handler({message, nullptr, ""});
    EXPECT_EQ(r.lines, (lines{"the first: one", "the second: two"}));
}

TEST(event_loop, with_nothing_to_wait_for_says_so_on_a_virtual_clock_and_in_debug_mode) {
    event_loop loop(virtual_time());
    const std::string text = "the event loop has nothing left to run or to wait for, and was not stopped";
    EXPECT_EQ(raised_by<deadlock_error>([&] { loop.run_forever(); }), text);
    EXPECT_FALSE(loop.is_running());
    event_loop real;
    real.set_debug(true);
    EXPECT_EQ(raised_by<deadlock_error>([&] { real.run_forever(); }), text);
}

// SEMANTICS 42.
TEST(event_loop, in_debug_mode_reports_slow_callbacks) {
    recorded r;
    r.loop.set_debug(true);
    r.loop.slow_callback_duration = 0ns;
    r.loop.set_exception_handler(
        [&](event_loop&, const error_context& context) { r.lines.push_back(context.message); });
    r.loop.call_soon(r.stop());
    r.loop.run_forever();
    ASSERT_EQ(r.lines.size(), 1U);
    EXPECT_EQ(r.lines[0].rfind("Executing <callback at ", 0), 0U) << r.lines[0];
    EXPECT_NE(r.lines[0].find("event_loop_test.cpp:"), std::string::npos) << r.lines[0];
    EXPECT_NE(r.lines[0].find("> took 0.00"), std::string::npos) << r.lines[0];
}

TEST(event_loop, without_a_handler_prints_what_is_raised_whatever_it_is) {
    for (const bool debug : {false, true}) {
        event_loop loop;
        loop.set_debug(debug);
        loop.call_soon([] { throw 5; });
        loop.call_soon([] { throw generator_exit(); });
        loop.call_soon([&] { loop.stop(); });
        testing::internal::CaptureStderr();
        loop.run_forever();
        const std::string text = testing::internal::GetCapturedStderr();
        EXPECT_NE(text.find(": an exception that is not a std::exception\n"), std::string::npos) << text;
        EXPECT_NE(text.find(std::string(": ") + generator_exit().what() + "\n"), std::string::npos) << text;
    }
}

TEST(event_loop_death, is_told_of_a_loop_that_is_destroyed_while_it_runs) {
    const auto destroys = [] {
        auto loop = std::make_unique<event_loop>();
        loop->call_soon([&] { loop.reset(); });
        loop->run_forever();
    };
    EXPECT_DEATH(destroys(), "fermata: an event loop was destroyed while it was running");
}

TEST(event_loop, in_debug_mode_refuses_calls_from_the_wrong_thread) {
    recorded r;
    r.loop.set_debug(true);
    std::string refused;
    r.loop.call_soon([&] {
        std::thread([&] { refused = raised_by<runtime_error>([&] { r.loop.call_soon([] {}); }); }).join();
        r.loop.stop();
    });
    r.loop.run_forever();
    EXPECT_EQ(refused, "Non-thread-safe operation invoked on an event loop other than the current one");
}

TEST(event_loop, is_woken_by_calls_from_other_threads) {
    event_loop loop;
    constexpr int threads = 4, calls = 1000;
    int ran = 0;
    bool in_order = true;
    std::vector<std::thread> callers;
    std::vector<int> last(threads, -1);
    for (int t = 0; t < threads; ++t) {
        callers.emplace_back([&, t] {
            for (int i = 0; i < calls; ++i) {
                loop.call_soon_threadsafe([&, t, i] {
                    in_order = in_order && last[static_cast<std::size_t>(t)] == i - 1;
                    last[static_cast<std::size_t>(t)] = i;
                    if (++ran == threads * calls) loop.stop();
                });
            }
        });
    }
    loop.run_forever();
    for (auto& each : callers) each.join();
    EXPECT_EQ(ran, threads * calls);
    EXPECT_TRUE(in_order);
}

// As in CPython, where the one is the other, and a wake.
TEST(event_loop, keeps_the_order_of_call_soon_and_call_soon_threadsafe_on_its_own_thread) {
    recorded r;
    r.loop.call_soon([&] {
        r.loop.call_soon_threadsafe(r.say("threadsafe"));
        r.loop.call_soon(r.say("soon"));
        r.loop.call_soon_threadsafe(r.say("threadsafe again"));
        r.loop.call_soon(r.stop());
    });
    r.loop.run_forever();
    EXPECT_EQ(r.lines, (lines{"threadsafe", "soon", "threadsafe again"}));
}

TEST(event_loop, on_a_virtual_clock_waits_in_real_time_for_a_thread_that_is_expected) {
    recorded r;
    r.loop.expect_wake(1);
    r.loop.call_later(1h, r.say("an hour later"));
    std::thread caller([&] {
        r.loop.call_soon_threadsafe([&] {
            r.loop.expect_wake(-1);
            r.say("the thread")();
            r.loop.call_later(2h, r.stop());
        });
    });
    r.loop.run_forever();
    caller.join();
    EXPECT_EQ(r.lines, (lines{"the thread", "an hour later"}));
}

TEST(event_loop, can_be_driven_by_another_loop) {
    recorded r;
    EXPECT_EQ(r.loop.time_to_wait(), std::nullopt);
    r.loop.call_later(5s, r.say("timer"));
    EXPECT_EQ(r.loop.time_to_wait(), 5s);
    r.loop.call_soon(r.say("ready"));
    EXPECT_EQ(r.loop.time_to_wait(), 0s);
    r.loop.run_ready();
    EXPECT_EQ(r.lines, (lines{"ready"}));
    EXPECT_EQ(r.loop.time_to_wait(), 5s);
    EXPECT_FALSE(r.loop.is_running());
}

TEST(event_loop, has_a_descriptor_that_tells_a_foreign_loop_of_calls_from_threads) {
    event_loop loop;
    const auto readable = [&] {
        fd_set set;
        FD_ZERO(&set);
        FD_SET(loop.descriptor(), &set);
        timeval none{};
        return select(loop.descriptor() + 1, &set, nullptr, nullptr, &none) == 1;
    };
    EXPECT_FALSE(readable());
    int ran = 0;
    loop.call_soon_threadsafe([&] { ++ran; });
    EXPECT_TRUE(readable());
    loop.run_ready();
    EXPECT_EQ(ran, 1);
    EXPECT_FALSE(readable());
}

}  // namespace
