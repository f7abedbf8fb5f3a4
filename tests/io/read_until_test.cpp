// Reading up to a separator, and lines: what CPython 3.13's StreamReader does with the same bytes.

#include "streams.hpp"

namespace {

using namespace tests;

FERMATA_OVER_ALL_STREAMS(read_until);
INSTANTIATE_TEST_SUITE_P(over_pipe, read_until, ::testing::ValuesIn(pipe_kinds), name_of_kind);
INSTANTIATE_TEST_SUITE_P(over_little, read_until, ::testing::ValuesIn(stingy_kinds), name_of_kind);

TEST_P(read_until, gives_it_with_the_separator_and_leaves_the_rest) {
    with_streams([](stream& a, stream& b) -> task<> {
        co_await a.write("a;;b;;c");
        a.close();
        const std::string first = co_await b.read_until(";;");
        EXPECT_EQ(first, "a;;");
        const std::string second = co_await b.read_until(";;");
        EXPECT_EQ(second, "b;;");
        const std::string rest = co_await b.read();
        EXPECT_EQ(rest, "c");
    });
}

TEST_P(read_until, finds_a_separator_that_comes_in_parts) {
    with_streams([](stream& a, stream& b) -> task<> {
        auto reading = create_task(b.read_until("\r\n\r\n"));
        for (const std::string_view part : {"x\r", "\n\r", "y\r\n", "\r", "\nz"}) {
            EXPECT_FALSE(reading.done());
            co_await a.write(part);
            co_await turns(3);
        }
        const std::string head = co_await reading;
        EXPECT_EQ(head, "x\r\n\ry\r\n\r\n");
        const std::string rest = co_await b.read_exactly(1);
        EXPECT_EQ(rest, "z");
    });
}

TEST_P(read_until, finds_a_separator_that_begins_like_itself) {
    with_streams([](stream& a, stream& b) -> task<> {
        auto reading = create_task(b.read_until("aab"));
        for (const std::string_view part : {"a", "a", "a", "b"}) {
            co_await a.write(part);
            co_await turns(3);
        }
        const std::string got = co_await reading;
        EXPECT_EQ(got, "aaab");
    });
}

TEST_P(read_until, raises_with_what_came_where_the_end_comes_first) {
    with_streams([](stream& a, stream& b) -> task<> {
        co_await a.write("abc");
        a.close();
        std::string text;
        try {
            co_await b.read_until(";");
        } catch (const incomplete_read_error& e) {
            EXPECT_EQ(e.partial(), "abc");
            EXPECT_EQ(e.expected(), 0U);
            text = e.what();
        }
        EXPECT_EQ(text, "3 bytes read on a total of undefined expected bytes");
        EXPECT_TRUE(b.at_eof());
    });
}

TEST_P(read_until, needs_a_separator) {
    with_streams([](stream&, stream& b) -> task<> {
        const std::string text = co_await raised_by(b.read_until(""));
        EXPECT_EQ(text, "Separator should be at least one-byte string");
    });
}

TEST_P(read_until, raises_where_the_separator_is_beyond_the_limit_and_leaves_all) {
    with_streams([](stream& a, stream& b) -> task<> {
        b.set_limit(4);
        co_await a.write("12345;67");
        a.close();
        const std::string text = co_await raised_by(b.read_until(";"));
        EXPECT_TRUE(text == "Separator is found, but chunk is longer than limit" ||
                    text == "Separator is not found, and chunk exceed the limit")
            << text;
        const std::string left = co_await b.read();
        EXPECT_EQ(left, "12345;67");
    });
}

TEST_P(read_until, takes_what_is_as_long_as_the_limit) {
    with_streams([](stream& a, stream& b) -> task<> {
        b.set_limit(4);
        co_await a.write("1234;");
        const std::string got = co_await b.read_until(";");
        EXPECT_EQ(got, "1234;");
    });
}

TEST_P(read_until, raises_where_no_separator_comes_within_the_limit_and_leaves_all) {
    with_streams([](stream& a, stream& b) -> task<> {
        b.set_limit(4);
        co_await a.write("123456789");
        a.close();
        const std::string text = co_await raised_by(b.read_until("##"));
        EXPECT_EQ(text, "Separator is not found, and chunk exceed the limit");
        const std::string left = co_await b.read();
        EXPECT_EQ(left, "123456789");
    });
}

// The numbers are CPython's.
TEST(read_until_in_memory, says_how_much_can_be_read_before_the_separator) {
    run_test([]() -> task<> {
        const auto consumed = [](std::string_view bytes, std::string separator) -> task<std::size_t> {
            auto [a, b] = memory_streams();
            b.set_limit(4);
            co_await a.write(bytes);
            std::size_t count = 0;
            try {
                co_await b.read_until(std::move(separator));
            } catch (const limit_overrun_error& e) {
                count = e.consumed();
            }
            const std::string left = co_await b.read_exactly(bytes.size());
            EXPECT_EQ(left, bytes);
            co_return count;
        };
        const std::size_t found = co_await consumed("12345;67", ";");
        EXPECT_EQ(found, 5U);
        const std::size_t not_found = co_await consumed("123456789", "##");
        EXPECT_EQ(not_found, 8U);
        const std::size_t half_found = co_await consumed("123456789#", "##");
        EXPECT_EQ(half_found, 9U);
    }());
}

// Lines

FERMATA_OVER_ALL_STREAMS(readline);
INSTANTIATE_TEST_SUITE_P(over_pipe, readline, ::testing::ValuesIn(pipe_kinds), name_of_kind);

TEST_P(readline, gives_each_with_its_newline_but_the_last_may_lack_it) {
    with_streams([](stream& a, stream& b) -> task<> {
        co_await a.write("one\n\nthree\r\nfour");
        a.close();
        for (const std::string_view expected : {"one\n", "\n", "three\r\n", "four", "", ""}) {
            const std::string line = co_await b.readline();
            EXPECT_EQ(line, expected);
        }
    });
}

TEST_P(readline, reads_lines_that_are_as_long_as_the_limit_and_longer_than_a_packet) {
    with_streams([](stream& a, stream& b) -> task<> {
        const std::string line = std::string(b.limit(), 'x') + "\n";
        const std::string sent = line + line + line;
        auto writing = create_task(write_all(a, sent));
        for (int i = 0; i < 3; ++i) {
            const std::string got = co_await b.readline();
            EXPECT_EQ(got, line);
        }
        co_await writing;
    });
}

// Over the kernel it is not known how much of a line has come when its length is seen; in memory all has.
TEST(readline_in_memory, raises_where_it_is_longer_than_the_limit_and_goes_on_behind_it) {
    run_test([]() -> task<> {
        auto [a, b] = memory_streams();
        b.set_limit(4);
        co_await a.write("-\n1234567\nnext\n123456789");
        const std::string before = co_await b.readline();
        EXPECT_EQ(before, "-\n");
        const std::string text = co_await raised_by(b.readline());
        EXPECT_EQ(text, "Separator is found, but chunk is longer than limit");
        const std::string next = co_await b.readline();
        EXPECT_EQ(next, "next\n");
        const std::string endless = co_await raised_by(b.readline());
        EXPECT_EQ(endless, "Separator is not found, and chunk exceed the limit");
        co_await a.write("ab\n");
        const std::string rest = co_await b.readline();
        EXPECT_EQ(rest, "ab\n");
    }());
}

TEST_P(readline, raises_where_it_is_longer_than_the_limit_and_comes_to_the_next) {
    with_streams([](stream& a, stream& b) -> task<> {
        b.set_limit(4);
        co_await a.write("1234567\nnext\n");
        a.write_eof();
        const std::string text = co_await raised_by(b.readline());
        EXPECT_TRUE(text == "Separator is found, but chunk is longer than limit" ||
                    text == "Separator is not found, and chunk exceed the limit")
            << text;
        std::string last;
        for (int i = 0; i < 3 && last != "next\n"; ++i) last = co_await b.readline();
        EXPECT_EQ(last, "next\n");
    });
}

TEST_P(readline, drops_what_has_come_of_a_line_without_end) {
    with_streams([](stream& a, stream& b) -> task<> {
        b.set_limit(4);
        co_await a.write("123456789");
        const std::string text = co_await raised_by(b.readline());
        EXPECT_EQ(text, "Separator is not found, and chunk exceed the limit");
        co_await a.write("ab\n");
        std::string rest = co_await b.readline();
        EXPECT_TRUE(rest.ends_with("ab\n")) << rest;
        EXPECT_LE(rest.size(), 7U);
    });
}

}  // namespace
