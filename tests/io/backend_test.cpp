// What a loop does that waits in a backend, on both.

#include "../net/servers.hpp"

#include <fermata/io/detail/backend.hpp>
#include <fermata/net/server.hpp>

#include <sys/time.h>

#include <csignal>
#include <thread>
#include <vector>

namespace {

using namespace tests;

FERMATA_ON_BOTH_BACKENDS(backend);

TEST_P(backend, has_the_name_that_was_chosen) {
    runs([]() -> task<> {
        EXPECT_EQ(backend_name(), GetParam());
        co_return;
    });
}

TEST(backend_choice, is_one_of_two) {
    setenv("FERMATA_BACKEND", "kqueue", 1);
    run_test([]() -> task<> {
        std::string text;
        try {
            backend_name();
        } catch (const value_error& e) {
            text = e.what();
        }
        EXPECT_EQ(text, "FERMATA_BACKEND is 'kqueue': there are 'io_uring' and 'epoll'");
        co_return;
    }());
    unsetenv("FERMATA_BACKEND");
    EXPECT_THROW(backend_name(), runtime_error);
}

TEST_P(backend, is_woken_by_another_thread) {
    runs_in_real_time([]() -> task<> {
        std::pair<stream, stream> ends = unix_streams(0);
        auto reading = create_task(ends.first.read(1));  // so that there is something to wait for
        for (int i = 0; i < 100; ++i) {
            event woken;
            event_loop& loop = current_loop();
            std::thread other([&] { loop.call_soon_threadsafe([&] { woken.set(); }); });
            co_await woken.wait();
            other.join();
        }
        EXPECT_FALSE(reading.done());
        reading.cancel();
        co_await ends_cancelled(reading);
    });
}

TEST_P(backend, wakes_for_timers_and_bytes) {
    runs_in_real_time([]() -> task<> {
        std::pair<stream, stream> ends = unix_streams(0);
        std::string order;
        auto reading = create_task([](stream& from, std::string& said) -> task<> {
            const std::string got = co_await from.read(1);
            said += got;
        }(ends.first, order));
        co_await sleep(2ms);
        order += "timer ";
        co_await ends.second.write("bytes");
        co_await reading;
        EXPECT_EQ(order, "timer b");
    });
}

// A foreign loop polls the descriptor.
void drive(event_loop& loop, task<> program) {
    const int descriptor = loop.descriptor();
    auto handle = detail::task_access::spawn(loop, std::move(program), {});
    while (!handle.done()) {
        const auto limit = loop.time_to_wait();
        pollfd readable{descriptor, POLLIN, 0};
        const int milliseconds =
            limit ? static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(*limit).count()) : 30'000;
        const int ready = poll(&readable, 1, milliseconds);
        ASSERT_TRUE(ready > 0 || limit) << "nothing came";
        loop.run_ready();
    }
    EXPECT_EQ(loop.descriptor(), descriptor);
}

TEST_P(backend, can_be_driven_from_outside) {
    event_loop loop;
    std::string got;
    drive(loop, [](std::string& all) -> task<> {
        std::pair<stream, stream> ends = unix_streams(0);
        auto writing = create_task([](stream& to) -> task<> {
            for (const std::string_view each : {"one\n", "two\n"}) {
                co_await sleep(1ms);
                co_await to.write(each);
            }
            to.close();
        }(ends.second));
        all = co_await ends.first.read();
        co_await writing;
    }(got));
    EXPECT_EQ(got, "one\ntwo\n");
}

// A peer that answers each byte when the loop is just about to be polled, or is already. A poll that is not woken ends the
// test after half a minute.
TEST_P(backend, wakes_who_polls_it_whenever_bytes_come) {
    event_loop loop;
    int ends[2] = {-1, -1};
    checked(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), "socketpair");
    std::thread answering([there = ends[1]] {
        char byte = 0;
        for (int i = 0; read(there, &byte, 1) == 1; ++i) {
            const auto later = std::chrono::steady_clock::now() + i % 50 * 1us;
            while (std::chrono::steady_clock::now() < later) {
            }
            if (write(there, &byte, 1) != 1) break;
        }
        close(there);
    });
    int answers = 0;
    drive(loop, [](int descriptor, int& counted) -> task<> {
        stream peer = detail::stream_of_socket(current_loop(), descriptor, "a Unix socket");
        char byte = 'x';
        for (int i = 0; i < 2000; ++i) {
            co_await peer.write(std::string_view(&byte, 1));
            counted += static_cast<int>(co_await peer.read(std::span<char>(&byte, 1)));
        }
    }(ends[0], answers));
    if (answers != 2000) shutdown(ends[1], SHUT_RDWR);  // which the thread waits for
    answering.join();
    EXPECT_EQ(answers, 2000);
}

TEST_P(backend, says_so_where_it_is_too_late_to_poll_it) {
    runs([]() -> task<> {
        std::string text;
        backend_name();
        try {
            current_loop().descriptor();
        } catch (const runtime_error& e) {
            text = e.what();
        }
        const bool may = std::string_view(GetParam()) == "epoll" || FERMATA_DETAIL_TSAN != 0;
        EXPECT_EQ(text, may ? "" : "the loop has begun to do I/O on its own: ask for its descriptor before that");
        co_return;
    });
}

TEST_P(backend, lets_others_run_beside_who_always_has_something_to_read) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = unix_streams(0);
        const std::string sent = many_bytes(20'000);
        co_await ends.first.write(sent);
        auto reading = create_task([](stream& from) -> task<> {
            char byte = 0;
            for (int i = 0; i < 20'000; ++i) co_await from.read(std::span<char>(&byte, 1));
        }(ends.second));
        int others = 0;
        while (!reading.done()) {
            ++others;
            co_await sleep(0s);
        }
        EXPECT_GT(others, 200);
    });
}

TEST_P(backend, does_not_mind_signals) {
    struct sigaction nothing{};
    struct sigaction before{};
    nothing.sa_handler = [](int) {};  // without SA_RESTART: the calls end with EINTR
    checked(sigaction(SIGALRM, &nothing, &before), "sigaction");
    const itimerval often{{0, 100}, {0, 100}};
    checked(setitimer(ITIMER_REAL, &often, nullptr), "setitimer");
    runs([]() -> task<> {
        const std::string sent = many_bytes(1'000'000);
        const auto send_it = [&](stream to) -> task<> { co_await to.write(sent); };
        server s = co_await start_server(send_it, "127.0.0.1", 0);
        for (int i = 0; i < 5; ++i) {
            stream c = co_await open_connection(s.addresses().front());
            const std::string got = co_await c.read();
            EXPECT_TRUE(got == sent);
        }
    });
    const itimerval never{};
    setitimer(ITIMER_REAL, &never, nullptr);
    sigaction(SIGALRM, &before, nullptr);
}

TEST_P(backend, keeps_a_loop_from_thinking_that_it_is_deadlocked) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = unix_streams(0);
        auto reading = create_task(ends.first.read(1));
        co_await turns(1);
        const int peer = checked(dup(ends.second.descriptor()), "dup");
        std::thread other([peer] {
            std::this_thread::sleep_for(5ms);
            checked(static_cast<int>(::write(peer, "x", 1)), "write");
        });
        const std::string got = co_await reading;
        EXPECT_EQ(got, "x");
        other.join();
        close(peer);
    });
}

// More than the kernel's queues hold at once.
TEST_P(backend, does_thousands_of_things_at_once) {
    runs([]() -> task<> {
        std::vector<std::pair<stream, stream>> all;
        std::vector<task_handle<std::string>> reading;
        for (int i = 0; i < 400; ++i) all.push_back(unix_streams(0));
        for (auto& each : all) {
            reading.push_back(create_task(each.first.read(1)));
            reading.push_back(create_task(each.second.read(1)));
        }
        co_await turns(2);
        for (auto& each : all) {
            co_await each.first.write("a");
            co_await each.second.write("b");
        }
        std::string got;
        for (auto& each : reading) got += co_await each;
        EXPECT_EQ(std::ranges::count(got, 'a'), 400);
        EXPECT_EQ(std::ranges::count(got, 'b'), 400);
        reading.clear();
        for (auto& each : all) reading.push_back(create_task(each.first.read(1)));
        co_await turns(2);
        for (auto& each : reading) each.cancel();
        for (auto& each : reading) {
            const bool cancelled = co_await ends_cancelled(each);
            EXPECT_TRUE(cancelled);
        }
    });
}

}  // namespace
