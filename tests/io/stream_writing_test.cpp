// Writing, the back-pressure that a slow reader makes, and connections of which one half is closed.

#include "streams.hpp"

#include <csignal>
#include <vector>

namespace {

using namespace tests;

FERMATA_OVER_ALL_STREAMS(stream_writing);

task<> write_pieces(stream& to, const std::vector<std::string_view>& pieces) { co_await to.write(pieces); }

task<> write_one_by_one(stream& to, std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) co_await to.write(bytes.substr(i, 1));
}

TEST_P(stream_writing, of_nothing_does_nothing) {
    with_streams([](stream& a, stream& b) -> task<> {
        co_await a.write("");
        const std::vector<std::string_view> none;
        co_await a.write(none);
        const std::vector<std::string_view> empty = {"", ""};
        co_await a.write(empty);
        co_await a.write("x");
        a.close();
        const std::string got = co_await b.read();
        EXPECT_EQ(got, "x");
    });
}

TEST_P(stream_writing, keeps_bytes_of_every_value_and_their_order) {
    with_streams([](stream& a, stream& b) -> task<> {
        std::string sent;
        for (int i = 0; i < 256; ++i) sent += static_cast<char>(i);
        auto writing = create_task(write_one_by_one(a, sent));
        const std::string got = co_await b.read_exactly(256);
        EXPECT_EQ(got, sent);
        co_await writing;
    });
}

TEST_P(stream_writing, waits_for_a_reader_that_is_slow) {
    with_streams([](stream& a, stream& b) -> task<> {
        const std::string sent = many_bytes(4'000'000);
        auto writing = create_task(write_all(a, sent));
        co_await turns(20);
        EXPECT_FALSE(writing.done());
        std::string got;
        std::size_t step = 1;
        while (got.size() < sent.size()) {
            step = step * 7 % 100'003;
            const std::string part = co_await b.read(step);
            EXPECT_FALSE(part.empty());
            EXPECT_LE(part.size(), step);
            got += part;
            if (step % 5 == 0) co_await turns(1);
        }
        co_await writing;
        EXPECT_TRUE(got == sent);
    });
}

TEST_P(stream_writing, goes_both_ways_at_once) {
    with_streams([](stream& a, stream& b) -> task<> {
        const std::string there = many_bytes(1'500'000);
        const std::string back(there.rbegin(), there.rend());
        auto first = create_task(write_all(a, there));
        auto second = create_task(write_all(b, back));
        auto read_there = create_task(b.read_exactly(there.size()));
        auto read_back = create_task(a.read_exactly(back.size()));
        const std::string got_there = co_await read_there;
        const std::string got_back = co_await read_back;
        EXPECT_TRUE(got_there == there);
        EXPECT_TRUE(got_back == back);
        co_await first;
        co_await second;
    });
}

// Pieces

TEST_P(stream_writing, joins_pieces) {
    with_streams([](stream& a, stream& b) -> task<> {
        const std::vector<std::string_view> pieces = {"", "one", "", " two ", "three", ""};
        co_await a.write(pieces);
        const std::string got = co_await b.read_exactly(13);
        EXPECT_EQ(got, "one two three");
    });
}

TEST_P(stream_writing, joins_more_pieces_than_a_call_takes) {
    with_streams([](stream& a, stream& b) -> task<> {
        const std::string sent = many_bytes(5000 * 3);
        std::vector<std::string_view> pieces;
        for (std::size_t i = 0; i < 5000; ++i) pieces.push_back(std::string_view(sent).substr(i * 3, 3));
        auto writing = create_task(write_pieces(a, pieces));
        const std::string got = co_await b.read_exactly(sent.size());
        EXPECT_TRUE(got == sent);
        co_await writing;
    });
}

TEST_P(stream_writing, of_large_pieces_waits_for_the_reader) {
    with_streams([](stream& a, stream& b) -> task<> {
        const std::string sent = many_bytes(2'000'000);
        const std::string_view all = sent;
        const std::vector<std::string_view> pieces = {all.substr(0, 1), all.substr(1, 999'999),
                                                      all.substr(1'000'000, 7), all.substr(1'000'007)};
        auto writing = create_task(write_pieces(a, pieces));
        co_await turns(20);
        EXPECT_FALSE(writing.done());
        const std::string got = co_await b.read_exactly(sent.size());
        EXPECT_TRUE(got == sent);
        co_await writing;
    });
}

// Half of a connection

TEST_P(stream_writing, of_the_end_leaves_the_other_way_open) {
    with_streams([](stream& a, stream& b) -> task<> {
        co_await a.write("question");
        a.write_eof();
        const std::string question = co_await b.read();
        EXPECT_EQ(question, "question");
        co_await b.write("answer");
        b.close();
        const std::string answer = co_await a.read();
        EXPECT_EQ(answer, "answer");
    });
}

TEST_P(stream_writing, after_the_end_raises) {
    with_streams([](stream& a, stream& b) -> task<> {
        a.write_eof();
        a.write_eof();
        const std::string text = co_await raised_by(write_all(a, "x"));
        EXPECT_EQ(text, "Cannot call write() after write_eof()");
        const std::vector<std::string_view> pieces = {"x"};
        const std::string of_pieces = co_await raised_by(write_pieces(a, pieces));
        EXPECT_EQ(of_pieces, "Cannot call write() after write_eof()");
        const std::string got = co_await b.read();
        EXPECT_EQ(got, "");
    });
}

TEST_P(stream_writing, goes_on_where_somebody_has_asked_for_the_end_too_early) {
    with_streams([](stream& a, stream& b) -> task<> {
        const std::string sent = many_bytes(2'000'000);
        auto writing = create_task(write_all(a, sent));
        co_await turns(3);
        EXPECT_THROW(a.write_eof(), runtime_error);
        const std::string got = co_await b.read_exactly(sent.size());
        EXPECT_TRUE(got == sent);
        co_await writing;
        co_await a.write("more");
        a.write_eof();
        const std::string more = co_await b.read();
        EXPECT_EQ(more, "more");
    });
}

TEST_P(stream_writing, of_the_end_to_a_stream_that_is_closed_does_nothing) {
    with_streams([](stream& a, stream&) -> task<> {
        a.close();
        EXPECT_NO_THROW(a.write_eof());
        co_return;
    });
}

// Nobody reads

TEST_P(stream_writing, to_a_peer_that_is_closed_raises_and_kills_nobody) {
    std::signal(SIGPIPE, SIG_DFL);  // as a program finds it
    with_streams([](stream& a, stream& b) -> task<> {
        b.close();
        std::error_code code;
        std::string text;
        const std::string some(1000, 'x');
        for (int i = 0; i < 1000 && !code; ++i) {
            try {
                co_await a.write(some);
            } catch (const std::system_error& e) {
                code = e.code();
                text = e.what();
            }
            co_await turns(1);
        }
        EXPECT_TRUE(code == std::errc::broken_pipe || code == std::errc::connection_reset) << code;
        EXPECT_EQ(text, "write to " + a.name() + ": " + code.message());
    });
}

TEST_P(stream_writing, that_waits_is_told_when_the_peer_goes) {
    with_streams([](stream& a, stream& b) -> task<> {
        const std::string sent = many_bytes(4'000'000);
        auto writing = create_task(raised_by(write_all(a, sent)));
        co_await turns(10);
        EXPECT_FALSE(writing.done());
        b.close();
        const std::string text = co_await writing;
        EXPECT_TRUE(text == "write to " + a.name() + ": Broken pipe" ||
                    text == "write to " + a.name() + ": Connection reset by peer")
            << text;
    });
}

}  // namespace
