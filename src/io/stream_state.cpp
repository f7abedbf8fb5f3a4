#include <fermata/base/errors.hpp>
#include <fermata/io/detail/stream_state.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace fermata::detail {

void raise_no_stream() { throw runtime_error("this stream is not open: it was moved from, or never made"); }

void raise_io_error(int result, const char* what, const std::string& whom) {
    throw std::system_error(-result, std::generic_category(), what + (whom.empty() ? "" : " " + whom));
}

// read_buffer

std::string read_buffer::take(std::size_t size) {
    std::string taken(view().substr(0, size));
    drop(taken.size());
    return taken;
}

std::size_t read_buffer::take(std::span<char> into) noexcept {
    const std::size_t taken = std::min(into.size(), size());
    if (taken > 0) std::memcpy(into.data(), bytes_.data() + from_, taken);
    drop(taken);
    return taken;
}

void read_buffer::drop(std::size_t size) noexcept {
    from_ += size;
    if (from_ < to_) return;
    from_ = to_ = 0;
    bytes_ = {};
}

void read_buffer::put_back(std::string_view bytes) {
    bytes_.resize(to_);
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(from_));
    bytes_.insert(bytes_.begin(), bytes.begin(), bytes.end());
    from_ = 0;
    to_ = bytes_.size();
    if (to_ == 0) bytes_ = {};
}

// What has been read moves to the front when half of the room is behind it: so each byte moves once at most, on average.
std::span<char> read_buffer::prepare() {
    constexpr std::size_t least = 4096;
    if (from_ > size()) {
        std::memmove(bytes_.data(), bytes_.data() + from_, size());
        to_ -= std::exchange(from_, 0);
    }
    if (bytes_.size() - to_ < least) bytes_.resize(std::max(to_ + least, bytes_.size() * 2));
    return {bytes_.data() + to_, bytes_.size() - to_};
}

void read_buffer::commit(std::size_t size) noexcept {
    to_ += size;
    if (to_ == from_) drop(0);
}

// stream_state

void stream_state::close() noexcept {
    if (std::exchange(closed, true)) return;
    at_end = true;
    if (reading) reading->abort();
    if (writing) writing->abort();
    on->close();
}

namespace {

void begin_reading(stream_state& of, operation& o) {
    if (of.reading) {
        throw runtime_error("read() called while another coroutine is already waiting for incoming data");
    }
    of.reading = &o;
}

// Gives how much has come.
std::size_t amount(stream_state& of, int result) {
    if (result < 0 && !of.closed) raise_io_error(result, "read from", of.name);
    if (result == 0) of.at_end = true;
    return result > 0 ? static_cast<std::size_t>(result) : 0;
}

}  // namespace

// Reading

bool read_awaiter::await_ready() {
    from_buffer_ = of_.buffered() > 0 || of_.at_end || request.size == 0;
    if (from_buffer_) return true;
    begin_reading(of_, *this);
    return io_awaiter::await_ready();
}

std::size_t read_awaiter::await_resume() {
    auto* const into = static_cast<char*>(request.address);
    if (from_buffer_) return of_.buffer.take({into, request.size});
    leave();
    try {
        check_cancelled();
    } catch (...) {
        if (result() > 0) of_.buffer.put_back({into, static_cast<std::size_t>(result())});
        throw;
    }
    return amount(of_, result());
}

bool fill_awaiter::await_ready() {
    if (of_.at_end) return true;
    begin_reading(of_, *this);
    const std::span<char> room = of_.buffer.prepare();
    request.address = room.data();
    request.size = room.size();
    return io_awaiter::await_ready();
}

std::size_t fill_awaiter::await_resume() {
    if (of_.reading != this) return 0;
    leave();
    of_.buffer.commit(result() > 0 ? static_cast<std::size_t>(result()) : 0);
    check_cancelled();
    return amount(of_, result());
}

// Writing

write_awaiter::write_awaiter(stream_state& of, std::string_view bytes)
    : io_awaiter(*of.on, {.code = of.write_code,
                          .flags = MSG_WAITALL,
                          .address = const_cast<char*>(bytes.data()),  // NOLINT: it is only read
                          .size = bytes.size()}),
      of_(of) {}

bool write_awaiter::await_ready() {
    if (of_.wrote_end) throw runtime_error("Cannot call write() after write_eof()");
    if (of_.closed) throw runtime_error("the stream is closed");
    if (of_.writing) throw runtime_error("write() called while another coroutine is already writing");
    if (request.size == 0) return true;
    of_.writing = this;
    return io_awaiter::await_ready();
}

// The rest, until all is written.
bool write_awaiter::advance(int result) noexcept {
    if (result < 0) return true;
    request.address = static_cast<char*>(request.address) + result;
    request.size -= static_cast<std::size_t>(result);
    return request.size == 0;
}

void write_awaiter::await_resume() {
    if (of_.writing != this) return;
    leave();
    check_cancelled();
    if (result() < 0) raise_io_error(result(), "write to", of_.name);
}

}  // namespace fermata::detail
