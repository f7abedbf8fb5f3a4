#include <fermata/iteration/lines.hpp>

#include <fermata/iteration/enumerate.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <ios>
#include <ranges>
#include <sstream>
#include <streambuf>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <type_traits>
#include <unistd.h>
#include <utility>
#include <vector>

using fermata::iter;
using fermata::lines;
using fermata::next;
using namespace std::string_literals;

namespace {

using texts = std::vector<std::string>;

// A file of its own for each test, gone with it.
class scratch_file {
public:
    explicit scratch_file(std::string_view content)
        : path_(testing::TempDir() + "fermata_lines_" + std::to_string(getpid())) {
        std::ofstream(path_, std::ios::binary) << content;
    }
    scratch_file(const scratch_file&) = delete;
    scratch_file& operator=(const scratch_file&) = delete;
    ~scratch_file() { std::filesystem::remove(path_); }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

template <class Lines>
texts all(Lines&& source) {
    texts read;
    for (const std::string& line : source) read.push_back(line);
    return read;
}

texts of_file(std::string_view content) {
    const scratch_file file(content);
    return all(lines(file.path()));
}

texts of_stream(std::string content) {
    std::istringstream stream(std::move(content));
    return all(lines(stream));
}

texts of_open_file(std::string_view content) {
    const scratch_file file(content);
    std::FILE* open = std::fopen(file.path().c_str(), "rb");
    texts read = all(lines(open));
    std::fclose(open);
    return read;
}

// Fails where the call does not raise a std::system_error of this text.
template <class Call>
std::string os_error(Call&& call) {
    try {
        std::forward<Call>(call)();
    } catch (const std::system_error& e) {
        return e.what();
    }
    return "(raised nothing)";
}

// What is left in a pipe, and may be written to bit by bit.
class pipe_ends {
public:
    pipe_ends() {
        int ends[2];
        if (pipe(ends) != 0) throw std::runtime_error("pipe");
        reading = fdopen(ends[0], "rb");
        writing_ = ends[1];
    }
    pipe_ends(const pipe_ends&) = delete;
    pipe_ends& operator=(const pipe_ends&) = delete;
    ~pipe_ends() {
        finish();
        std::fclose(reading);
    }
    void write(std::string_view text) const {
        ASSERT_EQ(::write(writing_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    void finish() {
        if (writing_ >= 0) close(std::exchange(writing_, -1));
    }

    std::FILE* reading;

private:
    int writing_;
};

}  // namespace

// The expectations are what CPython gives for open(path) and for io.StringIO(text, newline=None).
TEST(lines, end_with_their_newline) {
    EXPECT_EQ(of_file("one\ntwo\n"), (texts{"one\n", "two\n"}));
    EXPECT_EQ(of_stream("one\ntwo\n"), (texts{"one\n", "two\n"}));
}

TEST(lines, the_last_one_may_lack_it) {
    EXPECT_EQ(of_file("one\ntwo"), (texts{"one\n", "two"}));
    EXPECT_EQ(of_stream("one\ntwo"), (texts{"one\n", "two"}));
}

TEST(lines, of_nothing_are_none) {
    EXPECT_EQ(of_file(""), texts{});
    EXPECT_EQ(of_stream(""), texts{});
}

TEST(lines, may_be_empty) {
    EXPECT_EQ(of_file("\n\na\n\n"), (texts{"\n", "\n", "a\n", "\n"}));
    EXPECT_EQ(of_stream("\n"), texts{"\n"});
}

TEST(lines, end_with_a_newline_however_they_are_ended) {
    EXPECT_EQ(of_file("a\r\nb\rc\n"), (texts{"a\n", "b\n", "c\n"}));
    EXPECT_EQ(of_stream("a\r\nb\rc\n"), (texts{"a\n", "b\n", "c\n"}));
    EXPECT_EQ(of_file("a\r\r\nb\r"), (texts{"a\n", "\n", "b\n"}));
    EXPECT_EQ(of_file("a\n\rb"), (texts{"a\n", "\n", "b"}));
    EXPECT_EQ(of_file("\r\n\r\n"), (texts{"\n", "\n"}));
    EXPECT_EQ(of_file("\r"), texts{"\n"});
}

TEST(lines, pass_every_other_byte_through) {
    const std::string bytes = "a\0b\x1a\xff\xfe\v\f\x85\n\0"s;
    EXPECT_EQ(of_file(bytes), (texts{"a\0b\x1a\xff\xfe\v\f\x85\n"s, "\0"s}));
    EXPECT_EQ(of_stream(bytes), (texts{"a\0b\x1a\xff\xfe\v\f\x85\n"s, "\0"s}));
}

TEST(lines, may_be_longer_than_any_buffer) {
    const std::string long_line(3'000'000, 'x');
    EXPECT_EQ(of_file(long_line + "\nshort\n" + long_line), (texts{long_line + "\n", "short\n", long_line}));
}

TEST(lines, keep_their_ends_across_the_buffers_ends) {
    // Of the usual buffers, of fermata's own, and of what is searched at a time.
    for (const std::size_t buffer :
         {std::size_t{256}, std::size_t{512}, std::size_t{4096}, std::size_t{8192}, std::size_t{32768}}) {
        for (const std::size_t size : {buffer - 2, buffer - 1, buffer, buffer + 1}) {
            const std::string line(size, 'y');
            for (const std::string end : {"\n", "\r\n", "\r"}) {
                const texts expected{line + "\n", "\n", "z"};
                const std::string content = line + end + end + "z";
                EXPECT_EQ(of_file(content), expected) << size;
                EXPECT_EQ(of_stream(content), expected) << size;
                EXPECT_EQ(of_open_file(content), expected) << size;
            }
        }
    }
}

TEST(lines, end_at_whichever_end_comes_first) {
    const std::string far(700, 'f');
    for (const texts& ended :
         {texts{"a\r", far + "\n", "b\r"}, texts{"a\n", far + "\r", "b\n"}, texts{far + "\r", "\n"}}) {
        std::string content;
        texts expected;
        for (const std::string& line : ended) {
            content += line;
            if (line == "\n") continue;  // it belongs to the "\r" before it
            expected.push_back(line.substr(0, line.size() - 1) + "\n");
        }
        EXPECT_EQ(of_file(content), expected);
        EXPECT_EQ(of_stream(content), expected);
        EXPECT_EQ(of_open_file(content), expected);
    }
}

TEST(lines, of_a_missing_file_raise_at_once_with_python_s_text) {
    EXPECT_EQ(os_error([] { lines("/nowhere/at/all"); }), "[Errno 2] No such file or directory: '/nowhere/at/all'");
    try {
        lines("/nowhere/at/all");
        FAIL();
    } catch (const std::system_error& e) {
        EXPECT_EQ(e.code(), std::errc::no_such_file_or_directory);
    }
}

TEST(lines, of_a_directory_raise_with_python_s_text) {
    EXPECT_EQ(os_error([] { all(lines("/")); }), "[Errno 21] Is a directory: '/'");
}

TEST(lines, raise_again_where_reading_has_failed) {
    auto it = lines("/");
    EXPECT_EQ(os_error([&] { next(it); }), "[Errno 21] Is a directory: '/'");
    EXPECT_EQ(os_error([&] { next(it); }), "[Errno 21] Is a directory: '/'");
}

// SEMANTICS 1
TEST(lines, are_exhausted_once_and_for_all) {
    const scratch_file file("one\n");
    auto it = lines(file.path());
    EXPECT_EQ(next(it), "one\n");
    EXPECT_EQ(next(it, "none"), "none");
    EXPECT_THROW(next(it), fermata::stop_iteration);
    EXPECT_EQ(all(it), texts{});
}

TEST(lines, are_their_own_iterator) {
    const scratch_file file("one\ntwo\nthree\n");
    auto it = lines(file.path());
    EXPECT_EQ(&iter(it), &it);
    EXPECT_EQ(next(it), "one\n");
    EXPECT_EQ(all(it), (texts{"two\n", "three\n"}));
    EXPECT_TRUE(std::ranges::view<fermata::line_iterator>);
    EXPECT_FALSE(std::is_copy_constructible_v<fermata::line_iterator>);
}

TEST(lines, go_on_where_an_open_file_stands_and_leave_it_open) {
    const scratch_file file("one\ntwo\nthree\n");
    std::FILE* open = std::fopen(file.path().c_str(), "rb");
    ASSERT_TRUE(open);
    char first[16];
    ASSERT_TRUE(std::fgets(first, sizeof first, open));
    {
        auto it = lines(open);
        EXPECT_EQ(next(it), "two\n");
    }
    EXPECT_EQ(all(lines(open)), texts{"three\n"});
    EXPECT_EQ(std::fclose(open), 0);
}

TEST(lines, go_on_where_a_stream_stands_and_leave_it_at_its_end) {
    std::istringstream stream("1 one\ntwo\n");
    int number = 0;
    stream >> number;
    EXPECT_EQ(all(lines(stream)), (texts{" one\n", "two\n"}));
    EXPECT_TRUE(stream.eof());
    EXPECT_FALSE(stream.bad());
}

TEST(lines, of_a_stream_that_has_failed_are_none) {
    std::istringstream stream("text\n");
    stream.setstate(std::ios::failbit);
    EXPECT_EQ(all(lines(stream)), texts{});
    std::istream without_buffer(nullptr);
    EXPECT_EQ(all(lines(without_buffer)), texts{});
}

TEST(lines, may_be_moved_from_in_a_loop) {
    const scratch_file file("a line that is too long to be kept within a string\nshort\n");
    texts taken;
    for (std::string& line : lines(file.path())) taken.push_back(std::move(line));
    EXPECT_EQ(taken, (texts{"a line that is too long to be kept within a string\n", "short\n"}));
}

TEST(lines, go_on_when_moved_and_close_once) {
    const scratch_file file("one\r\ntwo\nthree\n");
    auto it = lines(file.path());
    EXPECT_EQ(next(it), "one\n");  // the "\n" after the "\r" is still to be dropped
    auto moved = std::move(it);
    EXPECT_EQ(next(moved), "two\n");
    EXPECT_EQ(next(it, "none"), "none");  // NOLINT(bugprone-use-after-move): what it then gives is the point
    it = std::move(moved);
    EXPECT_EQ(next(it), "three\n");
    it = lines(file.path());
    EXPECT_EQ(next(it), "one\n");
}

TEST(lines, that_are_half_read_close_their_file) {
    const auto open_files = [] {
        return std::ranges::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                                     std::filesystem::directory_iterator());
    };
    if (!std::filesystem::exists("/proc/self/fd")) GTEST_SKIP();
    const scratch_file file("one\ntwo\n");
    const auto before = open_files();
    {
        auto it = lines(file.path());
        next(it);
        EXPECT_EQ(open_files(), before + 1);
        auto moved = std::move(it);
        it = lines(file.path());
        EXPECT_EQ(open_files(), before + 2);
    }
    EXPECT_EQ(open_files(), before);
}

TEST(lines, of_a_pipe_arrive_as_they_are_written) {
    // A read that waited for a full buffer would wait for ever here: the writer writes only when it has been heard.
    pipe_ends pipe;
    auto it = lines(pipe.reading);
    pipe.write("first\n");
    EXPECT_EQ(next(it), "first\n");
    pipe.write("second\r");
    EXPECT_EQ(next(it), "second\n");
    pipe.write("\nthird");
    pipe.write(" goes on\nlast");
    EXPECT_EQ(next(it), "third goes on\n");
    pipe.finish();
    EXPECT_EQ(next(it), "last");
    EXPECT_EQ(next(it, "none"), "none");
}

TEST(lines, of_a_named_pipe_arrive_as_they_are_written) {
    const std::string path = testing::TempDir() + "fermata_lines_pipe_" + std::to_string(getpid());
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    const int writing = open(path.c_str(), O_RDWR);  // whoever opens one end alone waits for the other
    auto it = lines(path);
    std::filesystem::remove(path);
    ASSERT_EQ(write(writing, "first\nsec", 9), 9);
    EXPECT_EQ(next(it), "first\n");
    ASSERT_EQ(write(writing, "ond\r", 4), 4);
    EXPECT_EQ(next(it), "second\n");
    ASSERT_EQ(write(writing, "\nlast", 5), 5);
    close(writing);
    EXPECT_EQ(next(it), "last");
    EXPECT_EQ(next(it, "none"), "none");
}

TEST(lines, of_a_file_that_grows_after_its_end_are_still_none) {
    const scratch_file file("one");
    auto it = lines(file.path());
    EXPECT_EQ(next(it), "one");
    EXPECT_EQ(next(it, "none"), "none");
    std::ofstream(file.path(), std::ios::app) << "more\n";
    EXPECT_EQ(next(it, "none"), "none");
}

TEST(lines, of_a_stream_without_a_buffer_are_read_by_characters) {
    // No stream has to have one: uflow() takes a character, underflow() shows it.
    class unbuffered : public std::streambuf {
    protected:
        int_type underflow() override {
            return at_ < text_.size() ? traits_type::to_int_type(text_[at_]) : traits_type::eof();
        }
        int_type uflow() override {
            return at_ < text_.size() ? traits_type::to_int_type(text_[at_++]) : traits_type::eof();
        }

    private:
        std::string text_ = "one\r\ntwo\n\xffthree";
        std::size_t at_ = 0;
    };
    unbuffered buffer;
    std::istream stream(&buffer);
    EXPECT_EQ(all(lines(stream)), (texts{"one\n", "two\n", "\xffthree"}));
    EXPECT_TRUE(stream.eof());
}

TEST(lines, of_a_stream_leave_it_at_the_next_line) {
    std::istringstream stream("one\ntwo\r\n3 four\n");
    {
        auto it = lines(stream);
        EXPECT_EQ(next(it), "one\n");
        EXPECT_EQ(next(it), "two\n");
    }
    EXPECT_EQ(stream.get(), '\n');  // of the "\r\n": only the iterator knew that it is to be dropped
    int number = 0;
    stream >> number;
    EXPECT_EQ(number, 3);
    EXPECT_EQ(all(lines(stream)), texts{" four\n"});
}

TEST(lines, of_a_stream_arrive_as_they_are_written) {
    // Gives what it has, and would fail the test if it were asked for more than the line needs.
    class one_line_at_a_time : public std::streambuf {
    public:
        bool may_be_asked = true;

    protected:
        int_type underflow() override {
            EXPECT_TRUE(may_be_asked);
            may_be_asked = false;
            setg(text_, text_, text_ + 5);
            return traits_type::to_int_type(text_[0]);
        }

    private:
        char text_[6] = "line\n";
    };
    one_line_at_a_time buffer;
    std::istream stream(&buffer);
    auto it = lines(stream);
    EXPECT_EQ(next(it), "line\n");
    buffer.may_be_asked = true;
    EXPECT_EQ(next(it), "line\n");
}

TEST(lines, go_into_enumerate_and_std_views) {
    const scratch_file file("a\n\nb\n");
    std::string text;
    for (auto [number, line] : fermata::enumerate(lines(file.path()), 1)) text += std::to_string(number) + line;
    EXPECT_EQ(text, "1a\n2\n3b\n");
    auto lengths = lines(file.path()) | std::views::transform([](const std::string& line) { return line.size(); });
    EXPECT_EQ(std::ranges::distance(lengths), 3);
}
