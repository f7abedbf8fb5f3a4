#pragma once

/// \file
/// Python's `asyncio.StreamReader` and `StreamWriter`, in one.

#include <fermata/base/errors.hpp>
#include <fermata/io/detail/stream_state.hpp>
#include <fermata/task/task.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace fermata::inline v0 {

/// Python's `asyncio.IncompleteReadError`: the stream ended within what was to be read.
class incomplete_read_error : public error {
public:
    /// expected: 0 where that is not known.
    incomplete_read_error(std::string partial, std::size_t expected);

    /// What came.
    const std::string& partial() const noexcept { return partial_; }
    std::size_t expected() const noexcept { return expected_; }

private:
    std::string partial_;
    std::size_t expected_;
};

/// Python's `asyncio.LimitOverrunError`: a separator did not come within the stream's limit. What has come stays to be read.
class limit_overrun_error : public error {
public:
    limit_overrun_error(const std::string& text, std::size_t consumed) : error(text), consumed_(consumed) {}

    /// How many bytes may be read until the separator, or what may be the beginning of one.
    std::size_t consumed() const noexcept { return consumed_; }

private:
    std::size_t consumed_;
};

class stream;
namespace detail {
/// Raises runtime_error "this stream is not open: …".
stream_state& state_of(const stream& s);
}  // namespace detail

/// Bytes to and from somewhere: a connection, a pipe, a terminal. Made by open_connection and its like.
///
///     co_await s.write("GET / HTTP/1.0\r\n\r\n");
///     std::string status = co_await s.readline();
///
/// What goes wrong raises std::system_error, whose text names the operation and the peer: "read from 10.0.0.1:80:
/// Connection reset by peer". The end is no error for read(), which then gives nothing. What a read has raised, and a reset
/// that a write has, every later read and write raises again, as in Python.
///
/// Back-pressure is the await itself: a write ends when the kernel has taken it, and nothing is read before it is asked for.
/// One task may read while another writes; two that do the same raise runtime_error. Cancellation: who reads loses nothing
/// of what comes; what a cancelled write has written cannot be known. The stream must outlive those who wait for it, and
/// belongs to the loop and the thread that made it.
class stream {
public:
    stream() noexcept = default;
    explicit stream(std::unique_ptr<detail::stream_state> state) noexcept : state_(std::move(state)) {}

    /// False for one that was moved from, which raises runtime_error "this stream is not open: …".
    explicit operator bool() const noexcept { return static_cast<bool>(state_); }

    /// Reads what there is, at most as much as the buffer takes; waits until there is something. Gives how many bytes: 0 at
    /// the end, or for an empty buffer.
    [[nodiscard]] detail::read_awaiter read(std::span<char> buffer) { return {state(), buffer}; }
    /// `reader.read(n)`: the same, as a string; empty at the end.
    [[nodiscard]] task<std::string> read(std::size_t at_most);
    /// `reader.read()`: all until the end.
    [[nodiscard]] task<std::string> read();
    /// `reader.readexactly(n)`. Raises incomplete_read_error. More than 1 MiB takes memory as it comes: n may be a stranger's word.
    [[nodiscard]] task<std::string> read_exactly(std::size_t size);
    /// `reader.readuntil(separator)`: with the separator. Raises incomplete_read_error; limit_overrun_error; value_error
    /// "Separator should be at least one-byte string".
    [[nodiscard]] task<std::string> read_until(std::string separator);
    /// `reader.readline()`: with its '\n', which the last one may lack; empty at the end. Raises value_error where a line is
    /// longer than the limit, and then skips it.
    [[nodiscard]] task<std::string> readline();
    /// `reader.at_eof()`: the end has come, and all is read.
    bool at_eof() const { return state().at_end && state().buffered() == 0; }

    /// Writes all of it; the bytes must live until then. Raises runtime_error after write_eof().
    [[nodiscard]] detail::write_awaiter write(std::string_view bytes) { return {state(), bytes}; }
    /// The same with several pieces, without copying them into one.
    [[nodiscard]] detail::pieces_awaiter write(std::span<const std::string_view> pieces) { return {state(), pieces}; }
    /// `writer.write_eof()`: the peer reads the end, and can still answer. Raises runtime_error while somebody is writing.
    void write_eof();

    /// `writer.close()`: at once. Who waits for a read or a write then gets the end, or an error. Idempotent; the destructor
    /// does the same.
    void close() noexcept {
        if (state_) state_->close();
    }
    /// `writer.wait_closed()`: until close() has done what it leaves to be done. With TLS that is to send what is still to be
    /// sent, and to hear that the peer has ended too, or half a minute; else it is nothing. Raises runtime_error before
    /// close(), and nothing else. Cancellation: the closing goes on.
    [[nodiscard]] task<> wait_closed() const;
    bool is_closing() const noexcept { return !state_ || state_->closed; }

    /// How much read_until and readline look through; Python's 64 KiB.
    std::size_t limit() const { return state().limit; }
    void set_limit(std::size_t bytes) { state().limit = bytes; }

    /// -1 where there is none, in memory.
    int descriptor() const { return state().on->descriptor(); }
    /// For texts: "127.0.0.1:80".
    const std::string& name() const { return state().name; }

private:
    friend detail::stream_state& detail::state_of(const stream& s);
    detail::stream_state& state() const {
        if (!state_) detail::raise_no_stream();
        return *state_;
    }

    std::unique_ptr<detail::stream_state> state_;
};

inline detail::stream_state& detail::state_of(const stream& s) { return s.state(); }

}  // namespace fermata::inline v0
