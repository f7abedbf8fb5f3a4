// The texts of errors about modes are CPython 3.13's, recorded by running it.

#include "support.hpp"

#include <fermata/iteration/lines.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::content_of;
using tests::open_descriptors;
using tests::scratch_directory;
using tests::text_of_error;
using tests::write_to;

FERMATA_ON_BOTH_BACKENDS(file);
using open_file_handle = fermata::file;

std::string numbers(std::size_t size) {
    std::string made;
    for (int i = 0; made.size() < size; ++i) made += std::to_string(i) + "\n";
    return made;
}

task<std::string> error_of_opening(std::string path, std::string mode) {
    const auto opens = [](const std::string& at, const std::string& in) -> task<> {
        const open_file_handle opened = co_await open_file(at, in);
    };
    co_return co_await text_of_error(opens(path, mode));
}

TEST_P(file, is_read_in_parts_and_to_its_end) {
    const scratch_directory scratch;
    write_to(scratch / "f", "some words");
    const auto main = [](std::string path) -> task<> {
        open_file_handle f = co_await open_file(path);
        const std::string part = co_await f.read(4);
        EXPECT_EQ(part, "some");
        EXPECT_EQ(f.tell(), 4U);
        const std::string rest = co_await f.read();
        EXPECT_EQ(rest, " words");
        const std::string more = co_await f.read();
        EXPECT_EQ(more, "");
        const std::string none = co_await f.read(10);
        EXPECT_EQ(none, "");
        f.seek(5);
        const std::string beyond = co_await f.read(100);
        EXPECT_EQ(beyond, "words");
        EXPECT_EQ(f.name(), path);
    };
    const auto before = open_descriptors();
    run(main(scratch / "f"));
    EXPECT_EQ(open_descriptors(), before);
}

TEST_P(file, larger_ones_arrive_whole) {
    const scratch_directory scratch;
    const std::string text = numbers(5'000'000);
    const auto main = [](std::string path, const std::string& written) -> task<> {
        open_file_handle f = co_await open_file(path, "w+");
        co_await f.write(written);
        f.seek(0);
        const std::string part = co_await f.read(3'000'000);
        const std::string rest = co_await f.read();
        EXPECT_TRUE(part + rest == written);
    };
    run(main(scratch / "f", text));
    EXPECT_TRUE(content_of(scratch / "f") == text);
}

TEST_P(file, one_whose_size_is_not_known_is_read_to_its_end) {
    const auto main = []() -> task<> {
        open_file_handle f = co_await open_file("/proc/self/status");
        const std::string all = co_await f.read();
        EXPECT_TRUE(all.starts_with("Name:")) << all;
        EXPECT_NE(all.find("nonvoluntary_ctxt_switches"), std::string::npos);
    };
    run(main());
}

TEST_P(file, modes_are_pythons) {
    const scratch_directory scratch;
    const auto main = [](std::string path) -> task<> {
        open_file_handle f = co_await open_file(path, "w");
        co_await f.write("first ");
        co_await f.write("second");
        f.close();
        EXPECT_EQ(content_of(path), "first second");
        f = co_await open_file(path, "ab");
        EXPECT_EQ(f.tell(), 12U);
        co_await f.write(" third");
        EXPECT_EQ(f.tell(), 18U);
        f = co_await open_file(path, "r+");
        co_await f.write("FIRST");
        const std::string rest = co_await f.read();
        EXPECT_EQ(rest, " second third");
        f = co_await open_file(path, "a+");
        f.seek(0);
        const std::string start = co_await f.read(5);
        EXPECT_EQ(start, "FIRST");
        co_await f.write("!");
        EXPECT_EQ(content_of(path), "FIRST second third!");
        f = co_await open_file(path, "w");
        EXPECT_EQ(content_of(path), "");
        const std::string error = co_await error_of_opening(path, "x");
        EXPECT_EQ(error, "open " + path + ": File exists");
        f = co_await open_file(path + "-new", "x");
        co_await f.write("made");
        EXPECT_EQ(content_of(path + "-new"), "made");
    };
    run(main(scratch / "f"));
}

TEST_P(file, what_cannot_be_opened_raises_with_the_path) {
    const auto main = []() -> task<> {
        std::string error = co_await error_of_opening("/nowhere", "r");
        EXPECT_EQ(error, "open /nowhere: No such file or directory");
        error = co_await error_of_opening("/tmp", "r");
        EXPECT_EQ(error, "open /tmp: Is a directory");
        error = co_await error_of_opening("/tmp", "w");
        EXPECT_EQ(error, "open /tmp: Is a directory");
        error = co_await error_of_opening(std::string("a\0b", 3), "r");
        EXPECT_EQ(error, "embedded null byte");
    };
    const auto before = open_descriptors();
    run(main());
    EXPECT_EQ(open_descriptors(), before);
}

TEST_P(file, wrong_modes_raise_pythons_errors) {
    const auto main = []() -> task<> {
        for (const char* mode : {"q", "rr", "r++", "U"}) {
            const std::string error = co_await error_of_opening("/dev/null", mode);
            EXPECT_EQ(error, "invalid mode: '" + std::string(mode) + "'");
        }
        std::string error = co_await error_of_opening("/dev/null", "");
        EXPECT_EQ(error, "Must have exactly one of create/read/write/append mode and at most one plus");
        error = co_await error_of_opening("/dev/null", "rw");
        EXPECT_EQ(error, "must have exactly one of create/read/write/append mode");
        error = co_await error_of_opening("/dev/null", "rbt");
        EXPECT_EQ(error, "can't have text and binary mode at once");
    };
    run(main());
}

TEST_P(file, what_its_mode_does_not_allow_raises) {
    const scratch_directory scratch;
    const auto main = [](std::string path) -> task<> {
        open_file_handle f = co_await open_file(path, "w");
        std::string error = co_await text_of_error(f.read());
        EXPECT_EQ(error, "not readable");
        error = co_await text_of_error(f.pread(1, 0));
        EXPECT_EQ(error, "not readable");
        f = co_await open_file(path);
        error = co_await text_of_error(f.write("x"));
        EXPECT_EQ(error, "not writable");
        f.close();
        f.close();
        EXPECT_TRUE(f.closed());
        EXPECT_EQ(f.descriptor(), -1);
        error = co_await text_of_error(f.read(1));
        EXPECT_EQ(error, "I/O operation on closed file");
        EXPECT_THROW(static_cast<void>(f.tell()), value_error);
        const open_file_handle none;
        error = co_await text_of_error(none.fsync());
        EXPECT_EQ(error, "I/O operation on closed file");
    };
    run(main(scratch / "f"));
}

TEST_P(file, errors_of_the_system_name_the_operation_and_the_path) {
    const auto main = []() -> task<> {
        open_file_handle f = co_await open_file("/dev/full", "w");
        const std::string error = co_await text_of_error(f.write("x"));
        EXPECT_EQ(error, "write /dev/full: No space left on device");
        open_file_handle memory = co_await open_file("/proc/self/mem");
        const std::string other = co_await text_of_error(memory.read(1));
        EXPECT_EQ(other, "read /proc/self/mem: Input/output error");
    };
    run(main());
}

TEST_P(file, positional_calls_leave_the_position_alone_and_may_run_side_by_side) {
    const scratch_directory scratch;
    const auto main = [](std::string path) -> task<> {
        open_file_handle f = co_await open_file(path, "w+");
        co_await f.write("0123456789");
        co_await gather(f.pwrite("AB", 2), f.pwrite("CD", 6));
        EXPECT_EQ(f.tell(), 10U);
        auto both = gather(f.pread(3, 1), f.pread(100, 7));
        auto [one, two] = co_await std::move(both);
        EXPECT_EQ(one, "1AB");
        EXPECT_EQ(two, "D89");
        const std::string beyond = co_await f.pread(5, 1000);
        EXPECT_EQ(beyond, "");
    };
    run(main(scratch / "f"));
    EXPECT_EQ(content_of(scratch / "f"), "01AB45CD89");
}

TEST_P(file, two_that_use_the_position_at_once_are_told) {
    const scratch_directory scratch;
    write_to(scratch / "f", "words");
    const auto main = [](std::string path) -> task<> {
        open_file_handle f = co_await open_file(path);
        auto both = gather(return_exceptions, f.read(1'000'000), f.read());
        auto [one, two] = co_await std::move(both);
        EXPECT_EQ(one.value(), "words");
        EXPECT_EQ(tests::what_of(two.exception()), "the file is being read or written by another coroutine");
    };
    run(main(scratch / "f"));
}

TEST_P(file, is_there_at_once_when_the_kernel_has_it_in_memory) {
    const scratch_directory scratch;
    write_to(scratch / "f", "words");
    struct stat on{};
    ::stat((scratch / "f").c_str(), &on);
    if (major(on.st_dev) == 0) GTEST_SKIP() << "the directory for temporary files is on no disk";
    const auto main = [](std::string path) -> task<> {
        bool turned = false;
        current_loop().call_soon([&] { turned = true; });
        open_file_handle f = co_await open_file(path);
        const file_status status = co_await f.stat();
        EXPECT_EQ(status.size, 5U);
        EXPECT_FALSE(turned);
        const std::string read = co_await f.pread(5, 0);
        EXPECT_EQ(read, "words");
        EXPECT_EQ(turned, backend_name() == "io_uring");  // of a read the ring tells in the next turn
        open_file_handle changing = co_await open_file(path, "r+");
        co_await changing.pwrite("W", 0);
        const std::string changed = co_await f.pread(5, 0);
        EXPECT_EQ(changed, "Words");
    };
    run(main(scratch / "f"));
}

TEST_P(file, that_is_in_memory_leaves_others_their_turn) {
    const scratch_directory scratch;
    write_to(scratch / "f", "words");
    const auto main = [](std::string path) -> task<> {
        open_file_handle f = co_await open_file(path);
        bool turned = false;
        current_loop().call_soon([&] { turned = true; });
        for (int i = 0; i < 100; ++i) {
            co_await f.stat();
            co_await f.pread(5, 0);
        }
        EXPECT_TRUE(turned);
    };
    run(main(scratch / "f"));
}

TEST_P(file, that_outlives_its_loop_says_so) {
    open_file_handle kept;
    const auto opens = [&]() -> task<> { kept = co_await open_file("/proc/self/stat"); };
    const auto reads = [&]() -> task<> {
        const std::string text = co_await text_of_error(kept.read());
        EXPECT_EQ(text, "Event loop is closed");
    };
    runs(opens);
    runs(reads);
}

TEST_P(file, that_somebody_has_a_lease_on_holds_up_who_opens_it_and_nobody_else) {
    const scratch_directory scratch;
    write_to(scratch / "f", "leased");
    const auto before = std::signal(SIGIO, SIG_IGN);
    const int leased = ::open((scratch / "f").c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_GE(leased, 0);
    if (fcntl(leased, F_SETLEASE, F_WRLCK) < 0) GTEST_SKIP() << "no leases here";
    runs_in_real_time([&]() -> task<> {
        auto opening = create_task(open_file(scratch / "f"));
        co_await sleep(50ms);
        EXPECT_FALSE(opening.done());
        fcntl(leased, F_SETLEASE, F_UNLCK);
        const open_file_handle opened = co_await std::move(opening);
        EXPECT_EQ(fcntl(opened.descriptor(), F_GETFL) & O_NONBLOCK, 0);
    });
    ::close(leased);
    std::signal(SIGIO, before);
}

TEST_P(file, one_that_was_moved_from_is_closed) {
    const scratch_directory scratch;
    write_to(scratch / "f", "words");
    const auto main = [](std::string path) -> task<> {
        open_file_handle f = co_await open_file(path);
        const open_file_handle moved = std::move(f);
        // NOLINTBEGIN(bugprone-use-after-move)
        EXPECT_FALSE(f);
        EXPECT_TRUE(f.closed());
        EXPECT_THROW(f.name(), value_error);
        EXPECT_THROW(f.status_when_opened(), value_error);
        // NOLINTEND(bugprone-use-after-move)
        EXPECT_EQ(moved.name(), path);
    };
    run(main(scratch / "f"));
}

TEST_P(file, stat_tells_its_size_and_fsync_succeeds) {
    const scratch_directory scratch;
    const auto main = [](std::string path) -> task<> {
        open_file_handle f = co_await open_file(path, "w");
        co_await f.write("12345");
        co_await f.fsync();
        const file_status status = co_await f.stat();
        EXPECT_EQ(status.size, 5U);
        EXPECT_TRUE(S_ISREG(status.mode));
        struct stat expected{};
        ::stat(path.c_str(), &expected);
        EXPECT_EQ(status.modified,
                  std::chrono::seconds(expected.st_mtim.tv_sec) + std::chrono::nanoseconds(expected.st_mtim.tv_nsec));
    };
    run(main(scratch / "f"));
}

TEST_P(file, is_not_inherited_by_children) {
    const auto main = []() -> task<> {
        const open_file_handle f = co_await open_file("/dev/null");
        EXPECT_EQ(fcntl(f.descriptor(), F_GETFD), FD_CLOEXEC);
    };
    run(main());
}

// A named pipe that nobody writes to: a read that waits for as long as the test likes.
class quiet_pipe {
public:
    quiet_pipe() { mkfifo(path().c_str(), 0600); }
    std::string path() const { return scratch_ / "pipe"; }

private:
    scratch_directory scratch_;
};

TEST_P(file, a_cancelled_read_ends_and_its_buffer_is_not_written_to) {
    const quiet_pipe quiet;
    const auto main = [](std::string path) -> task<> {
        // Both ways, so that it opens at once and has no end.
        open_file_handle f = co_await open_file(path, "r+");
        EXPECT_THROW(static_cast<void>(f.tell()), unsupported_operation);
        task_handle<std::string> reading = create_task(f.read_some(100));
        for (int i = 0; i < 3; ++i) co_await sleep(1ms);
        EXPECT_FALSE(reading.done());
        reading.cancel();
        const std::string error =
            co_await text_of_error([](task_handle<std::string> of) -> task<> { co_await of; }(reading));
        EXPECT_EQ(error, "CancelledError");
        // The thread that may still read must not keep the loop for ever.
        co_await f.write("let go");
    };
    const auto before = open_descriptors();
    run(main(quiet.path()));
    EXPECT_EQ(open_descriptors(), before);
}

TEST_P(file, one_that_is_closed_while_it_is_read_keeps_its_descriptor_until_then) {
    const quiet_pipe quiet;
    const auto main = [](std::string path) -> task<> {
        open_file_handle writing = co_await open_file(path, "r+");
        open_file_handle f = co_await open_file(path, "r");
        task_handle<std::string> reading = create_task(f.read_some(100));
        for (int i = 0; i < 3; ++i) co_await sleep(1ms);
        f.close();
        EXPECT_TRUE(f.closed());
        co_await writing.write("late");
        const std::string& got = co_await reading;
        EXPECT_EQ(got, "late");
    };
    const auto before = open_descriptors();
    run(main(quiet.path()));
    EXPECT_EQ(open_descriptors(), before);
}

TEST_P(file, a_cancelled_opening_leaks_nothing) {
    const quiet_pipe quiet;
    const auto main = [](std::string path) -> task<> {
        // It waits for a writer.
        task_handle<open_file_handle> opening = create_task(open_file(path));
        for (int i = 0; i < 3; ++i) co_await sleep(1ms);
        EXPECT_FALSE(opening.done());
        opening.cancel();
        const std::vector<task_handle<open_file_handle>> all = {opening};
        co_await wait(all);
        EXPECT_TRUE(opening.cancelled());
        open_file_handle lets_go = co_await open_file(path, "r+");
    };
    const auto before = open_descriptors();
    run(main(quiet.path()));
    EXPECT_EQ(open_descriptors(), before);
}

// Lines

task<std::vector<std::string>> lines_of(std::string path) {
    std::vector<std::string> all;
    auto lines = async_lines(path);
    while (auto line = co_await lines.next()) all.push_back(*line);
    co_return all;
}

TEST_P(file, lines_end_as_in_pythons_text_mode) {
    const scratch_directory scratch;
    write_to(scratch / "f", "unix\nwindows\r\nmac\r\r\n\nlast");
    const std::vector<std::string> expected = {"unix\n", "windows\n", "mac\n", "\n", "\n", "last"};
    EXPECT_EQ(run(lines_of(scratch / "f")), expected);
    write_to(scratch / "empty", "");
    EXPECT_TRUE(run(lines_of(scratch / "empty")).empty());
}

TEST_P(file, lines_are_those_of_the_synchronous_function_across_buffers) {
    const scratch_directory scratch;
    std::string text(64 * 1024 - 1, 'x');
    text += "\r\n";  // the "\n" begins the second buffer
    text.append(200'000, 'y').append("\n").append(numbers(300'000)).append("\r\rend\r");
    write_to(scratch / "f", text);
    std::vector<std::string> expected;
    for (std::string& line : fermata::lines(scratch / "f")) expected.push_back(line);
    EXPECT_TRUE(run(lines_of(scratch / "f")) == expected);
}

TEST_P(file, lines_that_are_left_close_the_file) {
    const scratch_directory scratch;
    write_to(scratch / "f", numbers(500'000));
    const auto main = [](std::string path) -> task<> {
        auto lines = async_lines(path);
        const auto first = co_await lines.next();
        EXPECT_EQ(*first, "0\n");
        const auto before = open_descriptors();
        co_await lines.aclose();
        EXPECT_EQ(open_descriptors(), before - 1);
    };
    run(main(scratch / "f"));
}

TEST_P(file, lines_of_a_missing_file_raise_at_the_first_step) {
    EXPECT_EQ(run(text_of_error(lines_of("/nowhere"))), "open /nowhere: No such file or directory");
}

TEST_P(file, is_false_until_one_is_opened) {
    const scratch_directory scratch;
    write_to(scratch / "f", "words");
    const auto main = [](std::string path) -> task<> {
        open_file_handle f;
        EXPECT_FALSE(f);
        f = co_await open_file(path);
        EXPECT_TRUE(f);
    };
    run(main(scratch / "f"));
}

}  // namespace
