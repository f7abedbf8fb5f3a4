// Connecting, on both backends.

#include "servers.hpp"

#include <fermata/net/server.hpp>
#include <fermata/net/tcp.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstring>
#include <vector>

namespace {

using namespace tests;

FERMATA_ON_BOTH_BACKENDS(tcp);

/// A socket that listens, and that nobody accepts from.
class raw_listener {
public:
    explicit raw_listener(const char* host, int backlog = 16, std::uint16_t port = 0)
        : descriptor_(checked(socket(address::of(host, 0).family(), SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")) {
        const address where = address::of(host, port);
        const int yes = 1;
        setsockopt(descriptor_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        checked(bind(descriptor_, where.data(), where.size()), "bind");
        checked(listen(descriptor_, backlog), "listen");
    }
    raw_listener(const raw_listener&) = delete;
    raw_listener& operator=(const raw_listener&) = delete;
    ~raw_listener() { close(descriptor_); }

    address where() const { return detail::local_address_of(descriptor_); }
    int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

/// Where connections are not answered: the backlog is full, and Linux drops what comes then.
class black_hole {
public:
    explicit black_hole(const char* host) : listener_(host, 0) {
        // One more than the backlog is accepted.
        full_ = checked(socket(listener_.where().family(), SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
        const address to = listener_.where();
        checked(connect(full_, to.data(), to.size()), "connect");
    }
    black_hole(const black_hole&) = delete;
    black_hole& operator=(const black_hole&) = delete;
    ~black_hole() { close(full_); }

    address where() const { return listener_.where(); }

private:
    raw_listener listener_;
    int full_;
};

address where_nobody_listens(const char* host) { return raw_listener(host).where(); }

int option(const stream& s, int level, int which) {
    int value = -1;
    socklen_t size = sizeof value;
    checked(getsockopt(s.descriptor(), level, which, &value, &size), "getsockopt");
    return value;
}

TEST_P(tcp, connects_by_name_and_by_number) {
    runs([]() -> task<> {
        const raw_listener there("127.0.0.1");
        for (const char* host : {"127.0.0.1", "localhost"}) {
            stream s = co_await open_connection(host, there.where().port(), {.family = AF_INET});
            EXPECT_EQ(s.name(), there.where().text());
            EXPECT_EQ(peer_address(s), there.where());
        }
    });
}

TEST_P(tcp, sets_options_of_a_connection) {
    runs([]() -> task<> {
        const raw_listener there("127.0.0.1");
        stream usual = co_await open_connection(there.where());
        EXPECT_NE(option(usual, IPPROTO_TCP, TCP_NODELAY), 0);
        EXPECT_EQ(option(usual, SOL_SOCKET, SO_KEEPALIVE), 0);
        stream other = co_await open_connection(there.where(), {.no_delay = false, .keep_alive = true});
        EXPECT_EQ(option(other, IPPROTO_TCP, TCP_NODELAY), 0);
        EXPECT_NE(option(other, SOL_SOCKET, SO_KEEPALIVE), 0);
        set_no_delay(other, true);
        set_keep_alive(other, false);
        EXPECT_NE(option(other, IPPROTO_TCP, TCP_NODELAY), 0);
        EXPECT_EQ(option(other, SOL_SOCKET, SO_KEEPALIVE), 0);
        other.close();
        EXPECT_THROW(set_no_delay(other, true), std::system_error);
    });
}

TEST_P(tcp, connects_from_an_address) {
    runs([]() -> task<> {
        const raw_listener there("127.0.0.1");
        connect_options options;
        options.from = address::of("127.0.0.5", 0);
        stream s = co_await open_connection(there.where(), options);
        EXPECT_EQ(local_address(s).host(), "127.0.0.5");
        options.from = there.where();
        const std::string text = co_await raised_by(open_connection(there.where(), options));
        EXPECT_EQ(text, "bind to " + there.where().text() + ": Address already in use");
    });
}

TEST_P(tcp, that_is_refused_says_by_whom) {
    runs([]() -> task<> {
        const address nobody = where_nobody_listens("127.0.0.1");
        const std::string text = co_await raised_by(open_connection(nobody));
        EXPECT_EQ(text, "connect to " + nobody.text() + ": Connection refused");
        std::error_code code;
        try {
            co_await open_connection("127.0.0.1", nobody.port());
        } catch (const std::system_error& e) {
            code = e.code();
        }
        EXPECT_EQ(code, std::errc::connection_refused);
    });
}

TEST_P(tcp, that_fails_leaves_no_descriptor) {
    runs([]() -> task<> {
        backend_name();  // has the loop open its own
        const address nobody = where_nobody_listens("127.0.0.1");
        const int before = next_descriptor();
        co_await raised_by(open_connection(nobody));
        EXPECT_EQ(next_descriptor(), before);
    });
}

TEST_P(tcp, to_a_name_that_is_none_says_so) {
    runs([]() -> task<> {
        const std::string text = co_await raised_by(open_connection("no such host", 80));
        EXPECT_TRUE(text.starts_with("no such host: ")) << text;
    });
}

// RFC 8305

TEST_P(tcp, takes_the_address_that_answers) {
    runs([]() -> task<> {
        const address nobody = where_nobody_listens("::1");
        const raw_listener there("127.0.0.1");
        std::vector<address> both;
        both.push_back(nobody);
        both.push_back(there.where());
        stream s = co_await detail::open_first(both, {});
        EXPECT_EQ(s.name(), there.where().text());
    });
}

TEST_P(tcp, does_not_wait_for_an_address_that_does_not_answer) {
    runs_in_real_time([]() -> task<> {
        const black_hole first("127.0.0.1");
        const raw_listener second("127.0.0.1");
        std::vector<address> both;
        both.push_back(first.where());
        both.push_back(second.where());
        stream s = co_await detail::open_first(both, {.happy_eyeballs_delay = 5ms});
        EXPECT_EQ(s.name(), second.where().text());
        EXPECT_EQ(all_tasks().size(), 1U);  // the attempt that did not win has ended
    });
}

TEST_P(tcp, one_after_the_other_where_no_delay_is_wanted) {
    runs([]() -> task<> {
        const address nobody = where_nobody_listens("127.0.0.1");
        const raw_listener second("127.0.0.1");
        std::vector<address> both;
        both.push_back(nobody);
        both.push_back(second.where());
        stream s = co_await detail::open_first(both, {.happy_eyeballs_delay = 0ns});
        EXPECT_EQ(s.name(), second.where().text());
    });
}

TEST_P(tcp, that_all_refuse_says_what_each_did) {
    runs([]() -> task<> {
        std::vector<address> nobody;
        nobody.push_back(where_nobody_listens("127.0.0.1"));
        nobody.push_back(where_nobody_listens("::1"));
        std::string text;
        std::error_code code;
        try {
            co_await detail::open_first(nobody, {});
        } catch (const std::system_error& e) {
            text = e.what();
            code = e.code();
        }
        EXPECT_EQ(code, std::errc::connection_refused);
        EXPECT_TRUE(text.starts_with("Multiple exceptions: connect to " + nobody[0].text() +
                                     ": Connection refused, connect to " + nobody[1].text() + ": Connection refused"))
            << text;
    });
}

TEST_P(tcp, tries_the_families_in_turn) {
    runs([]() -> task<> {
        std::vector<address> nobody;
        for (const char* host : {"127.0.0.1", "127.0.0.2", "::1"}) nobody.push_back(where_nobody_listens(host));
        const std::string text = co_await raised_by(detail::open_first(nobody, {}));
        EXPECT_LT(text.find(nobody[0].text()), text.find(nobody[2].text()));
        EXPECT_LT(text.find(nobody[2].text()), text.find(nobody[1].text()));
        EXPECT_NE(text.find(nobody[1].text()), std::string::npos);
    });
}

// Cancellation

TEST_P(tcp, that_nobody_answers_can_be_cancelled) {
    for (int when = 0; when < 4; ++when) {
        runs([when]() -> task<> {
            const black_hole nobody("127.0.0.1");
            auto connecting = create_task(open_connection(nobody.where()));
            co_await turns(when);
            connecting.cancel();
            connecting.cancel();
            const bool cancelled = co_await ends_cancelled(connecting);
            EXPECT_TRUE(cancelled);
        });
    }
}

TEST_P(tcp, race_that_is_cancelled_leaves_no_attempt) {
    runs_in_real_time([]() -> task<> {
        const black_hole first("127.0.0.1");
        const black_hole second("127.0.0.1");
        std::vector<address> both;
        both.push_back(first.where());
        both.push_back(second.where());
        auto connecting = create_task(detail::open_first(both, {.happy_eyeballs_delay = 1ms}));
        while (all_tasks().size() < 4) co_await sleep(1ms);  // this one, the race, and both attempts
        connecting.cancel();
        const bool cancelled = co_await ends_cancelled(connecting);
        EXPECT_TRUE(cancelled);
        EXPECT_EQ(all_tasks().size(), 1U);
    });
}

TEST_P(tcp, can_be_given_a_time_limit) {
    runs_in_real_time([]() -> task<> {
        const black_hole nobody("127.0.0.1");
        bool late = false;
        try {
            co_await wait_for(open_connection(nobody.where()), 5ms);
        } catch (const timeout_error&) {
            late = true;
        }
        EXPECT_TRUE(late);
    });
}

TEST_P(tcp, can_be_cancelled_at_every_await) {
    const raw_listener there("127.0.0.1", 1000);
    const auto program = [&]() -> task<> {
        std::vector<address> both;
        both.push_back(where_nobody_listens("127.0.0.1"));
        both.push_back(there.where());
        stream s = co_await detail::open_first(both, {.happy_eyeballs_delay = 0ns});
        EXPECT_TRUE(s);
    };
    EXPECT_GT(cancel_at_every_await(program, [] {}), 4U);
}

TEST_P(tcp, connection_goes_with_its_loop) {
    const black_hole nobody("127.0.0.1");
    event_loop loop;
    const auto program = [&]() -> task<> {
        auto connecting = create_task(open_connection(nobody.where()));
        co_await turns(3);
        EXPECT_FALSE(connecting.done());
        loop.stop();
        co_await create_future<>();
    };
    static_cast<void>(detail::task_access::spawn(loop, program(), {}));
    loop.run_forever();
    loop.close();
}

// What the kernel gives in pieces

/// Reads in parts of "abc" and "def", of which both have come before: what ends the first is not the end of what there is.
task<> reads_both(stream& from, stream& to, void (*send_both)(int descriptor)) {
    auto reading = create_task(from.read(100));  // it waits: an epoll backend watches the descriptor from here on
    co_await turns(2);
    co_await to.write("begin");
    co_await reading;
    send_both(to.descriptor());
    co_await turns(3);
    const std::string got = co_await from.read_exactly(6);
    EXPECT_EQ(got, "abcdef");
}

TEST_P(tcp, a_byte_that_is_urgent_does_not_hide_what_comes_behind_it) {
    runs([]() -> task<> {
        auto [from, to] = tcp_streams();
        co_await reads_both(from, to, [](int descriptor) {
            checked(static_cast<int>(send(descriptor, "abc", 3, 0)), "send");
            checked(static_cast<int>(send(descriptor, "!", 1, MSG_OOB)), "send");
            checked(static_cast<int>(send(descriptor, "def", 3, 0)), "send");
        });
    });
}

TEST_P(tcp, bytes_that_bring_descriptors_do_not_hide_what_comes_behind_them) {
    runs([]() -> task<> {
        auto [from, to] = unix_streams(0);
        co_await reads_both(from, to, [](int descriptor) {
            alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptor)] = {};
            char bytes[] = "abc";
            iovec piece{bytes, 3};
            msghdr message{};
            message.msg_iov = &piece;
            message.msg_iovlen = 1;
            message.msg_control = control;
            message.msg_controllen = sizeof control;
            cmsghdr* const rights = CMSG_FIRSTHDR(&message);
            rights->cmsg_level = SOL_SOCKET;
            rights->cmsg_type = SCM_RIGHTS;
            rights->cmsg_len = CMSG_LEN(sizeof descriptor);
            std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
            checked(static_cast<int>(sendmsg(descriptor, &message, 0)), "sendmsg");
            checked(static_cast<int>(send(descriptor, "def", 3, 0)), "send");
        });
    });
}

TEST_P(tcp, a_reset_is_told_though_the_read_that_heard_of_it_is_cancelled) {
    runs([]() -> task<> {
        for (int turn = 0; turn < 6; ++turn) {
            auto [from, to] = tcp_streams();
            auto reading = create_task(from.read(100));
            co_await turns(2);
            const linger at_once{1, 0};
            checked(setsockopt(to.descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), "SO_LINGER");
            to.close();
            co_await turns(turn);
            reading.cancel();
            try {
                co_await reading;
            } catch (const cancelled_error&) {
            } catch (const std::system_error&) {
            }
            const std::string text = co_await raised_by(from.read_exactly(1));
            EXPECT_TRUE(text.ends_with("Connection reset by peer")) << text << ", cancelled after " << turn << " turns";
        }
    });
}

}  // namespace
