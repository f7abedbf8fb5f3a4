#pragma once

// Where the lines of iteration/lines.hpp come from.

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <istream>
#include <limits>
#include <streambuf>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

namespace fermata::inline v0::detail {

[[noreturn]] inline void raise_os_error(int code, const std::string& name) {
    // The text is Python's; std::system_error would put its own in front of the reason.
    class os_error final : public std::system_error {
    public:
        os_error(int number, const std::string& path)
            : std::system_error(number, std::generic_category()),
              text_("[Errno " + std::to_string(number) + "] " + std::strerror(number) + ": '" + path + "'") {}
        const char* what() const noexcept override { return text_.c_str(); }

    private:
        std::string text_;
    };
    throw os_error(code, name);
}

// The length of what is there of the line that begins a text: up to its end, or all. Looks for both ends in one stretch after
// the other, since either may be rare.
inline std::size_t line_length(std::string_view text) noexcept {
    constexpr std::size_t stretch = 512;
    for (std::size_t begin = 0; begin < text.size(); begin += stretch) {
        std::string_view part = text.substr(begin, stretch);
        const std::size_t newline = part.find('\n');
        if (newline != part.npos) part = part.substr(0, newline + 1);
        const std::size_t carriage_return = part.find('\r');
        if (carriage_return != part.npos) return begin + carriage_return + 1;
        if (newline != part.npos) return begin + newline + 1;
    }
    return text.size();
}

// Where lines come from. available(): some of the text that comes next, nothing at its end; take(): it has been read, up to
// there. All give what is there without waiting for a full buffer, so that lines typed at a terminal arrive one by one.

// A file of its own, with its own buffer.
class text_file {
public:
    text_file(std::FILE* opened, std::string name) : file_(opened), name_(std::move(name)) {}
    text_file(const text_file&) = delete;
    text_file& operator=(const text_file&) = delete;
    ~text_file() { std::fclose(file_); }

    std::string_view available() {
        if (text_.empty() && !ended_) {
            text_ = std::string_view(buffer_, read());
            ended_ = text_.empty();
        }
        return text_;
    }
    void take(std::size_t length) noexcept { text_.remove_prefix(length); }

private:
#if defined(__unix__) || defined(__APPLE__)
    std::size_t read() {
        ssize_t got = 0;
        do {
            got = ::read(fileno(file_), buffer_, sizeof buffer_);
        } while (got < 0 && errno == EINTR);
        if (got < 0) raise_os_error(errno, name_);
        return static_cast<std::size_t>(got);
    }
#else
    std::size_t read() {
        const int character = std::getc(file_);
        if (std::ferror(file_)) raise_os_error(errno, name_);
        buffer_[0] = static_cast<char>(character);
        return character == EOF ? 0 : 1;
    }
#endif

    std::FILE* file_;
    std::string name_;
    std::string_view text_;
    bool ended_ = false;
    char buffer_[32768];
};

// A file of others, who go on where the line ends: its buffer cannot be seen, so it is asked for one character after another.
class file_source {
public:
#if defined(__unix__) || defined(__APPLE__)
    explicit file_source(std::FILE* opened) noexcept : file_(opened) { flockfile(file_); }
    ~file_source() { funlockfile(file_); }
#else
    explicit file_source(std::FILE* opened) noexcept : file_(opened) {}
    ~file_source() = default;
#endif
    file_source(const file_source&) = delete;
    file_source& operator=(const file_source&) = delete;

    // All of it is taken, then: it ends where a line does.
    std::string_view available() {
        std::size_t size = 0;
        while (size < sizeof part_) {
            const int character = take_one();
            if (character == EOF) break;
            part_[size++] = static_cast<char>(character);
            if (character == '\n' || character == '\r') break;
        }
        if (std::ferror(file_)) raise_os_error(errno, "a file");
        return std::string_view(part_, size);
    }
    void take(std::size_t) const noexcept {}

private:
#if defined(__unix__) || defined(__APPLE__)
    int take_one() noexcept { return getc_unlocked(file_); }
#else
    int take_one() noexcept { return std::getc(file_); }
#endif

    std::FILE* file_;
    char part_[256];
};

class stream_source {
public:
    explicit stream_source(std::istream& stream) noexcept : stream_(stream), buffer_(stream.rdbuf()) {}

    std::string_view available() {
        if (!stream_.good() || !buffer_) return {};
        const int next = buffer_->sgetc();
        if (next == std::char_traits<char>::eof()) {
            stream_.setstate(std::ios_base::eofbit);
            return {};
        }
        const char* const begin = area::begin(*buffer_);
        buffered_ = std::min<std::ptrdiff_t>(area::end(*buffer_) - begin, std::numeric_limits<int>::max());
        if (buffered_ > 0) return std::string_view(begin, static_cast<std::size_t>(buffered_));
        one_ = static_cast<char>(next);
        return std::string_view(&one_, 1);
    }
    void take(std::size_t length) {
        if (buffered_ > 0) {
            area::advance(*buffer_, static_cast<int>(length));
        } else {
            buffer_->sbumpc();
        }
    }

private:
    // What a stream has in its buffer is for classes that derive from that: they may name these members of it.
    struct area : std::streambuf {
        static const char* begin(const std::streambuf& buffer) { return (buffer.*&area::gptr)(); }
        static const char* end(const std::streambuf& buffer) { return (buffer.*&area::egptr)(); }
        static void advance(std::streambuf& buffer, int count) { (buffer.*&area::gbump)(count); }
    };

    std::istream& stream_;
    std::streambuf* buffer_;
    std::ptrdiff_t buffered_ = 0;
    char one_ = 0;
};

}  // namespace fermata::inline v0::detail
