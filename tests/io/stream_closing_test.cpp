// Closing, and what must not be done with a stream.

#include "streams.hpp"

#include <utility>

namespace {

using namespace tests;

FERMATA_OVER_ALL_STREAMS(stream_closing);

TEST_P(stream_closing, gives_the_peer_the_end) {
    with_streams([](stream& a, stream& b) -> task<> {
        auto reading = create_task(b.read(10));
        co_await turns(3);
        EXPECT_FALSE(a.is_closing());
        a.close();
        a.close();
        EXPECT_TRUE(a.is_closing());
        const std::string got = co_await reading;
        EXPECT_EQ(got, "");
    });
}

TEST_P(stream_closing, is_what_the_destructor_does) {
    with_streams([](stream& a, stream& b) -> task<> {
        {
            const stream gone = std::move(a);
        }
        const std::string got = co_await b.read();
        EXPECT_EQ(got, "");
    });
}

TEST_P(stream_closing, ends_a_read_that_waits) {
    with_streams([](stream&, stream& b) -> task<> {
        char buffer[10];
        auto reading = create_task(read_into(b, buffer));
        co_await turns(3);
        b.close();
        const std::size_t size = co_await reading;
        EXPECT_EQ(size, 0U);
        EXPECT_TRUE(b.at_eof());
    });
}

TEST_P(stream_closing, ends_a_search_that_waits) {
    with_streams([](stream& a, stream& b) -> task<> {
        co_await a.write("abc");
        auto reading = create_task(raised_by(b.read_until(";")));
        co_await turns(6);
        b.close();
        const std::string text = co_await reading;
        EXPECT_EQ(text, "3 bytes read on a total of undefined expected bytes");
    });
}

TEST_P(stream_closing, ends_a_write_that_waits_with_an_error) {
    with_streams([](stream& a, stream&) -> task<> {
        const std::string sent = many_bytes(4'000'000);
        auto writing = create_task(raised_by(write_all(a, sent)));
        co_await turns(6);
        EXPECT_FALSE(writing.done());
        a.close();
        const std::string text = co_await writing;
        EXPECT_TRUE(text.starts_with("write to " + a.name())) << text;
    });
}

TEST_P(stream_closing, is_known_to_who_writes_after_it_and_reads_as_the_end) {
    with_streams([](stream& a, stream&) -> task<> {
        a.close();
        const std::string text = co_await raised_by(write_all(a, "x"));
        EXPECT_EQ(text, "the stream is closed");
        const std::string got = co_await a.read(5);
        EXPECT_EQ(got, "");
        EXPECT_EQ(a.descriptor(), -1);
    });
}

// What must not be done

FERMATA_OVER_ALL_STREAMS(stream_misuse);

TEST_P(stream_misuse, two_that_read_raise) {
    with_streams([](stream& a, stream& b) -> task<> {
        const std::string expected = "read() called while another coroutine is already waiting for incoming data";
        auto reading = create_task(b.read_until(";"));
        co_await turns(3);
        char buffer[4];
        const std::string into = co_await raised_by(read_into(b, buffer));
        EXPECT_EQ(into, expected);
        const std::string some = co_await raised_by(b.read(3));
        EXPECT_EQ(some, expected);
        const std::string all = co_await raised_by(b.read());
        EXPECT_EQ(all, expected);
        const std::string exactly = co_await raised_by(b.read_exactly(1));
        EXPECT_EQ(exactly, expected);
        const std::string line = co_await raised_by(b.readline());
        EXPECT_EQ(line, expected);
        co_await a.write("abc;");
        const std::string got = co_await reading;
        EXPECT_EQ(got, "abc;");
    });
}

TEST_P(stream_misuse, who_waits_for_more_is_not_robbed_of_what_has_come) {
    with_streams([](stream& a, stream& b) -> task<> {
        co_await a.write("abc");
        auto reading = create_task(b.read_until(";"));
        co_await turns(6);
        const std::string thief = co_await raised_by(b.read(3));
        EXPECT_EQ(thief, "read() called while another coroutine is already waiting for incoming data");
        co_await a.write("def;");
        const std::string got = co_await reading;
        EXPECT_EQ(got, "abcdef;");
    });
}

TEST_P(stream_misuse, two_that_write_raise) {
    with_streams([](stream& a, stream& b) -> task<> {
        const std::string sent = many_bytes(2'000'000);
        auto writing = create_task(write_all(a, sent));
        co_await turns(3);
        const std::string text = co_await raised_by(write_all(a, "x"));
        EXPECT_EQ(text, "write() called while another coroutine is already writing");
        const std::string got = co_await b.read_exactly(sent.size());
        EXPECT_TRUE(got == sent);
        co_await writing;
    });
}

TEST_P(stream_misuse, one_that_was_moved_from_raises) {
    with_streams([](stream& a, stream&) -> task<> {
        const std::string expected = "this stream is not open: it was moved from, or never made";
        const stream moved = std::move(a);
        EXPECT_TRUE(moved);
        EXPECT_FALSE(a);  // NOLINT(bugprone-use-after-move): that is what is tested
        EXPECT_TRUE(a.is_closing());
        a.close();
        const std::string of_write = co_await raised_by(write_all(a, "x"));
        EXPECT_EQ(of_write, expected);
        const std::string of_read = co_await raised_by(a.read(1));
        EXPECT_EQ(of_read, expected);
        const std::string of_line = co_await raised_by(a.readline());
        EXPECT_EQ(of_line, expected);
        EXPECT_THROW(a.write_eof(), runtime_error);
        EXPECT_THROW(static_cast<void>(a.at_eof()), runtime_error);
        EXPECT_THROW(static_cast<void>(a.limit()), runtime_error);
        EXPECT_THROW(a.set_limit(1), runtime_error);
        EXPECT_THROW(static_cast<void>(a.descriptor()), runtime_error);
        EXPECT_THROW(static_cast<void>(a.name()), runtime_error);
    });
}

TEST_P(stream_misuse, one_of_another_loop_raises) {
    runner first;
    runner second;
    std::pair<stream, stream> ends;
    first.run([](std::pair<stream, stream>& made) -> task<> { made = co_await connected_streams(GetParam()); }(ends));
    const std::string read = second.run(raised_by(ends.first.read(1)));
    EXPECT_EQ(read, "this stream belongs to another event loop");
    const std::string written = second.run(raised_by(write_all(ends.first, "x")));
    EXPECT_EQ(written, "this stream belongs to another event loop");
    ends = {};
}

// Whose loop has gone

using stream_without_loop = stream_conformance;
INSTANTIATE_TEST_SUITE_P(over, stream_without_loop, ::testing::ValuesIn(socket_kinds), name_of_kind);

TEST_P(stream_without_loop, can_be_closed_and_nothing_else) {
    std::pair<stream, stream> ends;
    run_test([](std::pair<stream, stream>& made) -> task<> {
        made = co_await connected_streams(GetParam());
        co_await made.first.write("x");
    }(ends));
    // A new loop may well stand where the old one stood.
    const std::string read = run_test(raised_by(ends.second.read(1)));
    EXPECT_EQ(read, "Event loop is closed");
    const std::string written = run_test(raised_by(write_all(ends.second, "x")));
    EXPECT_EQ(written, "Event loop is closed");
    ends.first.close();
    ends = {};
}

TEST(memory_streams, can_be_closed_when_their_loop_has_gone) {
    std::pair<stream, stream> ends;
    run_test([](std::pair<stream, stream>& made) -> task<> {
        made = memory_streams();
        co_await made.first.write("x");
    }(ends));
    ends.first.close();
    EXPECT_TRUE(ends.first.is_closing());
    ends = {};
}

// What only TCP does. With TLS, who closes parts in peace, and nobody is reset.

#ifndef FERMATA_TESTS_OVER_TLS

using connection_reset = stream_conformance;
INSTANTIATE_TEST_SUITE_P(over, connection_reset, ::testing::ValuesIn(tcp_kinds), name_of_kind);

TEST_P(connection_reset, raises_in_who_reads) {
    with_streams([](stream& a, stream& b) -> task<> {
        const linger now{1, 0};
        checked(setsockopt(a.descriptor(), SOL_SOCKET, SO_LINGER, &now, sizeof now), "SO_LINGER");
        auto reading = create_task(raised_by(b.read(10)));
        co_await turns(3);
        a.close();
        const std::string text = co_await reading;
        EXPECT_EQ(text, "read from " + b.name() + ": Connection reset by peer");
    });
}

TEST_P(connection_reset, raises_in_who_reads_a_line_and_in_who_writes) {
    with_streams([](stream& a, stream& b) -> task<> {
        const linger now{1, 0};
        checked(setsockopt(a.descriptor(), SOL_SOCKET, SO_LINGER, &now, sizeof now), "SO_LINGER");
        co_await a.write("half a li");
        const std::string sent = many_bytes(4'000'000);
        auto reading = create_task(raised_by(b.readline()));
        auto writing = create_task(raised_by(write_all(b, sent)));
        co_await turns(6);
        a.close();
        const std::string of_read = co_await reading;
        const std::string of_write = co_await writing;
        const std::string reset = ": Connection reset by peer";
        // The kernel tells one of the two, and the other that there is nobody. With a send of which it has taken some, io_uring
        // says how much, and keeps the reset to itself: the next is told that there is nobody.
        if (of_read != "read from " + b.name() + reset && of_write != "write to " + b.name() + ": Broken pipe") {
            EXPECT_EQ(of_write, "write to " + b.name() + reset) << of_read;
        }
        EXPECT_NE(of_write, "nothing");
    });
}

task<> write_to(stream& to, std::string_view bytes) { co_await to.write(bytes); }

task<> reset(stream& by) {
    const linger now{1, 0};
    checked(setsockopt(by.descriptor(), SOL_SOCKET, SO_LINGER, &now, sizeof now), "SO_LINGER");
    by.close();
    co_await turns(1);
}

// As CPython: also where something had come that nobody has read.
TEST_P(connection_reset, is_raised_again_by_all_who_come_later) {
    with_streams([](stream& a, stream& b) -> task<> {
        co_await a.write("one\nhalf a li");
        const std::string line = co_await b.readline();
        EXPECT_EQ(line, "one\n");
        co_await reset(a);
        const std::string expected = "read from " + b.name() + ": Connection reset by peer";
        const std::string first = co_await raised_by(b.readline());
        EXPECT_EQ(first, expected);
        char buffer[4];
        for (int i = 0; i < 2; ++i) {
            const std::string of_line = co_await raised_by(b.readline());
            EXPECT_EQ(of_line, expected);
            const std::string of_some = co_await raised_by(b.read(5));
            EXPECT_EQ(of_some, expected);
            const std::string of_none = co_await raised_by(b.read_exactly(0));
            EXPECT_EQ(of_none, expected);
            const std::string of_all = co_await raised_by(b.read());
            EXPECT_EQ(of_all, expected);
            const std::string of_search = co_await raised_by(b.read_until(";"));
            EXPECT_EQ(of_search, expected);
            const std::string into = co_await raised_by(read_into(b, buffer));
            EXPECT_EQ(into, expected);
            const std::string of_write = co_await raised_by(write_to(b, "x"));
            EXPECT_EQ(of_write, expected);
        }
        EXPECT_FALSE(b.at_eof());
    });
}

TEST_P(connection_reset, of_which_a_write_has_heard_is_no_end_for_who_reads) {
    with_streams([](stream& a, stream& b) -> task<> {
        co_await reset(a);
        const std::string expected = "write to " + b.name() + ": Connection reset by peer";
        const std::string of_write = co_await raised_by(write_to(b, "x"));
        EXPECT_EQ(of_write, expected);
        const std::string of_read = co_await raised_by(b.read(1));
        EXPECT_EQ(of_read, expected);
        const std::string again = co_await raised_by(write_to(b, "x"));
        EXPECT_EQ(again, expected);
    });
}

#endif

}  // namespace
