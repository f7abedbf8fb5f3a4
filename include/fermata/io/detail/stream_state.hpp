#pragma once

// What a stream is made of.

#include <fermata/io/detail/endpoint.hpp>
#include <fermata/io/detail/io_awaiter.hpp>

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fermata::inline v0::detail {

/// Bytes that have come and have not been read. Empty, it keeps no memory: most connections idle.
class read_buffer {
public:
    std::string_view view() const noexcept { return {bytes_.data() + from_, size()}; }
    std::size_t size() const noexcept { return to_ - from_; }
    std::string take(std::size_t size);
    std::size_t take(std::span<char> into) noexcept;
    void drop(std::size_t size) noexcept;
    /// Before what there is.
    void put_back(std::string_view bytes);

    /// Room behind what there is, for so much to come, or more; commit() says how much has.
    std::span<char> prepare(std::size_t least);
    void commit(std::size_t size) noexcept;

private:
    std::vector<char> bytes_;
    std::size_t from_ = 0;
    std::size_t to_ = 0;
};

class stream_awaiter;

struct stream_state {
    stream_state(std::unique_ptr<endpoint> e, std::string called, io_code reads, io_code writes)
        : on(std::move(e)), name(std::move(called)), read_code(reads), write_code(writes) {}
    stream_state(const stream_state&) = delete;
    stream_state& operator=(const stream_state&) = delete;
    ~stream_state();

    std::size_t buffered() const noexcept { return buffer.size(); }
    void close() noexcept;
    /// Raises runtime_error where somebody else is reading: the kernel may be writing into the buffer; and what the stream has
    /// failed with before.
    void check_reading() const;
    void check_failure() const;
    [[noreturn]] void raise_failure(int result, const char* what) const;
    void fail(int result, io_direction in) noexcept {
        failure = result;
        failed_in = in;
    }

    std::unique_ptr<endpoint> on;
    std::string name;  // of the peer
    io_code read_code;
    io_code write_code;
    read_buffer buffer;
    std::size_t limit = 64 * 1024;
    stream_awaiter* reading = nullptr;
    stream_awaiter* writing = nullptr;
    int failure = 0;  // -errno: what a read came to, or a reset of which a write has heard. It stays, as asyncio has it
    io_direction failed_in = io_direction::in;
    bool at_end = false;
    bool wrote_end = false;
    bool closed = false;
};

/// Raises runtime_error: the stream was moved from.
[[noreturn]] void raise_no_stream();
/// Raises std::system_error "read from 127.0.0.1:80: Connection reset by peer".
[[noreturn]] void raise_io_error(int result, const char* what, const std::string& whom);

/// The one that reads, or the one that writes: while it is under way, the stream knows it.
class stream_awaiter : public io_awaiter {
public:
    /// The stream has gone before who waits for it, as when a loop is closed in the middle.
    void forget_stream() noexcept { of_ = nullptr; }

protected:
    stream_awaiter(stream_state& of, const io_request& what) noexcept : io_awaiter(*of.on, what), of_(&of) {}
    ~stream_awaiter() {
        if (known_ && of_) slot() = nullptr;
    }

    stream_state& of() const noexcept { return *of_; }

    /// Raises runtime_error where another one is under way, or where nothing can be written any more.
    void check_writing() const;
    /// Start it, and make it known. True if it is done at once.
    bool begin();
    /// False if it had not begun. Raises runtime_error where the stream has gone.
    bool leave();
    /// The stream learns of the end, and of what a read has failed with.
    void note_read() const noexcept;
    /// How much has come: 0 at the end.
    std::size_t amount_read() const;
    void check_written();
    /// Of a reset the kernel tells one of those who wait: the reader would take it for the end.
    void note_reset(int result) const noexcept;

private:
    /// Where the stream knows it.
    stream_awaiter*& slot() const noexcept {
        return request.direction() == io_direction::in ? of_->reading : of_->writing;
    }

    stream_state* of_;
};

class read_awaiter final : public stream_awaiter {
public:
    read_awaiter(stream_state& of, std::span<char> into) noexcept
        : stream_awaiter(of, {.code = of.read_code, .address = into.data(), .size = into.size()}) {}

    bool await_ready();
    std::size_t await_resume();
};

/// Reads into the buffer, which takes memory when something comes. Gives how much has come: 0 at the end.
class fill_awaiter final : public stream_awaiter {
public:
    explicit fill_awaiter(stream_state& of) noexcept : stream_awaiter(of, {.code = of.read_code, .size = at_once}) {}

    bool await_ready();
    std::size_t await_resume();

private:
    static constexpr std::size_t at_once = 4096;
    void take_room(std::size_t size);
    bool make_room(std::size_t size) noexcept override;
};

class write_awaiter final : public stream_awaiter {
public:
    write_awaiter(stream_state& of, std::string_view bytes) noexcept;

    bool await_ready();
    void await_resume() { check_written(); }

private:
    bool advance(int result) noexcept override;
};

/// Of several pieces, in one call of the kernel where it takes them all. What is no socket gets them as one copy.
class pieces_awaiter final : public stream_awaiter {
public:
    pieces_awaiter(stream_state& of, std::span<const std::string_view> pieces);
    ~pieces_awaiter() { end(); }  // before the vector goes

    bool await_ready();
    void await_resume() { check_written(); }

private:
    bool advance(int result) noexcept override;

    std::vector<iovec> left_;
    std::size_t first_ = 0;
    std::string joined_;
    msghdr message_{};
};

}  // namespace fermata::inline v0::detail
