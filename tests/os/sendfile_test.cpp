// What sendfile promises, to each kind of stream: to a socket the kernel sends, to one in memory it is read and written.

#include "../io/streams.hpp"
#include "support.hpp"

#include <fermata/task/cancellation.hpp>
#include <fermata/task/with.hpp>

#include <chrono>
#include <string>

namespace {

using namespace fermata;
using tests::scratch_directory;
using tests::text_of_error;
using tests::write_to;

class sendfile_to : public tests::stream_conformance {
protected:
    void SetUp() override {
        stream_conformance::SetUp();
        while (words.size() < 3'000'000) words += std::to_string(words.size()) + " ";
        write_to(path, words);
    }

    scratch_directory scratch;
    std::string path = scratch / "words";
    std::string words;
};

// Enough for as much to be sent as there is room for.
task<> turns() {
    for (int i = 0; i < 100; ++i) co_await sleep(std::chrono::seconds(0));
}

task<> send_all(stream& to, const file& from, std::size_t& sent) {
    sent = co_await fermata::sendfile(to, from);
    to.write_eof();
}

TEST_P(sendfile_to, sends_a_whole_file_to_who_reads_it_slowly) {
    with_streams([&](stream& a, stream& b) -> task<> {
        const file from = co_await open_file(path);
        std::size_t sent = 0;
        auto sending = create_task(send_all(a, from, sent));
        co_await turns();
        const std::string received = co_await b.read();
        co_await sending;
        EXPECT_EQ(sent, words.size());
        EXPECT_TRUE(received == words);
        EXPECT_EQ(from.tell(), words.size());
    });
}

TEST_P(sendfile_to, sends_a_part_and_then_other_things_go_on) {
    with_streams([&](stream& a, stream& b) -> task<> {
        const file from = co_await open_file(path);
        const std::size_t sent = co_await fermata::sendfile(a, from, 1000, 2000);
        EXPECT_EQ(sent, 2000U);
        EXPECT_EQ(from.tell(), 3000U);
        co_await a.write("more");
        const std::string received = co_await b.read_exactly(2004);
        EXPECT_EQ(received, words.substr(1000, 2000) + "more");
        co_await b.write("answer");
        const std::string answer = co_await a.read_exactly(6);
        EXPECT_EQ(answer, "answer");
    });
}

TEST_P(sendfile_to, ends_where_the_file_does) {
    with_streams([&](stream& a, stream& b) -> task<> {
        const file from = co_await open_file(path);
        const std::size_t sent = co_await fermata::sendfile(a, from, words.size() - 10, 100);
        EXPECT_EQ(sent, 10U);
        const std::size_t none = co_await fermata::sendfile(a, from, words.size() + 10);
        EXPECT_EQ(none, 0U);
        const std::string received = co_await b.read_exactly(10);
        EXPECT_EQ(received, words.substr(words.size() - 10));
    });
}

TEST_P(sendfile_to, sends_what_the_kernel_does_not_send_by_itself) {
    with_streams([](stream& a, stream& b) -> task<> {
        const file from = co_await open_file("/proc/self/cmdline");
        const std::string expected = co_await from.read();
        const std::size_t sent = co_await fermata::sendfile(a, from);
        EXPECT_EQ(sent, expected.size());
        const std::string received = co_await b.read_exactly(sent);
        EXPECT_EQ(received, expected);
    });
}

TEST_P(sendfile_to, is_a_write_and_a_use_of_the_file) {
    with_streams([&](stream& a, stream& b) -> task<> {
        const file from = co_await open_file(path);
        std::size_t sent = 0;
        auto sending = create_task(send_all(a, from, sent));
        co_await turns();
        const auto write = [](stream& to) -> task<> { co_await to.write("between"); };
        const std::string of_write = co_await text_of_error(write(a));
        EXPECT_EQ(of_write, "write() called while another coroutine is already writing");
        const std::string of_file = co_await text_of_error(from.read(1));
        EXPECT_EQ(of_file, "the file is being read or written by another coroutine");
        const std::string received = co_await b.read();
        co_await sending;
        EXPECT_TRUE(received == words);
    });
}

TEST_P(sendfile_to, cancelled_leaves_the_position_behind_what_was_sent) {
    with_streams([&](stream& a, stream& b) -> task<> {
        const file from = co_await open_file(path);
        std::size_t sent = 0;
        auto sending = create_task(send_all(a, from, sent));
        co_await turns();
        sending.cancel();
        bool was_cancelled = false;
        try {
            co_await sending;
        } catch (const cancelled_error&) {
            was_cancelled = true;
        }
        EXPECT_TRUE(was_cancelled);
        const std::size_t behind = from.tell();
        EXPECT_GT(behind, 0U);
        EXPECT_LT(behind, words.size());
        a.write_eof();
        const std::string received = co_await b.read();
        EXPECT_TRUE(words.starts_with(received));
        EXPECT_GE(received.size(), behind);
    });
}

TEST_P(sendfile_to, raises_what_is_wrong) {
    with_streams([&](stream& a, stream& b) -> task<> {
        file from = co_await open_file(path);
        const std::string of_count = co_await text_of_error(fermata::sendfile(a, from, 0, 0));
        EXPECT_EQ(of_count, "count must be a positive integer (got 0)");
        const file only_written = co_await open_file(scratch / "new", "w");
        const std::string of_mode = co_await text_of_error(fermata::sendfile(a, only_written));
        EXPECT_EQ(of_mode, "not readable");
        b.close();
        const std::string of_peer = co_await text_of_error(fermata::sendfile(a, from));
        EXPECT_TRUE(of_peer.starts_with("write to ")) << of_peer;
        from.close();
        const std::string of_file = co_await text_of_error(fermata::sendfile(a, from));
        EXPECT_EQ(of_file, "I/O operation on closed file");
    });
}

INSTANTIATE_TEST_SUITE_P(to, sendfile_to, ::testing::ValuesIn(::tests::all_kinds), ::tests::name_of_kind);

}  // namespace
