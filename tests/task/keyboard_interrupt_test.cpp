// What CPython 3.13's asyncio.run does when SIGINT comes was recorded by running it.

#include <fermata/async.hpp>

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

bool is_default(int signal) {
    struct sigaction now{};
    sigaction(signal, nullptr, &now);
    return now.sa_handler == SIG_DFL;
}

task<> interrupting_itself(std::string& log) {
    std::raise(SIGINT);
    try {
        co_await sleep(1h);
    } catch (const cancelled_error&) {
        log += "cancelled at " + std::to_string(current_loop().time() / 1s);
        throw;
    }
}

TEST(keyboard_interrupt, the_first_sigint_cancels_the_main_task_and_run_raises) {
    std::string log;
    EXPECT_THROW(run(interrupting_itself(log), {.virtual_time = true}), keyboard_interrupt);
    EXPECT_EQ(log, "cancelled at 0");
    EXPECT_TRUE(is_default(SIGINT));
}

TEST(keyboard_interrupt, is_no_std_exception) {
    std::string log;
    bool seen = false;
    try {
        run(interrupting_itself(log), {.virtual_time = true});
    } catch (const std::exception&) {
        FAIL();
    } catch (const keyboard_interrupt& e) {
        seen = true;
        EXPECT_STREQ(e.what(), "KeyboardInterrupt");
    }
    EXPECT_TRUE(seen);
}

TEST(keyboard_interrupt, wakes_a_loop_that_waits) {
    const auto main = []() -> task<> {
        current_loop().call_soon([] {
            std::thread([pid = getpid()] {
                std::this_thread::sleep_for(1ms);
                kill(pid, SIGINT);
            }).detach();
        });
        co_await create_future<>();
    };
    EXPECT_THROW(run(main()), keyboard_interrupt);
}

TEST(keyboard_interrupt, what_main_returns_having_caught_the_cancellation_is_returned) {
    const auto main = []() -> task<int> {
        std::raise(SIGINT);
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
        }
        co_return 7;
    };
    EXPECT_EQ(run(main(), {.virtual_time = true}), 7);
}

TEST(keyboard_interrupt, what_main_raises_instead_is_raised) {
    const auto main = []() -> task<> {
        std::raise(SIGINT);
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            throw value_error("instead");
        }
    };
    EXPECT_THROW(run(main(), {.virtual_time = true}), value_error);
}

TEST(keyboard_interrupt, a_cancellation_of_another_origin_beside_it_stays_one) {
    const auto main = []() -> task<> {
        std::raise(SIGINT);
        task_handle<> other = create_task([](any_task first) -> task<> {
            first.cancel();
            co_return;
        }(current_task()));
        co_await sleep(1h);
    };
    EXPECT_THROW(run(main(), {.virtual_time = true}), cancelled_error);
}

TEST(keyboard_interrupt, one_that_comes_as_main_ends_is_raised) {
    const auto main = []() -> task<int> {
        std::raise(SIGINT);
        co_return 7;
    };
    EXPECT_THROW(run(main(), {.virtual_time = true}), keyboard_interrupt);
}

TEST(keyboard_interrupt, the_second_does_not_wait_for_main) {
    std::string log;
    const auto main = [](std::string& to) -> task<> {
        std::raise(SIGINT);
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            to += "first ";
        }
        std::raise(SIGINT);
        try {
            co_await sleep(1h);
            to += "slept ";
        } catch (const cancelled_error&) {
            to += "closing at " + std::to_string(current_loop().time() / 1s);
            throw;
        }
    };
    EXPECT_THROW(run(main(log), {.virtual_time = true}), keyboard_interrupt);
    EXPECT_EQ(log, "first closing at 0");
    EXPECT_TRUE(is_default(SIGINT));
}

TEST(keyboard_interrupt, the_third_ends_a_program_that_is_stuck) {
    if (FERMATA_DETAIL_TSAN) GTEST_SKIP() << "ThreadSanitizer loses signals in a child without exec";
    const int child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        alarm(30);  // one that is not ended so fails
        const auto stuck = []() -> task<> {
            for (;;) std::raise(SIGINT);
            co_return;
        };
        run(stuck());
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), SIGINT);
}

TEST(keyboard_interrupt, a_runner_goes_on_after_it) {
    std::string log;
    runner r({.virtual_time = true});
    EXPECT_THROW(r.run(interrupting_itself(log)), keyboard_interrupt);
    EXPECT_EQ(r.run([]() -> task<int> { co_return 3; }()), 3);
    EXPECT_THROW(r.run(interrupting_itself(log)), keyboard_interrupt);
}

volatile std::sig_atomic_t own_handler_called = 0;

TEST(keyboard_interrupt, a_handler_of_the_program_stays) {
    const auto before = std::signal(SIGINT, [](int) { own_handler_called = 1; });
    const auto main = []() -> task<int> {
        std::raise(SIGINT);
        co_await sleep(1s);
        co_return 5;
    };
    EXPECT_EQ(run(main(), {.virtual_time = true}), 5);
    EXPECT_EQ(own_handler_called, 1);
    EXPECT_FALSE(is_default(SIGINT));
    std::signal(SIGINT, before);
}

TEST(keyboard_interrupt, a_handler_that_main_sets_stays) {
    const auto main = []() -> task<int> {
        std::signal(SIGINT, [](int) {});
        co_return 5;
    };
    EXPECT_EQ(run(main()), 5);
    EXPECT_FALSE(is_default(SIGINT));
    std::signal(SIGINT, SIG_DFL);
}

TEST(keyboard_interrupt, other_threads_leave_sigint_alone) {
    bool was_default = false;
    std::thread other([&] {
        const auto main = [](bool& to) -> task<> {
            to = is_default(SIGINT);
            co_return;
        };
        run(main(was_default));
    });
    other.join();
    EXPECT_TRUE(was_default);
}

// Raised by the program itself.

task<> raising() {
    throw keyboard_interrupt();
    co_return;
}

task<> notes_its_end(std::string& log, std::string name) {
    try {
        co_await sleep(1h);
    } catch (const cancelled_error&) {
        log += name + " cancelled at " + std::to_string(current_loop().time() / 1s) + ";";
        throw;
    }
}

TEST(keyboard_interrupt, of_the_main_task_is_raised_by_run) {
    testing::internal::CaptureStderr();
    EXPECT_THROW(run(raising()), keyboard_interrupt);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(keyboard_interrupt, may_be_of_a_class_derived_from_it) {
    struct derived : keyboard_interrupt {};
    const auto main = [](auto raise) -> task<> {
        auto failing = create_task(raise());
        co_await sleep(1h);
    };
    const auto raises = []() -> task<> {
        throw derived();
        co_return;
    };
    const auto group_raises = [raises]() -> task<> {
        co_await with(task_group(), [raises](task_group& group) -> task<> {
            group.create_task(raises());
            co_return;
        });
    };
    testing::internal::CaptureStderr();
    EXPECT_THROW(run(main(raises), {.virtual_time = true}), derived);
    EXPECT_THROW(run(group_raises(), {.virtual_time = true}), derived);
    testing::internal::GetCapturedStderr();
}

TEST(keyboard_interrupt, of_another_task_leaves_the_loop_and_run_cancels_the_rest) {
    std::string log;
    const auto main = [](std::string& to) -> task<> {
        auto failing = create_task(raising(), {.name = "raising"});
        auto other = create_task(notes_its_end(to, "other"));
        co_await notes_its_end(to, "main");
    };
    testing::internal::CaptureStderr();
    EXPECT_THROW(run(main(log), {.virtual_time = true}), keyboard_interrupt);
    EXPECT_EQ(log, "main cancelled at 0;");  // the other had not started
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "Task exception was never retrieved <Task name='raising'>: KeyboardInterrupt\n");
}

TEST(keyboard_interrupt, who_awaits_the_task_that_raises_it_is_cancelled) {
    std::string log;
    const auto main = [](std::string& to) -> task<> {
        try {
            co_await create_task(raising());
        } catch (const keyboard_interrupt&) {
            to = "interrupted";
        } catch (const cancelled_error&) {
            to = "cancelled";
            throw;
        }
    };
    EXPECT_THROW(run(main(log)), keyboard_interrupt);
    EXPECT_EQ(log, "cancelled");
}

TEST(keyboard_interrupt, what_was_to_run_after_it_stays_ready) {
    for (const bool debug : {false, true}) {
        std::string log;
        const auto main = [](std::string& to) -> task<> {
            event_loop& loop = current_loop();
            loop.call_soon([&to] { to += "before "; });
            loop.call_soon([&to, &loop] {
                loop.call_soon([&to] { to += "later "; });
                to += "raises ";
                throw keyboard_interrupt();
            });
            loop.call_soon([&to] { to += "after "; });
            co_await sleep(1s);
            to += "main ";
        };
        runner r({.virtual_time = true, .debug = debug});
        EXPECT_THROW(r.run(main(log)), keyboard_interrupt);
        EXPECT_EQ(log, "before raises ");
        EXPECT_FALSE(r.get_loop().is_running());
        r.run([]() -> task<> { co_await sleep(2s); }());
        EXPECT_EQ(log, "before raises after later main ");
    }
}

TEST(keyboard_interrupt, of_a_callback_is_raised_by_run_forever_and_run_ready) {
    event_loop loop;
    int ran = 0;
    const auto schedule = [&] {
        loop.call_soon([] { throw keyboard_interrupt(); });
        loop.call_soon([&] { ++ran; });
        loop.call_soon([&] { loop.stop(); });
    };
    schedule();
    EXPECT_THROW(loop.run_forever(), keyboard_interrupt);
    EXPECT_EQ(ran, 0);
    loop.run_forever();
    EXPECT_EQ(ran, 1);
    schedule();
    EXPECT_THROW(loop.run_ready(), keyboard_interrupt);
    EXPECT_EQ(ran, 1);
    loop.run_ready();
    EXPECT_EQ(ran, 2);
}

TEST(keyboard_interrupt, of_the_exception_handler_leaves_the_loop) {
    event_loop loop;
    loop.set_exception_handler([](event_loop&, const error_context&) { throw keyboard_interrupt(); });
    loop.call_soon([] { throw value_error("reported"); });
    loop.call_soon([&] { loop.stop(); });
    EXPECT_THROW(loop.run_forever(), keyboard_interrupt);
    loop.run_forever();
}

TEST(keyboard_interrupt, that_a_future_is_given_is_only_its_exception) {
    const auto main = []() -> task<int> {
        auto f = create_future<>();
        f.set_exception(keyboard_interrupt());
        co_await sleep(0s);
        EXPECT_THROW(f.result(), keyboard_interrupt);
        co_return 3;
    };
    EXPECT_EQ(run(main()), 3);
}

TEST(keyboard_interrupt, of_an_eager_start_is_raised_where_it_is_started) {
    const auto main = []() -> task<int> {
        EXPECT_THROW(create_task(raising(), {.name = "raising", .eager_start = true}), keyboard_interrupt);
        co_await sleep(0s);
        co_return 3;  // the loop goes on
    };
    testing::internal::CaptureStderr();
    EXPECT_EQ(run(main()), 3);
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "Task exception was never retrieved <Task name='raising'>: KeyboardInterrupt\n");
}

// CPython's run raises it then, and drops the other tasks.
TEST(keyboard_interrupt, of_what_is_cancelled_at_the_end_is_reported) {
    std::string log;
    const auto late = []() -> task<> {
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {
            throw keyboard_interrupt();
        }
    };
    const auto main = [&]() -> task<int> {
        auto first = create_task(late());
        auto second = create_task(notes_its_end(log, "second"));
        co_await sleep(0s);
        co_return 3;
    };
    testing::internal::CaptureStderr();
    EXPECT_EQ(run(main(), {.virtual_time = true}), 3);
    EXPECT_EQ(log, "second cancelled at 0;");
    const std::string reported = testing::internal::GetCapturedStderr();
    EXPECT_NE(reported.find("unhandled exception during fermata::run() shutdown"), std::string::npos) << reported;
    EXPECT_NE(reported.find("KeyboardInterrupt"), std::string::npos) << reported;
}

}  // namespace
