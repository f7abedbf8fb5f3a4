#pragma once

/// \file
/// Python's `for line in open(path)`.

#include <fermata/iteration/iter.hpp>

#include <cstdio>
#include <istream>
#include <memory>
#include <string>

namespace fermata::inline v0 {

namespace detail {
class text_file;
}

/// The lines of a text, one at a time: its own iterator, as Python's file objects are. Each line ends with its "\n", as
/// in Python; only the last may lack it. "\r\n" and "\r" arrive as "\n" (Python's universal newlines). Bytes are passed
/// through: nothing is decoded, and '\0' is a character like any other. Memory: the buffer of the file and the longest
/// line. In a loop a line is a `std::string&` that holds until the next is pulled, and may be moved from. Move-only.
class line_iterator : public detail::pulling<line_iterator, std::string> {
public:
    line_iterator(line_iterator&& other) noexcept;
    line_iterator& operator=(line_iterator&& other) noexcept;
    ~line_iterator();

    /// Moves on to the next line, which current() then gives; false, for good, when there is none. Raises
    /// std::system_error, with the path, where reading fails.
    bool pull();
    std::string& current() noexcept { return line_; }

private:
    friend line_iterator lines(const std::string& path);
    friend line_iterator lines(std::FILE* file);
    friend line_iterator lines(std::istream& stream);

    explicit line_iterator(std::unique_ptr<detail::text_file> own) noexcept;
    explicit line_iterator(std::FILE* file) noexcept;
    explicit line_iterator(std::istream& stream) noexcept;

    template <class Source>
    bool read_line(Source&& source);

    // One of the three; none after a move.
    std::unique_ptr<detail::text_file> own_;
    std::FILE* file_ = nullptr;
    std::istream* stream_ = nullptr;
    bool after_return_ = false;
    std::string line_;
};

/// Opens the file at `path` for reading, at once, and closes it when the iterator goes. Raises std::system_error with
/// Python's text: "[Errno 2] No such file or directory: 'path'".
line_iterator lines(const std::string& path);

/// The lines of a file or stream that is open already, from where it stands. Borrowed: it must outlive the iterator, and
/// is not closed. A stream is left with eofbit set at its end. A FILE is read by characters, for its buffer is its own:
/// lines(path) is several times as fast.
line_iterator lines(std::FILE* file);
line_iterator lines(std::istream& stream);

}  // namespace fermata::inline v0

#include <fermata/iteration/detail/lines.hpp>
