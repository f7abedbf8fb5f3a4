#include "servers.hpp"

#include <fermata/net/udp.hpp>
#include <fermata/task/cancellation.hpp>
#include <fermata/task/gather.hpp>
#include <fermata/task/run.hpp>
#include <fermata/task/wait_for.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

class udp : public tests::on_each_backend {
protected:
    static void run_it(task<> test) { run(std::move(test)); }
};

task<> ping_pong(const char* host) {
    datagram_socket one({.local = address::of(host, 0)});
    datagram_socket other({.local = address::of(host, 0)});
    for (const std::string& text : {std::string("hello"), std::string(), std::string(9000, 'x')}) {
        co_await one.send(text, other.local_address());
        const datagram came = co_await other.receive();
        EXPECT_EQ(came.bytes, text);
        EXPECT_EQ(came.from, one.local_address());
        co_await other.send("back", came.from);
        const datagram back = co_await one.receive();
        EXPECT_EQ(back.bytes, "back");
        EXPECT_EQ(back.from.text(), other.local_address().text());
    }
}

TEST_P(udp, carries_datagrams_of_any_size_with_their_sender) { run_it(ping_pong("127.0.0.1")); }

TEST_P(udp, speaks_ipv6) { run_it(ping_pong("::1")); }

TEST_P(udp, waits_for_what_has_not_come_and_can_be_cancelled) {
    const auto test = []() -> task<> {
        datagram_socket here({.local = address::of("127.0.0.1", 0)});
        bool over = false;
        try {
            co_await wait_for(here.receive(), 20ms);
        } catch (const timeout_error&) {
            over = true;
        }
        EXPECT_TRUE(over);
        datagram_socket other({.remote = here.local_address()});
        co_await other.send("late");
        const datagram came = co_await here.receive();
        EXPECT_EQ(came.bytes, "late");
    };
    run_it(test());
}

TEST_P(udp, is_told_that_nobody_is_there) {
    const auto test = []() -> task<> {
        address gone;
        {
            datagram_socket here({.local = address::of("127.0.0.1", 0)});
            gone = here.local_address();
        }
        datagram_socket s({.remote = gone});
        co_await s.send("anybody?");
        try {
            co_await s.receive();
            ADD_FAILURE();
        } catch (const std::system_error& e) {
            EXPECT_EQ(e.code().value(), ECONNREFUSED);
            EXPECT_EQ(std::string(e.what()), "receive from " + gone.text() + ": Connection refused");
        }
    };
    run_it(test());
}

TEST_P(udp, cuts_what_does_not_fit_into_the_buffer) {
    const auto test = []() -> task<> {
        datagram_socket here({.local = address::of("127.0.0.1", 0)});
        datagram_socket other({.remote = here.local_address()});
        co_await other.send("hello");
        co_await other.send("again");
        char buffer[3];
        address from;
        const std::size_t size = co_await here.receive(buffer, &from);
        EXPECT_EQ(std::string(buffer, size), "hel");
        EXPECT_EQ(from, other.local_address());
        const datagram next = co_await here.receive();
        EXPECT_EQ(next.bytes, "again");
    };
    run_it(test());
}

TEST_P(udp, needs_an_address_and_names_the_one_that_it_cannot_have) {
    const auto test = []() -> task<> {
        EXPECT_THROW(datagram_socket({}), value_error);
        datagram_socket first({.local = address::of("127.0.0.1", 0)});
        try {
            const datagram_socket second({.local = first.local_address()});
            ADD_FAILURE();
        } catch (const std::system_error& e) {
            EXPECT_EQ(std::string(e.what()), "bind to " + first.local_address().text() + ": Address already in use");
        }
        try {
            const datagram_socket to_all({.remote = address::of("255.255.255.255", 9)});
            ADD_FAILURE();
        } catch (const std::system_error& e) {  // that is only for those who ask to broadcast, and have a network
            EXPECT_TRUE(e.code() == std::errc::permission_denied || e.code() == std::errc::network_unreachable);
            EXPECT_TRUE(std::string_view(e.what()).starts_with("connect to 255.255.255.255:9: ")) << e.what();
        }
        co_return;
    };
    run_it(test());
}

task<std::string> error_of_receiving(datagram_socket& from) {
    try {
        co_await from.receive();
    } catch (const std::system_error& e) {
        co_return std::string(e.what());
    }
    co_return std::string("nothing");
}

TEST_P(udp, tells_who_waits_that_it_is_closed_or_dropped) {
    const auto test = []() -> task<> {
        std::optional<datagram_socket> closed(datagram_options{.local = address::of("127.0.0.1", 0)});
        std::optional<datagram_socket> dropped(datagram_options{.local = address::of("127.0.0.1", 0)});
        auto first = create_task(error_of_receiving(*closed));
        auto second = create_task(error_of_receiving(*dropped));
        co_await sleep(1ms);
        closed->close();
        dropped.reset();
        for (task_handle<std::string>* each : {&first, &second}) {
            const std::string text = co_await wait_for(*each, 5s);
            EXPECT_TRUE(text.starts_with("receive from 127.0.0.1:")) << text;
            EXPECT_TRUE(text.ends_with(": Operation canceled")) << text;
        }
        const std::string later = co_await error_of_receiving(*closed);
        EXPECT_TRUE(later.ends_with(": Bad file descriptor")) << later;
    };
    run_it(test());
}

TEST_P(udp, one_that_was_moved_from_raises) {
    const auto test = []() -> task<> {
        datagram_socket s({.local = address::of("127.0.0.1", 0)});
        const datagram_socket moved = std::move(s);
        // NOLINTBEGIN(bugprone-use-after-move)
        EXPECT_THROW(s.local_address(), runtime_error);
        EXPECT_THROW(static_cast<void>(s.receive()), runtime_error);
        EXPECT_THROW(static_cast<void>(s.receive(std::span<char>())), runtime_error);
        EXPECT_THROW(static_cast<void>(s.send("x")), runtime_error);
        EXPECT_THROW(static_cast<void>(s.send("x", address::of("127.0.0.1", 9))), runtime_error);
        s.close();
        // NOLINTEND(bugprone-use-after-move)
        co_return;
    };
    run_it(test());
}

INSTANTIATE_TEST_SUITE_P(on, udp, testing::Values("io_uring", "epoll"), tests::name_of_backend);

}  // namespace
