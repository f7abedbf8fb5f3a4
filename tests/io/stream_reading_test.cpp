// Reading: what CPython 3.13's StreamReader does with the same bytes is what is expected here.

#include "streams.hpp"

namespace {

using namespace tests;

FERMATA_OVER_ALL_STREAMS(stream_reading);
#ifndef FERMATA_TESTS_OVER_TLS  // which answers
INSTANTIATE_TEST_SUITE_P(over_pipe, stream_reading, ::testing::ValuesIn(pipe_kinds), name_of_kind);
#endif

TEST_P(stream_reading, gives_what_there_is_and_no_more_than_the_buffer_takes) {
    with_streams([](stream& a, stream& b) -> task<> {
        co_await a.write("hello world");
        char buffer[64];
        std::string all;
        while (all.size() < 5) {
            const std::size_t size = co_await b.read(std::span<char>(buffer, 5 - all.size()));
            EXPECT_GT(size, 0U);
            all.append(buffer, size);
        }
        EXPECT_EQ(all, "hello");
        while (all.size() < 11) {
            const std::size_t size = co_await b.read(buffer);
            EXPECT_GT(size, 0U);
            all.append(buffer, size);
        }
        EXPECT_EQ(all, "hello world");
    });
}

TEST_P(stream_reading, into_nothing_gives_nothing_and_waits_for_nothing) {
    with_streams([](stream& a, stream& b) -> task<> {
        const std::size_t none = co_await b.read(std::span<char>());
        EXPECT_EQ(none, 0U);
        const std::string empty = co_await b.read(0);
        EXPECT_EQ(empty, "");
        const std::string exactly_none = co_await b.read_exactly(0);
        EXPECT_EQ(exactly_none, "");
        EXPECT_FALSE(b.at_eof());
        co_await a.write("x");
        const std::string still_there = co_await b.read(1);
        EXPECT_EQ(still_there, "x");
    });
}

TEST_P(stream_reading, waits_until_there_is_something) {
    with_streams([](stream& a, stream& b) -> task<> {
        auto reading = create_task(b.read(10));
        co_await turns(3);
        EXPECT_FALSE(reading.done());
        co_await a.write("late");
        const std::string got = co_await reading;
        EXPECT_EQ(got, "late");
    });
}

TEST_P(stream_reading, gives_the_end_again_and_again) {
    with_streams([](stream& a, stream& b) -> task<> {
        co_await a.write("last");
        a.close();
        const std::string last = co_await b.read_exactly(4);
        EXPECT_EQ(last, "last");
        for (int i = 0; i < 3; ++i) {
            char buffer[8];
            const std::size_t size = co_await b.read(buffer);
            EXPECT_EQ(size, 0U);
            EXPECT_TRUE(b.at_eof());
        }
        const std::string some = co_await b.read(5);
        EXPECT_EQ(some, "");
        const std::string all = co_await b.read();
        EXPECT_EQ(all, "");
        const std::string line = co_await b.readline();
        EXPECT_EQ(line, "");
    });
}

TEST_P(stream_reading, reads_all_until_the_end) {
    with_streams([](stream& a, stream& b) -> task<> {
        const std::string sent = many_bytes(300'000);
        auto writing = create_task(write_all(a, sent));
        auto reading = create_task(b.read());
        co_await writing;
        EXPECT_FALSE(reading.done());
        a.write_eof();
        const std::string got = co_await reading;
        EXPECT_EQ(got, sent);
        EXPECT_TRUE(b.at_eof());
    });
}

TEST_P(stream_reading, is_at_the_end_only_when_all_is_read) {
    with_streams([](stream& a, stream& b) -> task<> {
        co_await a.write("one\ntwo");
        a.close();
        const std::string one = co_await b.readline();
        EXPECT_EQ(one, "one\n");
        EXPECT_FALSE(b.at_eof());
        const std::string two = co_await b.readline();
        EXPECT_EQ(two, "two");
        EXPECT_TRUE(b.at_eof());
    });
}

// read_exactly

TEST_P(stream_reading, reads_exactly_what_comes_in_parts_and_leaves_the_rest) {
    with_streams([](stream& a, stream& b) -> task<> {
        auto reading = create_task(b.read_exactly(6));
        for (const std::string_view part : {"ab", "cd", "efgh"}) {
            co_await turns(2);
            EXPECT_FALSE(reading.done());
            co_await a.write(part);
        }
        const std::string six = co_await reading;
        EXPECT_EQ(six, "abcdef");
        const std::string rest = co_await b.read_exactly(2);
        EXPECT_EQ(rest, "gh");
    });
}

TEST_P(stream_reading, exactly_many_megabytes) {
    with_streams([](stream& a, stream& b) -> task<> {
        const std::string sent = many_bytes(3'000'000);
        auto writing = create_task(write_all(a, sent));
        const std::string got = co_await b.read_exactly(sent.size());
        EXPECT_EQ(got, sent);
        co_await writing;
    });
}

TEST_P(stream_reading, exactly_more_than_memory_holds_takes_it_for_what_comes) {
    with_streams([](stream& a, stream& b) -> task<> {
        constexpr std::size_t no_memory_has = std::size_t{1} << 60;
        const std::string sent = many_bytes(3'000'000);
        auto writing = create_task(write_all(a, sent));
        auto reading = create_task(b.read_exactly(no_memory_has));
        co_await writing;
        co_await turns(3);
        EXPECT_FALSE(reading.done());
        reading.cancel();
        const bool cancelled = co_await ends_cancelled(reading);
        EXPECT_TRUE(cancelled);
        const std::string got = co_await b.read_exactly(sent.size() - 1);
        EXPECT_TRUE(std::string_view(sent).starts_with(got));
        a.close();
        std::string partial;
        try {
            co_await b.read_exactly(no_memory_has);
        } catch (const incomplete_read_error& e) {
            partial = e.partial();
        }
        EXPECT_EQ(partial, sent.substr(sent.size() - 1));
    });
}

TEST_P(stream_reading, exactly_more_than_comes_raises_with_what_came) {
    with_streams([](stream& a, stream& b) -> task<> {
        co_await a.write("abc");
        a.close();
        std::string text;
        try {
            co_await b.read_exactly(5);
        } catch (const incomplete_read_error& e) {
            EXPECT_EQ(e.partial(), "abc");
            EXPECT_EQ(e.expected(), 5U);
            text = e.what();
        }
        EXPECT_EQ(text, "3 bytes read on a total of 5 expected bytes");
        const std::string again = co_await raised_by(b.read_exactly(5));
        EXPECT_EQ(again, "0 bytes read on a total of 5 expected bytes");
    });
}

TEST_P(stream_reading, one_way_goes_on_where_the_other_has_stopped) {
    with_streams([](stream& a, stream& b) -> task<> {
        co_await a.write("head\nbody and more");
        const std::string head = co_await b.readline();
        EXPECT_EQ(head, "head\n");
        char buffer[4];
        std::size_t size = 0;
        while (size < 4) size += co_await b.read(std::span<char>(buffer).subspan(size));
        EXPECT_EQ(std::string(buffer, 4), "body");
        const std::string one = co_await b.read(1);
        EXPECT_EQ(one, " ");
        const std::string exactly = co_await b.read_exactly(8);
        EXPECT_EQ(exactly, "and more");
    });
}

}  // namespace
