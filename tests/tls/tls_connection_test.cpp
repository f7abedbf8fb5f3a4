// Bytes within TLS, and the ends of a connection.

#include "../net/servers.hpp"
#include "openssl_peer.hpp"
#include "tls_streams.hpp"

#include <fermata/os/file.hpp>
#include <fermata/os/sendfile.hpp>

#include <sys/socket.h>

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tests;

FERMATA_ON_BOTH_BACKENDS(tls_connection);

task<std::pair<stream, stream>> connected() {
    std::pair<stream, stream> ends = tcp_streams();
    co_await start_tls_on_both(ends, our_client(), our_server());
    co_return ends;
}

/// As the peer's machine does when its program is killed: it has not said that it ends.
void cut_off(const stream& s) { checked(::shutdown(s.descriptor(), SHUT_WR), "shutdown"); }

// Bytes

task<> exchange_megabytes(tls_context client) {
    std::pair<stream, stream> ends = tcp_streams();
    co_await start_tls_on_both(ends, std::move(client), our_server());
    const std::string there = many_bytes(1'000'000);
    const std::string back(there.rbegin(), there.rend());
    auto first = create_task(write_all(ends.first, there));
    auto second = create_task(write_all(ends.second, back));
    auto reading = create_task(ends.second.read_exactly(there.size()));
    const std::string got_back = co_await ends.first.read_exactly(back.size());
    const std::string got_there = co_await reading;
    co_await first;
    co_await second;
    EXPECT_TRUE(got_there == there);
    EXPECT_TRUE(got_back == back);
}

TEST_P(tls_connection, carries_megabytes_both_ways_at_once) {
    tls_context old = make_client();
    old.set_maximum_version(tls_version::tls_1_2);
    runs([&] { return exchange_megabytes(our_client()); });
    runs([&] { return exchange_megabytes(old); });
}

TEST_P(tls_connection, sends_nothing_in_the_clear) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = tcp_streams();
        co_await gather(start_tls(ends.first, our_client(), to_localhost), start_tls(ends.second, our_server()));
        co_await ends.first.write("secret");
        char wire[1000];
        ssize_t size = -1;
        while (size < 0) {
            co_await turns(1);
            size = recv(ends.second.descriptor(), wire, sizeof wire, MSG_PEEK | MSG_DONTWAIT);
        }
        EXPECT_GT(size, 6);
        EXPECT_EQ(std::string_view(wire, static_cast<std::size_t>(size)).find("secret"), std::string_view::npos);
        const std::string got = co_await ends.second.read_exactly(6);
        EXPECT_EQ(got, "secret");
    });
}

task<> sends_much_and_ends(stream& from, stream& to) {
    const std::string sent = many_bytes(300'000);
    auto writing = create_task(write_all(from, sent));
    const std::string got = co_await to.read_exactly(sent.size());
    EXPECT_TRUE(got == sent);
    co_await writing;
    from.close();
    const std::string rest = co_await to.read();
    EXPECT_EQ(rest, "");
}

TEST_P(tls_connection, works_over_another) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = co_await connected();
        co_await start_tls_on_both(ends, our_client(), our_server());
        co_await sends_much_and_ends(ends.first, ends.second);
    });
}

TEST_P(tls_connection, encrypts_what_sendfile_sends) {
    runs([]() -> task<> {
        const std::string sent = many_bytes(300'000);
        const std::string path = our_authority().write("sent", sent);
        std::pair<stream, stream> ends = co_await connected();
        const file from = co_await open_file(path);
        auto sending = create_task(sendfile(ends.first, from));
        const std::string got = co_await ends.second.read_exactly(sent.size());
        EXPECT_TRUE(got == sent);
        const std::size_t size = co_await sending;
        EXPECT_EQ(size, sent.size());
    });
}

// The end

TEST_P(tls_connection, ends_where_the_peer_says_so_and_half_of_it_goes_on) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = co_await connected();
        co_await ends.first.write("question");
        ends.first.write_eof();
        const std::string question = co_await ends.second.read();
        EXPECT_EQ(question, "question");
        EXPECT_TRUE(ends.second.at_eof());
        co_await sends_much_and_ends(ends.second, ends.first);
    });
}

TEST_P(tls_connection, that_is_cut_off_raises_behind_the_bytes_that_came) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = co_await connected();
        const std::string expected = "read from " + ends.second.name() + ": EOF occurred in violation of protocol";
        co_await ends.first.write("half of");
        cut_off(ends.first);
        const std::string came = co_await ends.second.read_exactly(7);
        EXPECT_EQ(came, "half of");
        for (int i = 0; i < 2; ++i) {
            const std::string text = co_await raised_by(ends.second.read(1));
            EXPECT_EQ(text, expected);
            EXPECT_FALSE(ends.second.at_eof());
        }
        const std::string line = co_await raised_by(ends.second.readline());
        EXPECT_EQ(line, expected);
        bool was_eof_error = false;
        try {
            co_await ends.second.read();
        } catch (const tls_eof_error&) {
            was_eof_error = true;
        }
        EXPECT_TRUE(was_eof_error);
    });
}

TEST_P(tls_connection, that_is_cut_off_within_a_line_raises) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = co_await connected();
        co_await ends.first.write("half of");
        auto reading = create_task(raised_by(ends.second.readline()));
        co_await turns(6);
        cut_off(ends.first);
        const std::string expected = "read from " + ends.second.name() + ": EOF occurred in violation of protocol";
        const std::string text = co_await reading;
        EXPECT_EQ(text, expected);
        const std::string again = co_await raised_by(ends.second.read(100));
        EXPECT_EQ(again, expected);
    });
}

TEST_P(tls_connection, that_somebody_has_tampered_with_raises) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = co_await connected();
        const std::string forged("\x17\x03\x03\x00\x14 twenty forged bytes.", 25);
        checked(static_cast<int>(::send(ends.first.descriptor(), forged.data(), forged.size(), 0)), "send");
        const std::string text = co_await raised_by(ends.second.read(1));
        EXPECT_EQ(text, "read from " + ends.second.name() + ": decryption failed or bad record mac");
        const std::string of_write = co_await raised_by(write_all(ends.second, "x"));
        EXPECT_TRUE(of_write.ends_with(ends.second.name() + ": decryption failed or bad record mac")) << of_write;
        const std::string told = co_await raised_by(ends.first.read(1));
        EXPECT_EQ(told, "read from " + ends.first.name() + ": sslv3 alert bad record mac");
    });
}

// Closing

TEST_P(tls_connection, that_is_closed_behind_a_write_loses_none_of_it) {
    runs([]() -> task<> {
        // More than the kernel holds, so that the last of it, and the end, wait for the reader.
        const std::string sent = many_bytes(1'500'000);
        std::pair<stream, stream> ends = co_await connected();
        auto writing = create_task([](stream s, std::string_view bytes) -> task<> {
            co_await s.write(bytes);
            s.close();
        }(std::move(ends.first), sent));
        std::string got;
        for (;;) {
            const std::string some = co_await ends.second.read(10'000);
            if (some.empty()) break;
            got += some;
            if (got.size() % 7 == 0) co_await turns(1);
        }
        EXPECT_TRUE(got == sent);
        co_await writing;
    });
}

TEST_P(tls_connection, that_is_closed_leaves_no_task_where_the_peer_closes_too) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = co_await connected();
        ends.first.close();
        EXPECT_EQ(all_tasks().size(), 2U);  // it waits for the peer
        const std::string end = co_await ends.second.read();
        EXPECT_EQ(end, "");
        ends.second.close();
        // Each turn looks at the kernel.
        for (int i = 0; i < 1000 && all_tasks().size() > 1; ++i) co_await turns(1);
        EXPECT_EQ(all_tasks().size(), 1U);
    });
}

TEST_P(tls_connection, that_is_closed_with_bytes_unread_does_not_reset_it) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = co_await connected();
        co_await ends.second.write("unread");
        co_await ends.first.write("last words");
        ends.first.close();
        const std::string got = co_await ends.second.read();
        EXPECT_EQ(got, "last words");
    });
}

// As run() does with what is left.
TEST_P(tls_connection, whose_closing_is_cancelled_takes_nothing_back_that_was_written) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = co_await connected();
        // Most of it is with our kernel when the stream is closed.
        const int little = 50'000;
        const int much = 1'000'000;
        checked(setsockopt(ends.second.descriptor(), SOL_SOCKET, SO_RCVBUF, &little, sizeof little), "SO_RCVBUF");
        checked(setsockopt(ends.first.descriptor(), SOL_SOCKET, SO_SNDBUF, &much, sizeof much), "SO_SNDBUF");
        const std::string sent = many_bytes(200'000);
        co_await ends.first.write(sent);
        ends.first.close();
        for (any_task& each : all_tasks()) {
            if (each.name() == "TLS shutdown") each.cancel();
        }
        co_await ends.first.wait_closed();
        const std::string got = co_await ends.second.read_exactly(sent.size());
        EXPECT_TRUE(got == sent);
        const std::string end = co_await ends.second.read();
        EXPECT_EQ(end, "");
    });
}

TEST_P(tls_connection, that_is_closed_can_be_waited_for) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = co_await connected();
        EXPECT_THROW((void)ends.first.wait_closed(), runtime_error);
        ends.first.close();
        auto waiting = create_task(ends.first.wait_closed());
        auto cancelled = create_task(ends.first.wait_closed());
        co_await turns(10);
        EXPECT_FALSE(waiting.done());
        cancelled.cancel();
        const std::string end = co_await ends.second.read();
        EXPECT_EQ(end, "");
        EXPECT_FALSE(waiting.done());
        ends.second.close();
        co_await waiting;
        EXPECT_TRUE(cancelled.cancelled());
        co_await ends.second.wait_closed();
        std::pair<stream, stream> plain = tcp_streams();
        plain.first.close();
        co_await plain.first.wait_closed();
    });
}

FERMATA_TEST(tls_connection_in_memory, that_is_closed_waits_half_a_minute_for_the_peer) {
    std::pair<stream, stream> ends = memory_streams();
    auto client = create_task(start_tls(ends.first, our_client(), to_localhost));
    openssl_peer peer(ends.second);
    co_await peer.shake_hands();
    co_await client;
    ends.first.close();
    co_await sleep(29s);
    co_await ends.second.write("is anybody there?");
    co_await sleep(2s);
    const std::string text = co_await raised_by(write_all(ends.second, "and now?"));
    EXPECT_EQ(text, "write to memory stream: Broken pipe");
    EXPECT_EQ(all_tasks().size(), 1U);
}

FERMATA_TEST(tls_connection_in_memory, that_is_closed_does_not_listen_for_ever_to_a_peer_that_talks) {
    std::pair<stream, stream> ends = memory_streams();
    auto client = create_task(start_tls(ends.first, our_client(), to_localhost));
    openssl_peer peer(ends.second);
    co_await peer.shake_hands();
    co_await client;
    ends.first.close();
    const std::string much(200'000, 'x');
    const std::string text = co_await raised_by(write_all(ends.second, much));
    EXPECT_EQ(text, "write to memory stream: Broken pipe");
    EXPECT_EQ(current_loop().time(), 0s);
}

// One end of a pipe in memory whose drain(), as io_uring's, hears of other things too: more has come from the peer.
class eager_end final : public detail::channel, public detail::endpoint {
public:
    explicit eager_end(event_loop& loop) noexcept : endpoint(loop, *this) {}
    ~eager_end() override {
        if (peer) peer->peer = nullptr;
    }

    void submit(detail::operation& o) noexcept override {
        (is_in(o) ? reading_ : writing_) = &o;
        move();
        if (peer) peer->move();
    }
    void cancel(detail::operation& o) noexcept override {
        (is_in(o) ? reading_ : writing_) = nullptr;
        o.complete(-ECANCELED);
    }
    void drain(detail::operation& o) noexcept override {
        cancel(o);
        came_ += "more";
        move();
        if (!o.under_way()) return;
        ADD_FAILURE() << "what is drained has begun anew, and ends when the peer reads";
        cancel(o);
    }
    void shut_down_writing() override {}
    void close() noexcept override {}

    eager_end* peer = nullptr;
    bool is_full = false;

private:
    static bool is_in(const detail::operation& o) noexcept { return o.request.direction() == detail::io_direction::in; }
    void move() noexcept {
        while (reading_ && !came_.empty()) {
            detail::operation& done = *std::exchange(reading_, nullptr);
            const std::size_t size = std::min(done.request.size, came_.size());
            if (done.request.lacks_buffer()) done.make_room(size);
            std::copy_n(came_.data(), size, static_cast<char*>(done.request.address));
            came_.erase(0, size);
            done.complete(static_cast<int>(size));
        }
        while (writing_ && !is_full) {
            detail::operation& done = *std::exchange(writing_, nullptr);
            if (peer) peer->came_.append(static_cast<const char*>(done.request.address), done.request.size);
            done.complete(static_cast<int>(done.request.size));
        }
    }

    std::string came_;
    detail::operation* reading_ = nullptr;
    detail::operation* writing_ = nullptr;
};

stream stream_of(std::unique_ptr<eager_end> end) {
    return stream(std::make_unique<detail::stream_state>(std::move(end), "an eager end", detail::io_code::read,
                                                         detail::io_code::write));
}

FERMATA_TEST(tls_connection_in_memory, that_is_given_up_begins_no_other_sending) {
    auto ours = std::make_unique<eager_end>(current_loop());
    auto theirs = std::make_unique<eager_end>(current_loop());
    eager_end& end = *ours;
    ours->peer = theirs.get();
    theirs->peer = ours.get();
    stream client = stream_of(std::move(ours));
    stream server = stream_of(std::move(theirs));
    auto shaking = create_task(start_tls(client, our_client(), to_localhost));
    co_await start_tls(server, our_server());
    co_await shaking;
    end.is_full = true;
    auto writing = create_task(raised_by(write_all(client, "what the peer does not read")));
    co_await sleep(1s);
    client.close();  // its end waits behind that
    co_await sleep(1min);
    EXPECT_EQ(all_tasks().size(), 1U);
    const std::string text = co_await std::move(writing);
    EXPECT_EQ(text, "write to an eager end: Operation canceled");
}

// Keys that change in the middle: who reads has to write, and who writes has to read.

FERMATA_TEST(tls_connection_in_memory, goes_on_with_new_keys) {
    std::pair<stream, stream> ends = memory_streams();
    auto client = create_task(start_tls(ends.first, our_client(), to_localhost));
    openssl_peer peer(ends.second);
    co_await peer.shake_hands();
    co_await client;
    for (int i = 0; i < 3; ++i) {
        peer.update_keys();
        co_await peer.write("new keys");
        const std::string got = co_await ends.first.read_exactly(8);
        EXPECT_EQ(got, "new keys");
        co_await ends.first.write("for both");
        const std::string answer = co_await peer.read_exactly(8);
        EXPECT_EQ(answer, "for both");
    }
}

FERMATA_TEST(tls_connection_in_memory, keeps_little_for_a_peer_that_asks_and_does_not_read) {
    std::pair<stream, stream> ends = memory_streams(1000);
    auto client = create_task(start_tls(ends.first, our_client(), to_localhost));
    openssl_peer peer(ends.second);
    co_await peer.shake_hands();
    co_await client;
    auto reading = create_task(ends.first.read_exactly(5));
    int asked = 0;
    auto asking = create_task([](openssl_peer& from, int& count) -> task<> {
        for (; count < 3'000; ++count) {
            from.update_keys();
            co_await from.flush();
        }
        co_await from.write("there");
    }(peer, asked));
    co_await sleep(1s);
    EXPECT_GT(asked, 100);
    EXPECT_LT(asked, 1'500);  // it is not heard, until it takes the answers
    auto taking = create_task([](stream& from) -> task<> {
        for (;;) {
            const std::string some = co_await from.read(1000);
            if (some.empty()) break;
        }
    }(ends.second));
    const std::string there = co_await reading;
    EXPECT_EQ(there, "there");
    EXPECT_EQ(asked, 3'000);
    co_await asking;
    ends.first.close();
    co_await taking;
}

// Cancellation

TEST_P(tls_connection, of_which_reads_are_cancelled_at_any_moment_loses_no_byte) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = co_await connected();
        const std::string sent = many_bytes(200'000);
        auto writing = create_task(write_all(ends.first, sent));
        std::string got;
        for (int when = 0; got.size() < sent.size(); when = (when + 1) % 5) {
            auto reading = create_task([](stream& from, std::string& into) -> task<> {
                for (;;) {
                    const std::string some = co_await from.read(9'973);
                    if (some.empty()) break;
                    into += some;
                }
            }(ends.second, got));
            co_await turns(when);
            reading.cancel();
            const bool cancelled = co_await ends_cancelled(reading);
            EXPECT_TRUE(cancelled);
        }
        co_await writing;
        EXPECT_TRUE(got == sent);
    });
}

TEST_P(tls_connection, of_which_writes_are_cancelled_at_any_moment_stays_whole) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = co_await connected();
        std::string got;
        auto reading = create_task([](stream& from, std::string& into) -> task<> {
            for (;;) {
                const std::string some = co_await from.read(50'000);
                if (some.empty()) break;
                into += some;
                co_await turns(2);
            }
        }(ends.second, got));
        for (int when = 0; when < 12; ++when) {
            const std::string sent(400'000, static_cast<char>('a' + when));
            auto writing = create_task(write_all(ends.first, sent));
            co_await turns(when);
            writing.cancel();
            co_await ends_cancelled(writing);
        }
        co_await ends.first.write("the end");
        ends.first.write_eof();
        co_await reading;
        // A part of each, in their order, and no record is damaged.
        CO_ASSERT_TRUE(got.ends_with("the end"));
        got.resize(got.size() - 7);
        EXPECT_TRUE(std::is_sorted(got.begin(), got.end()));
        EXPECT_GT(got.size(), 12U);
    });
}

}  // namespace
