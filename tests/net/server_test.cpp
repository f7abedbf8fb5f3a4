// Servers, on both backends.

#include "servers.hpp"

#include <fermata/net/server.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

namespace {

using namespace tests;

FERMATA_ON_BOTH_BACKENDS(server_test);

task<> echo(stream s) {
    for (;;) {
        const std::string some = co_await s.read(1000);
        if (some.empty()) break;
        co_await s.write(some);
    }
}

task<stream> connect_to(const server& s) { return open_connection(s.addresses().front()); }

task<std::string> ask(const server& s, std::string question) {
    stream c = co_await connect_to(s);
    co_await c.write(question);
    c.write_eof();
    co_return co_await c.read();
}

TEST_P(server_test, serves_many_at_once_and_is_a_scope) {
    runs([]() -> task<> {
        server s = co_await start_server(echo, "127.0.0.1", 0);
        co_await with(s, [](server& running) -> task<> {
            EXPECT_TRUE(running.is_serving());
            std::vector<task_handle<std::string>> asked;
            for (int i = 0; i < 50; ++i) asked.push_back(create_task(ask(running, "question " + std::to_string(i))));
            for (int i = 0; i < 50; ++i) {
                const std::string answer = co_await asked[static_cast<std::size_t>(i)];
                EXPECT_EQ(answer, "question " + std::to_string(i));
            }
        });
        EXPECT_FALSE(s.is_serving());
        EXPECT_EQ(s.connections(), 0U);
    });
}

TEST_P(server_test, has_a_port_that_is_free_and_names_its_peers) {
    runs([]() -> task<> {
        std::string peer;
        const auto note = [&](stream s) -> task<> {
            peer = s.name();
            EXPECT_EQ(peer_address(s).text(), peer);
            co_await s.write("x");
        };
        server s = co_await start_server(note, "127.0.0.1", 0);
        CO_ASSERT_EQ(s.addresses().size(), 1U);
        EXPECT_EQ(s.addresses().front().host(), "127.0.0.1");
        EXPECT_NE(s.addresses().front().port(), 0);
        stream c = co_await connect_to(s);
        const std::string answer = co_await c.read();
        EXPECT_EQ(answer, "x");
        EXPECT_EQ(local_address(c).text(), peer);
        EXPECT_EQ(c.name(), s.addresses().front().text());
    });
}

TEST_P(server_test, listens_on_ipv6) {
    runs([]() -> task<> {
        server s = co_await start_server(echo, "::1", 0);
        EXPECT_EQ(s.addresses().front().text(), "[::1]:" + std::to_string(s.addresses().front().port()));
        const std::string answer = co_await ask(s, "six");
        EXPECT_EQ(answer, "six");
    });
}

TEST_P(server_test, listens_on_all_addresses_of_this_machine) {
    runs([]() -> task<> {
        server s = co_await start_server(echo, "", 0);
        CO_ASSERT_EQ(s.addresses().size(), 2U);
        for (const char* host : {"127.0.0.1", "::1"}) {
            const std::size_t index = host[0] == ':' ? 1 : 0;
            stream c = co_await open_connection(address::of(host, s.addresses()[index].port()));
            co_await c.write("x");
            const std::string answer = co_await c.read(1);
            EXPECT_EQ(answer, "x");
        }
    });
}

TEST_P(server_test, cannot_listen_where_somebody_does) {
    runs([]() -> task<> {
        const server s = co_await start_server(echo, "127.0.0.1", 0);
        const std::uint16_t port = s.addresses().front().port();
        const std::string text = co_await raised_by(start_server(echo, "127.0.0.1", port));
        EXPECT_EQ(text, "listen on 127.0.0.1:" + std::to_string(port) + ": Address already in use");
    });
}

TEST_P(server_test, that_cannot_listen_leaves_no_descriptor) {
    runs([]() -> task<> {
        const server s = co_await start_server(echo, "127.0.0.1", 0);
        const std::uint16_t port = s.addresses().front().port();
        const int before = next_descriptor();
        co_await raised_by(start_server(echo, "127.0.0.1", port));
        EXPECT_EQ(next_descriptor(), before);
    });
}

// Ending

TEST_P(server_test, serve_forever_ends_when_it_is_cancelled_and_closes_it) {
    runs([]() -> task<> {
        server s = co_await start_server(echo, "127.0.0.1", 0);
        auto serving = create_task(s.serve_forever());
        const std::string answer = co_await ask(s, "before");
        EXPECT_EQ(answer, "before");
        serving.cancel();
        const bool cancelled = co_await ends_cancelled(serving);
        EXPECT_TRUE(cancelled);
        EXPECT_FALSE(s.is_serving());
        co_await s.wait_closed();
        const std::string refused = co_await raised_by(connect_to(s));
        EXPECT_EQ(refused, "connect to " + s.addresses().front().text() + ": Connection refused");
    });
}

TEST_P(server_test, that_is_closed_serves_those_who_got_in) {
    runs([]() -> task<> {
        server s = co_await start_server(echo, "127.0.0.1", 0);
        // The kernel accepts them; the server's task has not had a turn.
        std::vector<raw_connection> in;
        for (int i = 0; i < 10; ++i) in.emplace_back(s.addresses().front());
        s.close();
        s.close();
        for (raw_connection& each : in) each.send("x");
        auto closed = create_task(s.wait_closed());
        for (raw_connection& each : in) {
            stream c = each.to_stream();
            const std::string answer = co_await c.read(1);
            EXPECT_EQ(answer, "x");
            EXPECT_FALSE(closed.done());
        }
        co_await closed;
        EXPECT_EQ(s.connections(), 0U);
    });
}

TEST_P(server_test, that_is_closed_serves_those_who_got_in_one_after_the_other_where_it_has_a_limit) {
    runs([]() -> task<> {
        std::size_t most = 0;
        server* running = nullptr;
        const auto count = [&](stream s) -> task<> {
            most = std::max(most, running->connections());
            co_await echo(std::move(s));
        };
        server s = co_await start_server(count, "127.0.0.1", 0, {.connections = 2});
        running = &s;
        std::vector<raw_connection> in;
        for (int i = 0; i < 6; ++i) in.emplace_back(s.addresses().front());
        s.close();
        for (raw_connection& each : in) each.send("x");
        for (raw_connection& each : in) {
            stream c = each.to_stream();
            const std::string answer = co_await c.read(1);
            EXPECT_EQ(answer, "x");
        }
        co_await s.wait_closed();
        EXPECT_EQ(most, 2U);
    });
}

TEST_P(server_test, scope_that_is_left_by_an_exception_cancels_those_who_serve) {
    runs([]() -> task<> {
        int cancelled = 0;
        const auto stay = [&](stream s) -> task<> {
            try {
                co_await s.read(1);
            } catch (const cancelled_error&) {
                ++cancelled;
                throw;
            }
        };
        server s = co_await start_server(stay, "127.0.0.1", 0);
        std::vector<raw_connection> in;
        const auto body = [&](server& running) -> task<> {
            for (int i = 0; i < 3; ++i) in.emplace_back(running.addresses().front());
            while (running.connections() < 3) co_await sleep(0s);
            co_await turns(3);
            // This one is accepted by the kernel only.
            in.emplace_back(running.addresses().front());
            throw value_error("enough");
        };
        const std::string text = co_await raised_by(with(s, body));
        EXPECT_EQ(text, "enough");
        EXPECT_EQ(cancelled, 3);
        EXPECT_EQ(s.connections(), 0U);
    });
}

TEST_P(server_test, scope_that_is_left_waits_for_those_who_are_served) {
    runs([]() -> task<> {
        std::string said;
        const auto listen = [&](stream s) -> task<> { said = co_await s.read(); };
        server s = co_await start_server(listen, "127.0.0.1", 0);
        auto talking = create_task([](const server& to) -> task<> {
            stream c = co_await connect_to(to);
            co_await c.write("one ");
            co_await turns(20);
            co_await c.write("two");
        }(s));
        co_await with(s, [](server& running) -> task<> {
            while (running.connections() == 0) co_await sleep(0s);
        });
        EXPECT_EQ(said, "one two");
        co_await talking;
    });
}

TEST_P(server_test, that_is_dropped_lets_those_who_are_served_go_on) {
    runs([]() -> task<> {
        stream c;
        {
            const server s = co_await start_server(echo, "127.0.0.1", 0);
            c = co_await connect_to(s);
            while (s.connections() == 0) co_await sleep(0s);
        }
        co_await c.write("still there");
        const std::string answer = co_await c.read_exactly(11);
        EXPECT_EQ(answer, "still there");
    });
}

TEST_P(server_test, that_is_dropped_may_still_be_waited_for) {
    runs([]() -> task<> {
        task_handle<> serving;
        task_handle<> closing;
        {
            server s = co_await start_server(echo, "127.0.0.1", 0);
            serving = create_task(s.serve_forever());
            closing = create_task(s.wait_closed());
            co_await sleep(0s);
        }
        co_await closing;
        serving.cancel();
        const bool cancelled = co_await ends_cancelled(serving);
        EXPECT_TRUE(cancelled);
    });
}

TEST_P(server_test, that_is_closed_leaves_its_address_at_once) {
    runs([]() -> task<> {
        const auto ignore = [](stream client) -> task<> { co_await client.read(1); };
        for (const std::size_t connections : {0U, 1U}) {
            server first = co_await start_server(ignore, "127.0.0.1", 0, {.connections = connections});
            const address at = first.addresses().front();
            co_await turns(3);
            const raw_connection one(at);
            first.close();
            server second = co_await start_server(ignore, "127.0.0.1", at.port(), {.connections = connections});
            EXPECT_EQ(second.addresses().front(), at);
            second.close();
            first.cancel_clients();
            co_await first.wait_closed();
            co_await second.wait_closed();
        }
    });
}

TEST_P(server_test, clients_that_are_cancelled_before_they_are_served_are_closed) {
    runs([]() -> task<> {
        int begun = 0;
        const auto handle = [&](stream) -> task<> {
            ++begun;
            co_return;
        };
        server s = co_await start_server(handle, "127.0.0.1", 0);
        raw_connection in(s.addresses().front());
        while (s.connections() == 0) {
            s.cancel_clients();
            co_await sleep(0s);
        }
        s.cancel_clients();
        stream c = in.to_stream();
        const std::string got = co_await c.read();
        EXPECT_EQ(got, "");
        EXPECT_EQ(begun, 0);
        s.close();
        co_await s.wait_closed();
        EXPECT_EQ(s.connections(), 0U);
    });
}

// Limits

TEST_P(server_test, serves_no_more_than_its_limit_at_once) {
    runs([]() -> task<> {
        std::size_t now = 0;
        std::size_t most = 0;
        event full;
        const auto count = [&](stream s) -> task<> {
            most = std::max(most, ++now);
            if (now == 3) full.set();
            co_await full.wait();
            co_await turns(10);  // for one too many
            co_await echo(std::move(s));
            --now;
        };
        server s = co_await start_server(count, "127.0.0.1", 0, {.connections = 3});
        std::vector<task_handle<std::string>> asked;
        for (int i = 0; i < 20; ++i) asked.push_back(create_task(ask(s, std::to_string(i))));
        for (int i = 0; i < 20; ++i) {
            const std::string answer = co_await asked[static_cast<std::size_t>(i)];
            EXPECT_EQ(answer, std::to_string(i));
        }
        EXPECT_EQ(most, 3U);
    });
}

TEST_P(server_test, shares_its_limit_among_its_addresses) {
    runs([]() -> task<> {
        server s = co_await start_server(echo, "", 0, {.connections = 1});
        CO_ASSERT_EQ(s.addresses().size(), 2U);
        for (int i = 0; i < 4; ++i) {
            const bool six = i % 2 == 0;
            stream c =
                co_await open_connection(address::of(six ? "::1" : "127.0.0.1", s.addresses()[six ? 1 : 0].port()));
            co_await c.write("x");
            const std::string answer = co_await c.read(1);
            EXPECT_EQ(answer, "x");
        }
    });
}

// Errors

TEST_P(server_test, reports_what_a_handler_raises_and_serves_on) {
    runs([]() -> task<> {
        std::vector<std::string> reported;
        current_loop().set_exception_handler([&](event_loop&, const error_context& context) {
            try {
                std::rethrow_exception(context.exception);
            } catch (const std::exception& e) {
                reported.push_back(context.message + ": " + e.what());
            }
        });
        const auto fail = [](stream s) -> task<> {
            const std::string line = co_await s.readline();
            if (line == "fail\n") throw value_error("no");
            co_await s.write(line);
        };
        server s = co_await start_server(fail, "127.0.0.1", 0);
        const std::string nothing = co_await ask(s, "fail\n");
        EXPECT_EQ(nothing, "");
        const std::string answer = co_await ask(s, "good\n");
        EXPECT_EQ(answer, "good\n");
        EXPECT_EQ(reported, std::vector<std::string>{"Unhandled exception in client_connected_cb: no"});
    });
}

TEST_P(server_test, without_descriptors_waits_says_so_once_and_serves_when_there_are_some) {
    runs_in_real_time([]() -> task<> {
        std::vector<std::string> reported;
        current_loop().set_exception_handler(
            [&](event_loop&, const error_context& context) { reported.push_back(context.message); });
        server s = co_await start_server(echo, "127.0.0.1", 0);
        // All that is done without descriptors is done with them first: UndefinedBehaviorSanitizer needs some, the first
        // time that it looks at an object of a class.
        const std::string before = co_await ask(s, "before");
        EXPECT_EQ(before, "before");
        const std::system_error like_it(EMFILE, std::generic_category(), "accept");
        current_loop().call_exception_handler({"", std::make_exception_ptr(like_it), ""});
        co_await sleep(1ms);
        reported.clear();
        while (s.connections() > 0) co_await sleep(1ms);
        // Two: io_uring accepts the first under the limit that there was when it was asked to.
        raw_connection first(s.addresses().front());
        raw_connection second(s.addresses().front());
        second.send("x");
        std::size_t served = 2;
        {
            const no_descriptors now;
            // It has a turn to accept, and to fail; how long it waits then is not asked.
            while (reported.empty()) co_await sleep(1ms);
            served = s.connections();
        }
        EXPECT_LT(served, 2U);
        stream c = second.to_stream();
        const std::string answer = co_await c.read(1);
        EXPECT_EQ(answer, "x");
        EXPECT_EQ(reported, std::vector<std::string>{"socket.accept() out of system resource"});
    });
}

TEST_P(server_test, that_nobody_closed_goes_with_its_loop) {
    std::vector<raw_connection> in;
    {
        event_loop loop;
        const auto program = [&]() -> task<> {
            const server s = co_await start_server(echo, "127.0.0.1", 0);
            for (int i = 0; i < 3; ++i) in.emplace_back(s.addresses().front());
            while (s.connections() < 2) co_await sleep(0s);
            loop.stop();
            co_await create_future<>();
        };
        static_cast<void>(detail::task_access::spawn(loop, program(), {}));
        loop.run_forever();
    }
    for (raw_connection& each : in) EXPECT_TRUE(each.is_at_end());
}

TEST_P(server_test, may_outlive_its_loop) {
    std::vector<server> kept;
    runs([&]() -> task<> {
        server s = co_await start_server(echo, "127.0.0.1", 0);
        kept.push_back(std::move(s));
    });
    kept.front().close();
    EXPECT_FALSE(kept.front().is_serving());
}

// Unix

FERMATA_ON_BOTH_BACKENDS(unix_server);

std::string socket_path(const char* name) {
    return (std::filesystem::temp_directory_path() / ("fermata_" + std::to_string(getpid()) + "_" + name)).string();
}

bool exists(const std::string& path) {
    struct stat found{};
    return stat(path.c_str(), &found) == 0;
}

TEST_P(unix_server, serves_and_removes_its_socket) {
    runs([]() -> task<> {
        const std::string path = socket_path("serves");
        server s = co_await start_unix_server(echo, path);
        EXPECT_EQ(s.addresses().front().text(), path);
        EXPECT_TRUE(exists(path));
        stream c = co_await open_unix_connection(path);
        EXPECT_EQ(c.name(), path);
        co_await c.write("x");
        const std::string answer = co_await c.read(1);
        EXPECT_EQ(answer, "x");
        s.close();
        EXPECT_FALSE(exists(path));
    });
}

TEST_P(unix_server, replaces_a_socket_that_nobody_listens_on_and_no_other) {
    runs([]() -> task<> {
        const std::string path = socket_path("stale");
        const address on = address::of_unix(path);
        const int stale = checked(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
        checked(bind(stale, on.data(), on.size()), "bind");
        close(stale);
        EXPECT_TRUE(exists(path));
        const server s = co_await start_unix_server(echo, path);
        const std::string text = co_await raised_by(start_unix_server(echo, path));
        EXPECT_EQ(text, "listen on " + path + ": Address already in use");
        stream c = co_await open_unix_connection(path);
        co_await c.write("x");
        const std::string answer = co_await c.read(1);
        EXPECT_EQ(answer, "x");
    });
}

TEST_P(unix_server, leaves_what_is_no_socket) {
    runs([]() -> task<> {
        const std::string path = socket_path("file");
        const int file = checked(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600), "open");
        close(file);
        const std::string text = co_await raised_by(start_unix_server(echo, path));
        EXPECT_EQ(text, "listen on " + path + ": Address already in use");
        EXPECT_TRUE(exists(path));
        unlink(path.c_str());
    });
}

TEST_P(unix_server, does_not_remove_the_socket_of_another) {
    runs([]() -> task<> {
        const std::string path = socket_path("another");
        server first = co_await start_unix_server(echo, path);
        unlink(path.c_str());
        server second = co_await start_unix_server(echo, path);
        first.close();
        EXPECT_TRUE(exists(path));
        second.close();
        EXPECT_FALSE(exists(path));
    });
}

// Linux lets one more in than a Unix socket's backlog says; and the server may have been accepting one meanwhile.
TEST_P(unix_server, lets_as_many_wait_as_its_backlog_says) {
    runs([]() -> task<> {
        const std::string path = socket_path("backlog");
        const address on = address::of_unix(path);
        const server s = co_await start_unix_server(echo, path, {.backlog = 5});
        std::vector<int> waiting;
        for (bool let_in = true; let_in && waiting.size() < 100;) {
            waiting.push_back(checked(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket"));
            let_in = connect(waiting.back(), on.data(), on.size()) == 0;
        }
        for (const int each : waiting) close(each);
        EXPECT_GE(waiting.size() - 1, 6U);
        EXPECT_LE(waiting.size() - 1, 7U);
    });
}

TEST_P(unix_server, listens_on_a_name_without_a_file) {
    runs([]() -> task<> {
        const std::string name = std::string(1, '\0') + "fermata_" + std::to_string(getpid());
        const server s = co_await start_unix_server(echo, name);
        EXPECT_EQ(s.addresses().front().text(), "@" + name.substr(1));
        stream c = co_await open_unix_connection(name);
        co_await c.write("x");
        const std::string answer = co_await c.read(1);
        EXPECT_EQ(answer, "x");
    });
}

TEST_P(server_test, one_that_was_moved_from_serves_nobody) {
    runs([]() -> task<> {
        server s = co_await start_server(echo, "127.0.0.1", 0);
        server moved = std::move(s);
        // NOLINTBEGIN(bugprone-use-after-move)
        EXPECT_FALSE(s.is_serving());
        EXPECT_EQ(s.connections(), 0U);
        s.cancel_clients();
        s.close();
        EXPECT_THROW(s.addresses(), runtime_error);
        EXPECT_THROW(static_cast<void>(s.serve_forever()), runtime_error);
        EXPECT_THROW(static_cast<void>(s.wait_closed()), runtime_error);
        EXPECT_THROW(static_cast<void>(s.aexit(nullptr)), runtime_error);
        // NOLINTEND(bugprone-use-after-move)
        const std::string answer = co_await ask(moved, "x");
        EXPECT_EQ(answer, "x");
    });
}

// Cancellation

TEST_P(server_test, can_be_cancelled_at_every_await) {
    const auto program = []() -> task<> {
        server s = co_await start_server(echo, "127.0.0.1", 0);
        co_await with(s, [](server& running) -> task<> {
            const std::string answer = co_await ask(running, "x");
            EXPECT_EQ(answer, "x");
        });
    };
    EXPECT_GT(cancel_at_every_await(program, [] {}), 6U);
}

}  // namespace
