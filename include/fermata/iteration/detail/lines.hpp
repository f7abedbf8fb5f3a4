#pragma once

// Implementation of iteration/lines.hpp.

#include <fermata/iteration/detail/line_sources.hpp>
#include <fermata/iteration/lines.hpp>

#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

namespace fermata::inline v0 {

inline line_iterator::line_iterator(std::unique_ptr<detail::text_file> own) noexcept : own_(std::move(own)) {}
inline line_iterator::line_iterator(std::FILE* file) noexcept : file_(file) {}
inline line_iterator::line_iterator(std::istream& stream) noexcept : stream_(&stream) {}

inline line_iterator::line_iterator(line_iterator&& other) noexcept
    : own_(std::move(other.own_)),
      file_(std::exchange(other.file_, nullptr)),
      stream_(std::exchange(other.stream_, nullptr)),
      after_return_(other.after_return_),
      line_(std::move(other.line_)) {}

inline line_iterator& line_iterator::operator=(line_iterator&& other) noexcept {
    line_iterator moved(std::move(other));
    own_.swap(moved.own_);
    std::swap(file_, moved.file_);
    std::swap(stream_, moved.stream_);
    std::swap(after_return_, moved.after_return_);
    line_.swap(moved.line_);
    return *this;
}

inline line_iterator::~line_iterator() = default;

inline bool line_iterator::pull() {
    if (own_) return read_line(*own_);
    if (stream_) return read_line(detail::stream_source(*stream_));
    return file_ && read_line(detail::file_source(file_));
}

// A "\r" ends a line at once, without waiting for the "\n" that may follow it: that one is dropped when the next line is
// read (a terminal may send the two apart).
template <class Source>
bool line_iterator::read_line(Source&& source) {
    line_.clear();
    for (;;) {
        const std::string_view text = source.available();
        if (text.empty()) return !line_.empty();
        if (std::exchange(after_return_, false) && text.front() == '\n') {
            source.take(1);
            continue;
        }
        const std::size_t length = detail::line_length(text);
        line_.append(text.substr(0, length));
        source.take(length);
        after_return_ = line_.back() == '\r';
        if (after_return_) line_.back() = '\n';
        if (line_.back() == '\n') return true;
    }
}

inline line_iterator lines(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (!file) detail::raise_os_error(errno, path);
    return line_iterator(std::make_unique<detail::text_file>(file, path));
}

inline line_iterator lines(std::FILE* file) { return line_iterator(file); }

inline line_iterator lines(std::istream& stream) { return line_iterator(stream); }

}  // namespace fermata::inline v0
