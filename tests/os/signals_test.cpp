#include "support.hpp"

#include <fermata/base/config.hpp>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::text_of_error;

FERMATA_ON_BOTH_BACKENDS(signals);

bool is_default(int signal) {
    struct sigaction now{};
    sigaction(signal, nullptr, &now);
    return now.sa_handler == SIG_DFL;
}

// What is heard of in a turn is called behind what was ready.
task<> turns() {
    co_await sleep(0s);
    co_await sleep(0s);
}

TEST_P(signals, a_handler_is_called_in_a_turn_of_the_loop) {
    const auto main = []() -> task<> {
        backend_name();
        std::string log;
        add_signal_handler(SIGUSR1, [&] { log += "called "; });
        std::raise(SIGUSR1);
        log += "raised ";
        co_await turns();
        log += "turned";
        EXPECT_EQ(log, "raised called turned");
        std::raise(SIGUSR1);
        co_await turns();
        EXPECT_EQ(log, "raised called turnedcalled ");
    };
    run(main());
    EXPECT_TRUE(is_default(SIGUSR1));
}

TEST_P(signals, a_signal_wakes_a_loop_that_waits_in_the_kernel) {
    // Seen: it keeps them back, and now and then for good. The same without it is tested by all other builds.
    if (FERMATA_DETAIL_TSAN) GTEST_SKIP() << "ThreadSanitizer loses signals that come at any moment";
    const auto main = []() -> task<> {
        auto [reading, writing] = open_pipe();
        std::thread sender;
        add_signal_handler(SIGUSR1, [&writing_end = writing] { writing_end.close(); });
        current_loop().call_soon([&] {
            sender = std::thread([pid = getpid()] {
                std::this_thread::sleep_for(1ms);
                kill(pid, SIGUSR1);
            });
        });
        const std::string all = co_await reading.read();
        EXPECT_EQ(all, "");
        sender.join();
    };
    run(main());
}

TEST_P(signals, a_signal_that_another_thread_gets_is_the_loops) {
    // Seen: it keeps them back, and now and then for good. The same without it is tested by all other builds.
    if (FERMATA_DETAIL_TSAN) GTEST_SKIP() << "ThreadSanitizer loses signals that come at any moment";
    const auto main = []() -> task<> {
        backend_name();
        signal_receiver received{SIGUSR2};
        std::thread other([] { pthread_kill(pthread_self(), SIGUSR2); });
        const int signal = co_await received.next();
        EXPECT_EQ(signal, SIGUSR2);
        other.join();
    };
    run(main());
}

TEST_P(signals, the_last_handler_replaces_the_one_before) {
    const auto main = []() -> task<> {
        std::string log;
        add_signal_handler(SIGUSR1, [&] { log += "first "; });
        add_signal_handler(SIGUSR1, [&] { log += "second "; });
        std::raise(SIGUSR1);
        co_await turns();
        EXPECT_EQ(log, "second ");
        EXPECT_TRUE(remove_signal_handler(SIGUSR1));
        EXPECT_FALSE(remove_signal_handler(SIGUSR1));
        EXPECT_TRUE(is_default(SIGUSR1));
    };
    run(main());
}

TEST_P(signals, a_handler_may_remove_itself) {
    const auto main = []() -> task<> {
        const std::string captured(100, 'x');
        std::size_t seen = 0;
        add_signal_handler(SIGUSR1, [&seen, captured] {
            remove_signal_handler(SIGUSR1);
            seen = captured.size();
        });
        std::raise(SIGUSR1);
        co_await turns();
        EXPECT_EQ(seen, 100U);
    };
    run(main());
}

TEST_P(signals, a_handler_that_was_removed_after_the_signal_is_not_called) {
    const auto main = []() -> task<> {
        bool called = false;
        add_signal_handler(SIGUSR1, [&] { called = true; });
        std::raise(SIGUSR1);
        remove_signal_handler(SIGUSR1);
        co_await turns();
        EXPECT_FALSE(called);
    };
    run(main());
}

TEST_P(signals, what_a_handler_raises_goes_to_the_exception_handler) {
    const auto main = []() -> task<> {
        std::string reported;
        current_loop().set_exception_handler(
            [&](event_loop&, const error_context& context) { reported = tests::what_of(context.exception); });
        add_signal_handler(SIGUSR1, [] { throw value_error("in the handler"); });
        std::raise(SIGUSR1);
        co_await turns();
        current_loop().reset_exception_handler();
        EXPECT_EQ(reported, "in the handler");
    };
    run(main());
}

TEST_P(signals, signals_that_cannot_be_caught_raise) {
    const auto main = []() -> task<> {
        const auto add = [](int signal) -> task<> {
            add_signal_handler(signal, [] {});
            co_return;
        };
        std::string error = co_await text_of_error(add(SIGKILL));
        EXPECT_EQ(error, "sig 9 cannot be caught");
        error = co_await text_of_error(add(0));
        EXPECT_EQ(error, "invalid signal number 0");
        error = co_await text_of_error(add(999));
        EXPECT_EQ(error, "invalid signal number 999");
    };
    run(main());
    EXPECT_THROW(add_signal_handler(SIGUSR1, [] {}), runtime_error);
}

TEST_P(signals, handlers_work_on_the_main_thread_only) {
    std::string error;
    std::thread other([&] {
        const auto add = []() -> task<> {
            add_signal_handler(SIGUSR1, [] {});
            co_return;
        };
        error = run(text_of_error(add()));
    });
    other.join();
    EXPECT_EQ(error, "signal handlers work on the main thread only");
    EXPECT_TRUE(is_default(SIGUSR1));
}

TEST_P(signals, a_receiver_loses_none_between_two_calls) {
    const auto main = []() -> task<> {
        signal_receiver received{SIGUSR2, SIGUSR1};
        std::raise(SIGUSR2);
        std::raise(SIGUSR1);
        co_await turns();
        int signal = co_await received.next();
        EXPECT_EQ(signal, SIGUSR1);
        const std::string error = co_await text_of_error(wait_for(create_future<>(), 0s));
        EXPECT_EQ(error, "");
        signal = co_await received.next();
        EXPECT_EQ(signal, SIGUSR2);
    };
    run(main(), {.virtual_time = true});
    EXPECT_TRUE(is_default(SIGUSR1));
    EXPECT_TRUE(is_default(SIGUSR2));
}

TEST_P(signals, a_receiver_that_outlives_its_loop_hears_nothing) {
    std::optional<signal_receiver> left;
    const auto main = [](std::optional<signal_receiver>& made) -> task<> {
        backend_name();
        made.emplace({SIGUSR1, SIGUSR2});
        co_return;
    };
    run(main(left));
    EXPECT_TRUE(is_default(SIGUSR1));
    EXPECT_TRUE(is_default(SIGUSR2));
    left.reset();
    run(main(left));
    const auto receive = [](const std::optional<signal_receiver>&) -> task<int> {
        signal_receiver received{SIGUSR1};
        std::raise(SIGUSR1);
        co_return co_await received.next();
    };
    EXPECT_EQ(run(receive(left)), SIGUSR1);
}

TEST_P(signals, a_receiver_that_was_moved_from_raises) {
    const auto main = []() -> task<> {
        signal_receiver received{SIGUSR1};
        signal_receiver moved = std::move(received);
        std::raise(SIGUSR1);
        const int signal = co_await moved.next();
        EXPECT_EQ(signal, SIGUSR1);
        const std::string error = co_await text_of_error(received.next());  // NOLINT(bugprone-use-after-move)
        EXPECT_EQ(error, "this receiver was moved from");
    };
    run(main());
}

TEST_P(signals, waiting_for_a_signal_can_be_cancelled_and_time_goes_on) {
    const auto main = []() -> task<> {
        signal_receiver received{SIGUSR1};
        const std::string error = co_await text_of_error(wait_for(received.next(), 1h));
        EXPECT_EQ(error, "");
        EXPECT_EQ(current_loop().time(), 1h);
        std::raise(SIGUSR1);
        const int signal = co_await received.next();
        EXPECT_EQ(signal, SIGUSR1);
    };
    run(main(), {.virtual_time = true});
}

TEST_P(signals, waiting_for_a_signal_is_no_deadlock) {
    const auto main = []() -> task<> {
        signal_receiver received{SIGUSR1};
        std::thread sender([pid = getpid()] {
            std::this_thread::sleep_for(1ms);
            kill(pid, SIGUSR1);
        });
        const int signal = co_await received.next();
        EXPECT_EQ(signal, SIGUSR1);
        sender.join();
    };
    run(main(), {.debug = true});
}

TEST_P(signals, a_handler_for_sigint_is_instead_of_keyboard_interrupt) {
    const auto main = []() -> task<int> {
        bool called = false;
        add_signal_handler(SIGINT, [&] { called = true; });
        std::raise(SIGINT);
        co_await turns();
        EXPECT_TRUE(called);
        co_return 3;
    };
    EXPECT_EQ(run(main()), 3);
    EXPECT_TRUE(is_default(SIGINT));
}

TEST_P(signals, ctrl_c_ends_a_program_that_waits_for_io) {
    const auto main = [](bool& cancelled) -> task<> {
        auto [reading, writing] = open_pipe();
        current_loop().call_soon([] {
            std::thread([pid = getpid()] {
                std::this_thread::sleep_for(1ms);
                kill(pid, SIGINT);
            }).detach();
        });
        try {
            co_await reading.read();
        } catch (const cancelled_error&) {
            cancelled = true;
            throw;
        }
    };
    bool cancelled = false;
    const auto before = tests::open_descriptors();
    EXPECT_THROW(run(main(cancelled)), keyboard_interrupt);
    EXPECT_TRUE(cancelled);
    EXPECT_EQ(tests::open_descriptors(), before);
}

TEST_P(signals, a_child_has_the_default_of_what_is_handled_here) {
    const auto main = []() -> task<> {
        add_signal_handler(SIGUSR1, [] {});
        process child = co_await create_subprocess_exec("sleep", "1000");
        child.send_signal(SIGUSR1);
        const int code = co_await child.wait();
        EXPECT_EQ(code, -SIGUSR1);
    };
    run(main());
}

}  // namespace
