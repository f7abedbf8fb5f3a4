#pragma once

/// \file
/// Files: Python's `open`, without blocking the loop.

#include <fermata/base/errors.hpp>
#include <fermata/os/detail/file_state.hpp>
#include <fermata/os/file_status.hpp>
#include <fermata/task/async_generator.hpp>
#include <fermata/task/task.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace fermata::inline v0 {

/// Python's `io.UnsupportedOperation`: "not readable", "not writable", "not seekable".
class unsupported_operation : public value_error {
public:
    using value_error::value_error;
};

class file;
namespace detail {
const std::shared_ptr<file_state>& state_of(const file& f) noexcept;
}

/// An open file, of bytes: `open_file` opens it. Each call is an operation of io_uring, or, on epoll, a call in one of the
/// loop's threads (see to_thread): a disk that is slow does not hold the loop up. What the kernel has in memory is mostly there at
/// once, without suspending. There is no buffer.
///
/// What goes wrong raises std::system_error "read /the/path: Input/output error"; a closed file, value_error "I/O operation
/// on closed file"; what its mode does not allow, unsupported_operation. One task at a time may use the position
/// (runtime_error otherwise); pread and pwrite may be called side by side. Cancellation: raised when the kernel has given up
/// the operation, at once where a thread does it, which then goes on with buffers of its own; the position has not moved,
/// what a cancelled write has written cannot be known, and what a cancelled read has taken out of a pipe is lost. Dropped or
/// closed, the file is closed when no thread is at work on it.
class file {
public:
    file() noexcept = default;
    explicit file(std::shared_ptr<detail::file_state> state) noexcept : state_(std::move(state)) {}
    file(file&&) noexcept = default;
    file& operator=(file&& other) noexcept {
        file moved(std::move(other));
        std::swap(state_, moved.state_);
        return *this;
    }
    ~file();

    /// False for one that was moved from, which counts as closed: it has no name either.
    explicit operator bool() const noexcept { return static_cast<bool>(state_); }

    /// `f.read(n)`: fewer bytes only at the end. `f.read()`: all that is left.
    [[nodiscard]] task<std::string> read(std::size_t size) const { return read(state_, size); }
    [[nodiscard]] task<std::string> read() const { return read_all(state_); }
    /// What one call of the system gives, at most so much: of a pipe or a terminal, what is there.
    [[nodiscard]] task<std::string> read_some(std::size_t at_most) const { return read_some(state_, at_most); }
    /// `f.write(bytes)`: all of it.
    [[nodiscard]] task<> write(std::string bytes) const { return write(state_, std::move(bytes)); }

    /// `os.pread`, `os.pwrite`: at a place, leaving the position alone; fewer bytes only at the end. A file opened to append
    /// appends (Linux). Raise unsupported_operation "not seekable".
    [[nodiscard]] task<std::string> pread(std::size_t size, std::uint64_t offset) const {
        return pread(state_, size, offset);
    }
    [[nodiscard]] task<> pwrite(std::string bytes, std::uint64_t offset) const {
        return pwrite(state_, std::move(bytes), offset);
    }

    /// `f.tell()` and `f.seek(offset)`, from the start. Raise unsupported_operation "not seekable".
    std::uint64_t tell() const;
    void seek(std::uint64_t offset) const;

    /// `os.fsync(f)`: what is written is on the disk.
    [[nodiscard]] task<> fsync() const { return fsync(state_); }
    /// `os.fstat(f)`.
    [[nodiscard]] task<file_status> stat() const { return stat(state_); }
    /// What stat() said when the file was opened.
    const file_status& status_when_opened() const { return state().when_opened; }

    /// Raises std::system_error "close /the/path: …", where the system tells only now that something was not written. Idempotent.
    void close();
    bool closed() const noexcept { return !state_ || !state_->on; }

    /// -1 when it is closed.
    int descriptor() const noexcept { return closed() ? -1 : state_->on->descriptor(); }
    const std::string& name() const { return state().path; }

private:
    const detail::file_state& state() const {
        if (!state_) detail::check_open(nullptr);
        return *state_;
    }
    friend const std::shared_ptr<detail::file_state>& detail::state_of(const file& f) noexcept;
    using shared_state = std::shared_ptr<detail::file_state>;
    static task<std::string> read(shared_state of, std::size_t size);
    static task<std::string> read_all(shared_state of);
    static task<std::string> read_some(shared_state of, std::size_t at_most);
    static task<std::string> pread(shared_state of, std::size_t size, std::uint64_t offset);
    static task<> write(shared_state of, std::string bytes);
    static task<> pwrite(shared_state of, std::string bytes, std::uint64_t offset);
    static task<> fsync(shared_state of);
    static task<file_status> stat(shared_state of);

    shared_state state_;
};

namespace detail {
inline const std::shared_ptr<file_state>& state_of(const file& f) noexcept { return f.state_; }
}  // namespace detail

/// `open(path, mode)`: "r", "w", "a" or "x", with "+" to do both, with "b" or "t" – a file is of bytes either way. Not inherited
/// by other programs.
///
/// Raises std::system_error "open /nowhere: No such file or directory", "… Is a directory"; value_error "invalid mode: 'q'",
/// "must have exactly one of create/read/write/append mode", "embedded null byte"; for the mode when it is called, the rest when awaited.
task<file> open_file(std::string path, std::string_view mode = "r");

/// `async for line in …`: the lines of a text file, as Python's text mode has them, and `lines(path)` too: with their '\n', which
/// the last may lack, "\r\n" and "\r" made one. In memory there are a buffer of 64 KiB and the longest line. The file is opened by
/// the first step, which raises what open_file does.
async_generator<std::string> async_lines(std::string path);

}  // namespace fermata::inline v0
