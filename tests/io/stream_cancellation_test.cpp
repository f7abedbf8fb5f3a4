// Whoever is cancelled, and whenever: no byte is lost to the next reader, and nobody touches what has gone.

#include "streams.hpp"

#include <fermata/task/detail/task_handle.hpp>
#include <fermata/testing/cancel_at_every_await.hpp>
#include <fermata/testing/gtest.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace tests;

FERMATA_OVER_ALL_STREAMS(stream_cancellation);

task<> write_in_parts(stream& to, std::string_view bytes, std::size_t part) {
    while (!bytes.empty()) {
        co_await to.write(bytes.substr(0, part));
        bytes.remove_prefix(std::min(part, bytes.size()));
        co_await turns(2);
    }
    to.write_eof();
}

constexpr std::string_view some_lines = "one\ntwo two\n\nthree three three\nfour\n";

/// Has it read, and cancels it after 0, 1, 2 … turns, until it is done before: what it got, and what is left, is the whole.
template <class Reader>
void loses_nothing(stream_conformance& on, Reader reader, int times) {
    bool was_done = false;
    for (int turn = 0; !was_done; ++turn) {
        ASSERT_LT(turn, 1000);
        on.with_streams([&](stream& a, stream& b) -> task<> {
            std::string got;
            auto writing = create_task(write_in_parts(a, some_lines, 5));
            auto reading = create_task(reader(b, got));
            co_await turns(turn);
            was_done = reading.done();
            for (int i = 0; i < times; ++i) reading.cancel();
            const bool cancelled = co_await ends_cancelled(reading);
            EXPECT_NE(cancelled, was_done);
            got += co_await b.read();
            co_await writing;
            EXPECT_EQ(got, some_lines) << "cancelled after " << turn << " turns";
        });
    }
}

task<> read_into_buffers(stream& from, std::string& got) {
    char buffer[7];
    for (;;) {
        const std::size_t size = co_await from.read(buffer);
        if (size == 0) break;
        got.append(buffer, size);
    }
}

task<> read_some(stream& from, std::string& got) {
    for (;;) {
        const std::string some = co_await from.read(3);
        if (some.empty()) break;
        got += some;
    }
}

task<> read_all(stream& from, std::string& got) {
    const std::string all = co_await from.read();
    got += all;
}

task<> read_nines(stream& from, std::string& got) {
    for (int i = 0; i < 4; ++i) {
        const std::string nine = co_await from.read_exactly(9);
        got += nine;
    }
}

task<> read_lines(stream& from, std::string& got) {
    for (;;) {
        const std::string line = co_await from.readline();
        if (line.empty()) break;
        got += line;
    }
}

task<> read_until_end_of_word(stream& from, std::string& got) {
    for (const std::string_view separator : {"two\n", "three\n", "r\n"}) {
        const std::string part = co_await from.read_until(std::string(separator));
        got += part;
    }
}

TEST_P(stream_cancellation, of_a_read_loses_nothing) { loses_nothing(*this, read_into_buffers, 1); }
TEST_P(stream_cancellation, of_a_read_of_some_loses_nothing) { loses_nothing(*this, read_some, 1); }
TEST_P(stream_cancellation, of_a_read_of_all_loses_nothing) { loses_nothing(*this, read_all, 1); }
TEST_P(stream_cancellation, of_an_exact_read_loses_nothing) { loses_nothing(*this, read_nines, 1); }
TEST_P(stream_cancellation, of_a_line_loses_nothing) { loses_nothing(*this, read_lines, 1); }
TEST_P(stream_cancellation, of_a_search_loses_nothing) { loses_nothing(*this, read_until_end_of_word, 1); }
TEST_P(stream_cancellation, that_comes_twice_loses_nothing) {
    loses_nothing(*this, read_into_buffers, 2);
    loses_nothing(*this, read_lines, 2);
}

TEST_P(stream_cancellation, comes_to_who_waits) {
    with_streams([](stream& a, stream& b) -> task<> {
        auto reading = create_task(b.read(1));
        co_await turns(3);
        reading.cancel();
        const bool cancelled = co_await ends_cancelled(reading);
        EXPECT_TRUE(cancelled);
        // The stream is as good as before.
        co_await a.write("x");
        const std::string got = co_await b.read(1);
        EXPECT_EQ(got, "x");
    });
}

TEST_P(stream_cancellation, in_the_turn_in_which_the_bytes_come_leaves_them) {
    with_streams([](stream& a, stream& b) -> task<> {
        char buffer[8];
        auto reading = create_task(read_into(b, buffer));
        co_await turns(3);
        co_await a.write("x");
        const bool is_read = reading.done();  // where the write was told of late
        reading.cancel();
        const bool cancelled = co_await ends_cancelled(reading);
        EXPECT_NE(cancelled, is_read);
        if (is_read) co_return;
        const std::string got = co_await b.read(1);
        EXPECT_EQ(got, "x");
    });
}

TEST_P(stream_cancellation, of_who_swallows_it_lets_him_read_on) {
    with_streams([](stream& a, stream& b) -> task<> {
        auto reading = create_task([](stream& from) -> task<std::string> {
            bool cancelled = false;
            try {
                co_await from.read(1);
            } catch (const cancelled_error&) {
                cancelled = true;
            }
            EXPECT_TRUE(cancelled);
            co_return co_await from.read(1);
        }(b));
        co_await turns(3);
        reading.cancel();
        co_await turns(3);
        co_await a.write("x");
        const std::string got = co_await reading;
        EXPECT_EQ(got, "x");
    });
}

TEST_P(stream_cancellation, of_a_write_leaves_a_beginning_of_it_and_a_stream_that_works) {
    for (int when = 0; when < 12; ++when) {
        with_streams([when](stream& a, stream& b) -> task<> {
            const std::string sent = many_bytes(2'000'000);
            auto writing = create_task(write_all(a, sent));
            co_await turns(when);
            std::string got;
            if (when > 6) got = co_await b.read_exactly(100'000);
            writing.cancel();
            const bool cancelled = co_await ends_cancelled(writing);
            EXPECT_TRUE(cancelled);
            auto ending = create_task([](stream& to) -> task<> {
                co_await to.write("the end");
                to.write_eof();
            }(a));
            got += co_await b.read();
            co_await ending;
            CO_ASSERT_TRUE(got.ends_with("the end"));
            got.resize(got.size() - 7);
            EXPECT_LT(got.size(), sent.size());
            EXPECT_TRUE(sent.starts_with(got));
        });
    }
}

// The kernel hears of the peer's end, tries the write again, and does not find it for a moment.
TEST_P(stream_cancellation, of_a_write_to_a_peer_that_has_just_ended_comes) {
    for (int when = 0; when < 4; ++when) {
        with_streams([when](stream& a, stream& b) -> task<> {
            const std::string sent = many_bytes(2'000'000);
            auto writing = create_task(write_all(a, sent));
            auto reading = create_task(a.read(1));
            co_await turns(6);
            b.write_eof();
            co_await turns(when);
            writing.cancel();
            const bool cancelled = co_await ends_cancelled(writing);
            EXPECT_TRUE(cancelled);
            const std::string end = co_await reading;
            EXPECT_EQ(end, "");
        });
    }
}

TEST_P(stream_cancellation, of_a_write_of_pieces_leaves_a_beginning_of_it) {
    with_streams([](stream& a, stream& b) -> task<> {
        const std::string sent = many_bytes(3'000'000);
        auto writing = create_task([](stream& to, std::string_view bytes) -> task<> {
            std::vector<std::string_view> pieces;
            for (std::size_t i = 0; i < bytes.size(); i += 1000) pieces.push_back(bytes.substr(i, 1000));
            co_await to.write(pieces);
        }(a, sent));
        const std::string first = co_await b.read_exactly(200'000);
        writing.cancel();
        const bool cancelled = co_await ends_cancelled(writing);
        EXPECT_TRUE(cancelled);
        a.close();
        const std::string rest = co_await b.read();
        EXPECT_TRUE(std::string_view(sent).starts_with(first + rest));
    });
}

TEST_P(stream_cancellation, and_a_close_at_the_same_time_are_a_cancellation) {
    with_streams([](stream& a, stream& b) -> task<> {
        const std::string sent = many_bytes(2'000'000);
        auto writing = create_task(write_all(a, sent));
        auto reading = create_task(a.read(1));
        co_await turns(4);
        writing.cancel();
        reading.cancel();
        a.close();
        const bool no_write = co_await ends_cancelled(writing);
        const bool no_read = co_await ends_cancelled(reading);
        EXPECT_TRUE(no_write && no_read);
        EXPECT_TRUE(b);
    });
}

TEST_P(stream_cancellation, at_every_await_of_a_conversation_ends_it) {
    const auto serve = [](stream& with_whom) -> task<> {
        for (;;) {
            const std::string line = co_await with_whom.readline();
            if (line.empty()) break;
            co_await with_whom.write(line);
        }
        with_whom.close();
    };
    const auto program = [&]() -> task<> {
        std::pair<stream, stream> ends = co_await connected_streams(GetParam());
        co_await with(task_group(), [&](task_group& group) -> task<> {
            group.create_task(serve(ends.second));
            for (const std::string_view line : {"one\n", "two\n"}) {
                co_await ends.first.write(line);
                const std::string echo = co_await ends.first.readline();
                EXPECT_EQ(echo, line);
            }
            ends.first.write_eof();
            const std::string rest = co_await ends.first.read();
            EXPECT_EQ(rest, "");
        });
    };
    EXPECT_GT(cancel_at_every_await(program, [] {}), 6U);
}

// By a time limit: of a socket in real time, in which no more is asserted than that it comes.

TEST_P(stream_cancellation, by_a_timeout_loses_nothing) {
    const auto program = [](stream_kind kind) -> task<> {
        std::pair<stream, stream> ends = co_await connected_streams(kind);
        co_await ends.first.write("par");
        bool late = false;
        try {
            co_await with(timeout(5ms), [&](timeout&) -> task<> { co_await ends.second.read_exactly(7); });
        } catch (const timeout_error&) {
            late = true;
        }
        EXPECT_TRUE(late);
        co_await ends.first.write("tial");
        const std::string got = co_await ends.second.read_exactly(7);
        EXPECT_EQ(got, "partial");
    };
    if (GetParam().over == transport::memory) {
        run_test(program(GetParam()));
    } else {
        run(program(GetParam()));
    }
}

// What is left when a loop is closed

task<> read_one(stream& from) { co_await from.read(1); }
task<> read_with_buffer(stream& from) {
    char buffer[100];
    co_await from.read(buffer);
}
task<> read_hundred(stream& from) { co_await from.read_exactly(100); }
task<> read_a_line(stream& from) { co_await from.readline(); }
task<> write_much(stream& to) {
    const std::string sent = many_bytes(2'000'000);
    co_await to.write(sent);
}
task<> write_much_in_pieces(stream& to) {
    const std::string sent = many_bytes(2'000'000);
    const std::string_view all = sent;
    const std::vector<std::string_view> pieces = {all.substr(0, 1'000'000), all.substr(1'000'000)};
    co_await to.write(pieces);
}

/// In a loop that is then closed while all of it stands where it waits. The streams' owner is made first, and goes first.
void drop_in_the_middle(const stream_kind& kind, task<> (*work)(stream&), bool handles_outlive) {
    std::vector<task_handle<>> kept;
    {
        event_loop loop;
        const auto program = [&]() -> task<> {
            std::pair<stream, stream> ends = co_await connected_streams(kind);
            kept.push_back(create_task(work(ends.first)));
            kept.push_back(create_task(work(ends.second)));
            co_await turns(5);
            EXPECT_FALSE(kept.front().done());
            if (!handles_outlive) kept.clear();
            loop.stop();
            co_await create_future<>();
        };
        static_cast<void>(detail::task_access::spawn(loop, program(), {}));
        loop.run_forever();
    }
    kept.clear();
}

TEST_P(stream_cancellation, is_not_needed_where_the_loop_is_closed) {
    for (const bool handles_outlive : {false, true}) {
        for (auto* work : {read_one, read_with_buffer, read_hundred, read_a_line, write_much, write_much_in_pieces}) {
            drop_in_the_middle(GetParam(), work, handles_outlive);
        }
    }
}

}  // namespace
