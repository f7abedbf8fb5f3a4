// What is special about streams in memory. That they are streams is tested in tests/io.

#include <fermata/async.hpp>
#include <fermata/testing/gtest.hpp>
#include <fermata/testing/memory_streams.hpp>
#include <fermata/testing/run_test.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

TEST(memory_streams, live_in_virtual_time) {
    run_test([]() -> task<> {
        auto [a, b] = memory_streams();
        bool late = false;
        try {
            co_await wait_for(b.read(1), 24h - 1s);
        } catch (const timeout_error&) {
            late = true;
        }
        EXPECT_TRUE(late);
        EXPECT_EQ(current_loop().time(), 24h - 1s);
        EXPECT_EQ(a.descriptor(), -1);
        EXPECT_EQ(a.name(), "memory stream");
    }());
}

TEST(memory_streams, hold_as_much_as_they_are_told_to) {
    run_test([]() -> task<> {
        auto [a, b] = memory_streams(4);
        co_await a.write("1234");
        auto writing = create_task([](stream& to) -> task<> { co_await to.write("56789"); }(a));
        co_await sleep(1s);
        EXPECT_FALSE(writing.done());
        const std::string four = co_await b.read(10);
        EXPECT_EQ(four, "1234");
        co_await sleep(1s);
        EXPECT_FALSE(writing.done());
        const std::string four_more = co_await b.read(10);
        EXPECT_EQ(four_more, "5678");
        co_await writing;
        const std::string last = co_await b.read(10);
        EXPECT_EQ(last, "9");
    }());
}

TEST(memory_streams, that_wait_for_each_other_are_a_deadlock) {
    const std::string text = [] {
        try {
            run_test([]() -> task<> {
                auto [a, b] = memory_streams();
                auto other = create_task(a.read(1));
                co_await b.read(1);
            }());
        } catch (const deadlock_error& e) {
            return std::string(e.what());
        }
        return std::string("nothing");
    }();
    EXPECT_NE(text.find("Task-"), std::string::npos) << text;
    EXPECT_NE(text.find("memory_streams_test.cpp"), std::string::npos) << text;
}

TEST(memory_streams, say_that_nobody_reads) {
    run_test([]() -> task<> {
        auto [a, b] = memory_streams();
        b.close();
        std::string text;
        try {
            co_await a.write("x");
        } catch (const std::system_error& e) {
            EXPECT_EQ(e.code(), std::errc::broken_pipe);
            text = e.what();
        }
        EXPECT_EQ(text, "write to memory stream: Broken pipe");
    }());
}

TEST(memory_streams, wake_in_the_order_of_what_happens) {
    const auto order = [] {
        std::vector<int> woken;
        run_test([](std::vector<int>& said) -> task<> {
            auto [a, b] = memory_streams();
            auto [c, d] = memory_streams();
            const auto note = [&said](stream& from, int number) -> task<> {
                co_await from.read(1);
                said.push_back(number);
            };
            auto first = create_task(note(b, 1));
            auto second = create_task(note(d, 2));
            co_await sleep(0s);
            co_await c.write("x");
            co_await a.write("x");
            co_await first;
            co_await second;
        }(woken));
        return woken;
    };
    EXPECT_EQ(order(), (std::vector<int>{2, 1}));
    EXPECT_EQ(order(), order());
}

// In whatever order tasks run.
FERMATA_EXPLORE(memory_streams, keep_every_byte_and_its_order, 200) {
    auto [a, b] = memory_streams(3);
    auto writing = create_task([](stream& to) -> task<> {
        for (const std::string_view each : {"one\n", "twotwo\n", "three\n"}) co_await to.write(each);
        to.close();
    }(a));
    std::string got;
    auto reading = create_task([](stream& from, std::string& into) -> task<> {
        for (;;) {
            const std::string line = co_await from.readline();
            if (line.empty()) break;
            into += line;
        }
    }(b, got));
    co_await writing;
    co_await reading;
    EXPECT_EQ(got, "one\ntwotwo\nthree\n");
}

TEST(memory_streams, need_a_loop_and_room) {
    EXPECT_THROW(memory_streams(), runtime_error);
    run_test([]() -> task<> {
        EXPECT_THROW(memory_streams(0), value_error);
        co_return;
    }());
}

}  // namespace
