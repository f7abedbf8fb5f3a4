// Ten thousand connections at once, and what one costs that waits.

#include "clients.hpp"

#include <fermata/base/config.hpp>
#include <fermata/net/server.hpp>

#include <malloc.h>
#include <sys/resource.h>

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace tests;

constexpr bool sanitized = FERMATA_DETAIL_ASAN || FERMATA_DETAIL_TSAN;
constexpr std::size_t many = sanitized ? 1'000 : 10'000;
constexpr std::size_t some = sanitized ? 50 : 500;
constexpr std::size_t few = 20;

task<> echo(stream s) {
    for (;;) {
        const std::string part = co_await s.read(1000);
        if (part.empty()) break;
        co_await s.write(part);
    }
}

task<> echo_lines(stream s) {
    for (;;) {
        const std::string line = co_await s.readline();
        if (line.empty()) break;
        co_await s.write(line);
    }
}

std::size_t bytes_of_heap() {
    const struct mallinfo2 now = mallinfo2();
    return now.uordblks + now.hblkhd;
}

task<> until_none_is_left(const server& s) {
    while (s.connections() > 0) co_await sleep(1ms);
}

/// All wait, all are answered, all go. Gives what one that waits costs of the heap.
template <class Handler>
std::size_t heap_of_one_that_waits(Handler handle) {
    std::size_t each = 0;
    clients all;
    run([](clients& them, Handler serve, std::size_t& found) -> task<> {
        server s = co_await start_server(serve, "127.0.0.1", 0);
        co_await them.connect(1, s);
        const std::size_t before = bytes_of_heap();
        co_await them.connect(many - 1, s);
        co_await them.have("send ping");
        co_await them.have("receive ping");
        found = (bytes_of_heap() - before) / (many - 1);
        EXPECT_EQ(s.connections(), many);
        co_await them.have("close");
        co_await until_none_is_left(s);
    }(all, handle, each));
    return each;
}

class load_of_many : public on_each_backend {
public:
    void SetUp() override {
        on_each_backend::SetUp();
        if (IsSkipped()) return;
        ASSERT_GT(raise_limit_of_descriptors(), many + 100) << "the system allows too few descriptors (ulimit -Hn)";
    }

    // What it is made of: docs/decisions/0013. A sanitizer has an allocator of its own, which does not tell.
    static void is_cheap(std::size_t heap) {
        std::printf("%zu connections: one that waits costs %zu bytes of the heap on %s\n", many, heap, GetParam());
        if (sanitized) return;
        EXPECT_GT(heap, 0U);
        EXPECT_LE(heap, 1024U);
    }
};

INSTANTIATE_TEST_SUITE_P(on, load_of_many, ::testing::Values("io_uring", "epoll"), name_of_backend);

TEST_P(load_of_many, serves_all_and_is_cheap_where_they_wait_in_a_read) { is_cheap(heap_of_one_that_waits(echo)); }

TEST_P(load_of_many, serves_all_and_is_cheap_where_they_wait_for_a_line) {
    is_cheap(heap_of_one_that_waits(echo_lines));
}

// Peers that do not behave

FERMATA_ON_BOTH_BACKENDS(load);

// Half of them: the other half of the connection still works.
TEST_P(load, of_peers_that_have_ended_their_half_is_answered) {
    clients all;
    run([](clients& them) -> task<> {
        server s = co_await start_server(
            [](stream c) -> task<> {
                const std::string whole = co_await c.read();
                co_await c.write(whole);
            },
            "127.0.0.1", 0);
        co_await them.connect(some, s);
        co_await them.have("send question");
        EXPECT_EQ(s.connections(), some);
        co_await them.have("end");
        co_await them.have("receive question");
        co_await them.have("await_end");
        co_await until_none_is_left(s);
    }(all));
}

TEST_P(load, of_peers_that_reset_raises_in_each_and_serves_on) {
    clients all;
    run([](clients& them) -> task<> {
        std::size_t resets = 0;
        server s = co_await start_server(
            [&](stream c) -> task<> {
                const std::string text = co_await raised_by(echo(std::move(c)));
                if (text.ends_with(": Connection reset by peer")) ++resets;
            },
            "127.0.0.1", 0);
        for (int round = 0; round < 2; ++round) {
            co_await them.connect(some, s);
            co_await them.have("send ping");
            co_await them.have("receive ping");
            co_await them.have("reset");
            co_await until_none_is_left(s);
        }
        EXPECT_EQ(resets, 2 * some);
    }(all));
}

// The server waits, and keeps nothing for them but what it is writing.
TEST_P(load, of_peers_that_never_read_is_bounded_and_leaves_the_others_alone) {
    clients all;
    clients others;
    run([](clients& lazy, clients& good) -> task<> {
        constexpr std::size_t at_once = 64 * 1024;
        std::size_t cut_off = 0;
        current_loop().set_exception_handler([&](event_loop&, const error_context&) { ++cut_off; });
        server s = co_await start_server(
            [](stream c) -> task<> {
                const std::string line = co_await c.readline();
                const std::string answer(line == "much\n" ? at_once : 0, 'x');
                while (!answer.empty()) co_await c.write(answer);
                co_await c.write(line);
                co_await echo(std::move(c));
            },
            "127.0.0.1", 0);
        co_await lazy.connect(few, s);
        const std::size_t before = bytes_of_heap();
        co_await lazy.have("send much");
        co_await good.connect(some, s);
        for (int round = 0; round < 5; ++round) {
            co_await good.have("send ping");
            co_await good.have("receive ping");
        }
        if (!sanitized) {
            EXPECT_LT(bytes_of_heap() - before, few * (at_once + 4096) + some * 8192);
        }
        EXPECT_EQ(s.connections(), few + some);
        co_await good.have("close");
        EXPECT_EQ(cut_off, 0U);
        co_await lazy.have("reset");
        co_await until_none_is_left(s);
        EXPECT_EQ(cut_off, few);
    }(all, others));
}

// What the server does not read the kernel keeps, and then the peer does.
TEST_P(load, of_peers_that_send_more_than_is_read_is_bounded) {
    clients all;
    run([](clients& them) -> task<> {
        event go;
        std::size_t received = 0;
        server s = co_await start_server(
            [&](stream c) -> task<> {
                co_await c.read_exactly(1);
                co_await go.wait();
                for (;;) {
                    const std::string part = co_await c.read(5000);
                    if (part.empty()) break;
                    received += part.size();
                    co_await sleep(0s);  // slower than what comes
                }
            },
            "127.0.0.1", 0);
        co_await them.connect(few, s);
        co_await them.have("flood 1000000");
        const std::size_t before = bytes_of_heap();
        co_await sleep(1ms);
        go.set();
        co_await turns(20);
        if (!sanitized) {
            EXPECT_LT(bytes_of_heap(), before + few * 16'384);
        }
        co_await them.have("end");
        co_await until_none_is_left(s);
        EXPECT_GT(received, few * 50'000);
    }(all));
}

// Descriptors

double seconds_of_cpu() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

TEST_P(load, without_descriptors_costs_no_time_and_is_served_when_there_are_some) {
    clients all;
    run([](clients& them) -> task<> {
        std::size_t reports = 0;
        current_loop().set_exception_handler([&](event_loop&, const error_context&) { ++reports; });
        server s = co_await start_server(echo, "127.0.0.1", 0);
        // All is done once before: UndefinedBehaviorSanitizer needs descriptors the first time that it looks at a class.
        co_await them.connect(1, s);
        const std::system_error like_it(EMFILE, std::generic_category(), "accept");
        current_loop().call_exception_handler({"", std::make_exception_ptr(like_it), ""});
        reports = 0;
        co_await sleep(1ms);
        {
            const no_descriptors now;
            const std::string port = std::to_string(s.addresses().front().port());
            co_await them.have("connect " + std::to_string(some) + " " + port);
            const double before = seconds_of_cpu();
            co_await sleep(400ms);
            // One that spins takes all of it, or what others leave.
            EXPECT_LT(seconds_of_cpu() - before, 0.1);
            EXPECT_LE(s.connections(), 2U);  // io_uring had begun to accept one
        }
        EXPECT_EQ(reports, 1U);
        while (s.connections() < some + 1) co_await sleep(1ms);
        co_await them.have("send ping");
        co_await them.have("receive ping");
        co_await them.have("close");
        co_await until_none_is_left(s);
    }(all));
}

// Closing

/// Answers a line, and ends.
task<> answer(stream s) {
    const std::string line = co_await s.readline();
    co_await s.write(line);
}

void answers_all_who_got_in(server_options options) {
    clients all;
    run([](clients& them, server_options given) -> task<> {
        server s = co_await start_server(answer, "127.0.0.1", 0, given);
        // Told, and not waited for: the server is closed while they come.
        const std::string port = std::to_string(s.addresses().front().port());
        co_await them.have("connect " + std::to_string(some) + " " + port);
        s.close();
        co_await them.have("send ping");
        co_await them.have("receive ping");
        co_await them.have("await_end");
        co_await s.wait_closed();
        EXPECT_EQ(s.connections(), 0U);
    }(all, options));
}

TEST_P(load, of_a_server_that_is_closed_is_answered) { answers_all_who_got_in({}); }

TEST_P(load, of_a_server_that_is_closed_is_answered_where_few_are_served_at_once) {
    answers_all_who_got_in({.connections = 3});
}

// Who writes to those who have gone

TEST_P(load, of_writes_to_peers_that_have_gone_kills_nobody) {
    clients all;
    run([](clients& them) -> task<> {
        std::size_t raised = 0;
        event gone;
        server s = co_await start_server(
            [&](stream c) -> task<> {
                co_await c.readline();
                co_await gone.wait();
                const std::string part(100'000, 'x');
                const std::string text = co_await raised_by([](stream& to, const std::string& what) -> task<> {
                    for (int i = 0; i < 100; ++i) co_await to.write(what);
                }(c, part));
                if (text.ends_with(": Broken pipe") || text.ends_with(": Connection reset by peer")) ++raised;
            },
            "127.0.0.1", 0);
        co_await them.connect(some, s);
        co_await them.have("send ping");
        co_await them.have("close");
        gone.set();
        co_await until_none_is_left(s);
        EXPECT_EQ(raised, some);
        auto [reads, writes] = open_pipe();
        reads.close();
        const std::string text = co_await raised_by(write_all(writes, "x"));
        EXPECT_EQ(text, "write to a pipe: Broken pipe");
    }(all));
}

}  // namespace
