#include "support.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::open_descriptors;
using tests::text_of_error;

FERMATA_ON_BOTH_BACKENDS(pipe);

/// One of the standard descriptors leads elsewhere for a while.
class replaced {
public:
    replaced(int which, int by) : which_(which), saved_(fcntl(which, F_DUPFD_CLOEXEC, 3)) { dup2(by, which); }
    ~replaced() { restore(); }
    replaced(const replaced&) = delete;
    replaced& operator=(const replaced&) = delete;
    void restore() {
        if (saved_ < 0) return;
        dup2(saved_, which_);
        close(std::exchange(saved_, -1));
    }

private:
    int which_;
    int saved_;
};

bool blocks(int descriptor) { return (fcntl(descriptor, F_GETFL) & O_NONBLOCK) == 0; }

TEST_P(pipe, what_is_written_to_one_end_is_read_from_the_other) {
    const auto main = []() -> task<> {
        auto [reading, writing] = open_pipe();
        co_await writing.write("some words");
        const std::string some = co_await reading.read(4);
        EXPECT_EQ(some, "some");
        writing.close();
        const std::string rest = co_await reading.read();
        EXPECT_EQ(rest, " words");
    };
    const auto before = open_descriptors();
    run(main());
    EXPECT_EQ(open_descriptors(), before);
}

TEST_P(pipe, a_writer_waits_while_it_is_full) {
    const auto write = [](stream& to) -> task<> {
        co_await to.write(std::string(1'000'000, 'x'));
        to.close();
    };
    const auto main = [](auto& writer) -> task<> {
        auto [reading, writing] = open_pipe();
        task_handle<> written = create_task(writer(writing));
        co_await sleep(0s);
        co_await sleep(0s);
        EXPECT_FALSE(written.done());
        const std::string all = co_await reading.read();
        EXPECT_EQ(all.size(), 1'000'000U);
        co_await written;
    };
    run(main(write));
}

TEST_P(pipe, write_eof_ends_it_for_the_reader) {
    const auto main = []() -> task<> {
        auto [reading, writing] = open_pipe();
        writing.write_eof();
        const std::string all = co_await reading.read();
        EXPECT_EQ(all, "");
        EXPECT_THROW(reading.write_eof(), std::system_error);
    };
    run(main());
}

TEST_P(pipe, nobody_reads_is_an_error_and_no_signal) {
    const auto main = []() -> task<std::string> {
        auto [reading, writing] = open_pipe();
        reading.close();
        const auto write = [](stream& to) -> task<> { co_await to.write("x"); };
        co_return co_await text_of_error(write(writing));
    };
    EXPECT_EQ(run(main()), "write to a pipe: Broken pipe");
}

TEST_P(pipe, a_cancelled_read_loses_nothing) {
    const auto main = []() -> task<> {
        auto [reading, writing] = open_pipe();
        const std::string error = co_await text_of_error(wait_for(reading.readline(), 1ms));
        EXPECT_EQ(error, "");
        co_await writing.write("line\n");
        const std::string line = co_await reading.readline();
        EXPECT_EQ(line, "line\n");
    };
    run(main());
}

// The standard streams

TEST_P(pipe, standard_input_is_read_and_stays_blocking_and_open) {
    int both[2];
    ASSERT_EQ(pipe2(both, O_CLOEXEC), 0);
    {
        replaced in_replaced(STDIN_FILENO, both[0]);
        const auto main = [](int other_end) -> task<> {
            stream in = standard_input();
            EXPECT_TRUE(blocks(STDIN_FILENO));
            current_loop().call_soon([other_end] {
                EXPECT_EQ(write(other_end, "first\n", 6), 6);
                current_loop().call_soon([other_end] {
                    EXPECT_EQ(write(other_end, "second", 6), 6);
                    close(other_end);
                });
            });
            const std::string line = co_await in.readline();
            EXPECT_EQ(line, "first\n");
            const std::string rest = co_await in.read();
            EXPECT_EQ(rest, "second");
            EXPECT_TRUE(blocks(STDIN_FILENO));
        };
        run(main(both[1]));
        EXPECT_GE(fcntl(STDIN_FILENO, F_GETFD), 0);
    }
    close(both[0]);
}

TEST_P(pipe, waiting_for_standard_input_does_not_keep_the_loop) {
    int both[2];
    ASSERT_EQ(pipe2(both, O_CLOEXEC), 0);
    {
        replaced in_replaced(STDIN_FILENO, both[0]);
        const auto main = []() -> task<> {
            stream in = standard_input();
            const std::string error = co_await text_of_error(wait_for(in.readline(), 1ms));
            EXPECT_EQ(error, "");
        };
        run(main());
    }
    close(both[0]);
    close(both[1]);
}

TEST_P(pipe, standard_output_waits_for_room_without_keeping_the_loop) {
    int both[2];
    ASSERT_EQ(pipe2(both, O_CLOEXEC), 0);
    const std::string expected = [] {
        std::string made;
        for (int i = 0; made.size() < 300'000; ++i) made += std::to_string(i) + ",";
        return made;
    }();
    std::string got;
    replaced out_replaced(STDOUT_FILENO, both[1]);
    close(both[1]);
    const auto writes = [](const std::string& text) -> task<> {
        stream to = standard_output();
        co_await to.write(text);
        EXPECT_TRUE(blocks(STDOUT_FILENO));
    };
    const auto main = [](auto& writer, const std::string& text, int from, std::string& to) -> task<> {
        task_handle<> written = create_task(writer(text));
        // Were a write to block, this would not be reached.
        std::string buffer(10'000, '\0');
        while (to.size() < text.size()) {
            co_await sleep(0s);
            pollfd readable{from, POLLIN, 0};
            if (poll(&readable, 1, 0) <= 0) continue;
            const ssize_t count = read(from, buffer.data(), buffer.size());
            to.append(buffer, 0, static_cast<std::size_t>(count));
        }
        co_await written;
    };
    run(main(writes, expected, both[0], got));
    out_replaced.restore();
    close(both[0]);
    EXPECT_TRUE(got == expected);
}

TEST_P(pipe, standard_streams_that_are_files_are_read_and_written) {
    tests::scratch_directory scratch;
    std::string text;
    for (int i = 0; text.size() < 200'000; ++i) text += std::to_string(i) + "\n";
    tests::write_to(scratch / "in", text);
    const int from = open((scratch / "in").c_str(), O_RDONLY | O_CLOEXEC);
    const int to = open((scratch / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    {
        replaced in_replaced(STDIN_FILENO, from);
        replaced out_replaced(STDOUT_FILENO, to);
        const auto main = []() -> task<> {
            stream in = standard_input();
            stream out = standard_output();
            for (;;) {
                const std::string some = co_await in.read(50'000);
                if (some.empty()) break;
                co_await out.write(some);
            }
        };
        run(main());
    }
    close(from);
    close(to);
    EXPECT_TRUE(tests::content_of(scratch / "out") == text);
}

TEST_P(pipe, standard_streams_that_are_sockets_are_read_and_written) {
    int both[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both), 0);
    {
        replaced in_replaced(STDIN_FILENO, both[0]);
        const auto main = [](int peer) -> task<> {
            stream in = standard_input();
            current_loop().call_soon([peer] { EXPECT_EQ(write(peer, "hello", 5), 5); });
            const std::string got = co_await in.read(100);
            EXPECT_EQ(got, "hello");
            co_await in.write("answer");
            std::string answer(6, '\0');
            EXPECT_EQ(read(peer, answer.data(), 6), 6);
            EXPECT_EQ(answer, "answer");
            EXPECT_TRUE(blocks(STDIN_FILENO));
        };
        run(main(both[1]));
    }
    close(both[0]);
    close(both[1]);
}

// The user's end, and the program's.
std::pair<int, int> open_terminal() {
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0 || grantpt(terminal) < 0 || unlockpt(terminal) < 0) return {terminal, -1};
    return {terminal, open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC)};
}

TEST_P(pipe, write_eof_of_a_standard_stream_ends_it_for_this_stream_alone) {
    int both[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both), 0);
    const auto [terminal, line] = open_terminal();
    ASSERT_GE(line, 0);
    for (const auto& [ours, theirs] : {std::pair(both[0], both[1]), std::pair(line, terminal)}) {
        replaced in_replaced(STDIN_FILENO, ours);
        const auto main = [](int peer) -> task<> {
            stream in = standard_input();
            task_handle<std::string> reading = create_task(in.readline());
            co_await sleep(0s);
            in.write_eof();
            in.write_eof();
            const auto write_more = [](stream& to) -> task<> { co_await to.write("x"); };
            const std::string error = co_await text_of_error(write_more(in));
            EXPECT_EQ(error, "Cannot call write() after write_eof()");
            EXPECT_EQ(write(STDIN_FILENO, "rest", 4), 4);
            EXPECT_EQ(write(peer, "hello\n", 6), 6);
            const std::string got = co_await reading;
            EXPECT_EQ(got, "hello\n");
        };
        run(main(theirs));
        char rest[4] = {};
        EXPECT_EQ(read(theirs, &rest[0], sizeof rest), 4);
        EXPECT_EQ(std::string(&rest[0], sizeof rest), "rest");
    }
    for (const int each : {both[0], both[1], terminal, line}) close(each);
}

TEST_P(pipe, write_eof_of_standard_output_that_is_a_pipe_gives_up_its_copy) {
    int both[2];
    ASSERT_EQ(pipe2(both, O_CLOEXEC), 0);
    {
        replaced out_replaced(STDERR_FILENO, both[1]);
        replaced in_replaced(STDIN_FILENO, both[0]);
        const auto main = []() -> task<> {
            backend_name();
            const auto before = open_descriptors();
            stream err = standard_error();
            err.write_eof();
            EXPECT_EQ(open_descriptors(), before);
            stream in = standard_input();
            EXPECT_THROW(in.write_eof(), std::system_error);
            co_return;
        };
        run(main());
    }
    close(both[0]);
    close(both[1]);
}

TEST_P(pipe, a_terminal_is_read_and_written) {
    const auto [terminal, line] = open_terminal();
    ASSERT_GE(line, 0);
    {
        replaced in_replaced(STDIN_FILENO, line);
        replaced err_replaced(STDERR_FILENO, line);
        const auto main = [](int user) -> task<> {
            stream in = standard_input();
            stream err = standard_error();
            current_loop().call_soon([user] { EXPECT_EQ(write(user, "typed\n", 6), 6); });
            const std::string typed = co_await in.readline();
            EXPECT_EQ(typed, "typed\n");
            co_await err.write("shown\n");
            EXPECT_TRUE(blocks(STDIN_FILENO));
            const std::string error = co_await text_of_error(wait_for(in.readline(), 1ms));
            EXPECT_EQ(error, "");
        };
        run(main(terminal));
    }
    const std::string expected = "typed\r\nshown\r\n";  // with its echo
    std::string seen;
    // The kernel hands it on in its own time.
    for (pollfd shown{terminal, POLLIN, 0}; seen.size() < expected.size() && poll(&shown, 1, 10'000) > 0;) {
        char some[100];
        const ssize_t got = read(terminal, some, sizeof some);
        if (got <= 0) break;
        seen.append(some, static_cast<std::size_t>(got));
    }
    EXPECT_EQ(seen, expected);
    close(line);
    close(terminal);
}

TEST_P(pipe, a_standard_stream_that_is_closed_raises) {
    replaced in_replaced(STDIN_FILENO, STDIN_FILENO);
    close(STDIN_FILENO);
    const auto main = []() -> task<> {
        standard_input();
        co_return;
    };
    EXPECT_EQ(run(text_of_error(main())), "stdin: Bad file descriptor");
}

TEST_P(pipe, a_closed_standard_stream_leaves_the_descriptor_open) {
    const auto main = []() -> task<> {
        stream out = standard_output();
        out.close();
        EXPECT_GE(fcntl(STDOUT_FILENO, F_GETFD), 0);
        co_return;
    };
    const auto before = open_descriptors();
    run(main());
    EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
