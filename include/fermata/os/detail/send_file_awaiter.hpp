#pragma once

// Bytes of a file, which the kernel hands to a socket.

#include <fermata/io/detail/stream_state.hpp>

#include <cstddef>
#include <cstdint>

namespace fermata::inline v0::detail {

class send_file_awaiter final : public stream_awaiter {
public:
    /// Adds to `sent` what has gone, also where it is cancelled or fails.
    send_file_awaiter(stream_state& of, int file, std::uint64_t offset, std::size_t size, std::size_t& sent) noexcept
        : stream_awaiter(
              of,
              {.code = io_code::send_file, .flags = file, .size = size, .offset = static_cast<std::int64_t>(offset)}),
          sent_(sent) {}

    bool await_ready() {
        check_writing();
        return request.size == 0 || begin();
    }
    void await_resume() { check_written(); }

private:
    bool advance(int result) noexcept override {
        note_reset(result);
        if (result <= 0) return true;  // the file ends, or an error
        sent_ += static_cast<std::size_t>(result);
        request.offset += result;
        request.size -= static_cast<std::size_t>(result);
        return request.size == 0;
    }

    std::size_t& sent_;
};

}  // namespace fermata::inline v0::detail
