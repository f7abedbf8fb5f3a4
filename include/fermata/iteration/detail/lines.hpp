#pragma once

// Implementation of iteration/lines.hpp.

#include <fermata/iteration/lines.hpp>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace fermata::inline v0 {

namespace detail {

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

// Where a line comes from: one character at a time, end_of_text at the end. Both read what is there without waiting for a
// full buffer, so that lines typed at a terminal arrive one by one.
inline constexpr int end_of_text = -1;

struct file_source {
    std::FILE* file;
#if defined(__unix__) || defined(__APPLE__)
    explicit file_source(std::FILE* opened) noexcept : file(opened) { flockfile(file); }
    ~file_source() { funlockfile(file); }
    int take() noexcept { return getc_unlocked(file); }
#else
    explicit file_source(std::FILE* opened) noexcept : file(opened) {}
    ~file_source() = default;
    int take() noexcept { return std::getc(file); }
#endif
    file_source(const file_source&) = delete;
    file_source& operator=(const file_source&) = delete;
};

struct stream_source {
    std::istream* stream;
    int take() {
        if (!stream->good() || !stream->rdbuf()) return end_of_text;
        const int character = stream->rdbuf()->sbumpc();
        if (character == std::char_traits<char>::eof()) {
            stream->setstate(std::ios_base::eofbit);
            return end_of_text;
        }
        return character;
    }
};

static_assert(EOF == end_of_text);

}  // namespace detail

inline line_iterator::line_iterator(std::FILE* file, bool owned, std::string name)
    : file_(file), owns_file_(owned), name_(std::move(name)) {}

inline line_iterator::line_iterator(line_iterator&& other) noexcept
    : file_(std::exchange(other.file_, nullptr)),
      stream_(std::exchange(other.stream_, nullptr)),
      owns_file_(std::exchange(other.owns_file_, false)),
      after_return_(other.after_return_),
      name_(std::move(other.name_)),
      line_(std::move(other.line_)) {}

inline line_iterator& line_iterator::operator=(line_iterator&& other) noexcept {
    line_iterator moved(std::move(other));
    std::swap(file_, moved.file_);
    std::swap(stream_, moved.stream_);
    std::swap(owns_file_, moved.owns_file_);
    std::swap(after_return_, moved.after_return_);
    name_.swap(moved.name_);
    line_.swap(moved.line_);
    return *this;
}

inline line_iterator::~line_iterator() {
    if (owns_file_) std::fclose(file_);
}

inline bool line_iterator::pull() {
    if (stream_) return read_line(detail::stream_source{stream_});
    if (!file_) return false;
    const bool got_one = read_line(detail::file_source(file_));
    if (std::ferror(file_)) detail::raise_os_error(errno, name_);
    return got_one;
}

// A "\r" ends a line at once, without waiting for the "\n" that may follow it: that one is dropped when the next line is
// read (a terminal may send the two apart).
template <class Source>
bool line_iterator::read_line(Source&& source) {
    line_.clear();
    for (int character = source.take(); character != detail::end_of_text; character = source.take()) {
        if (std::exchange(after_return_, character == '\r') && character == '\n') continue;
        line_.push_back(after_return_ ? '\n' : static_cast<char>(character));
        if (line_.back() == '\n') return true;
    }
    return !line_.empty();
}

inline line_iterator lines(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (!file) detail::raise_os_error(errno, path);
    return line_iterator(file, true, path);
}

inline line_iterator lines(std::FILE* file) { return line_iterator(file, false, "a file"); }

inline line_iterator lines(std::istream& stream) { return line_iterator(stream); }

}  // namespace fermata::inline v0
