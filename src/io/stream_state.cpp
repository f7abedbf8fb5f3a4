#include <fermata/base/errors.hpp>
#include <fermata/io/detail/stream_state.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <new>
#include <system_error>

namespace fermata::inline v0::detail {

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
    std::vector<char>().swap(bytes_);  // "= {}" would keep the memory
}

void read_buffer::put_back(std::string_view bytes) {
    bytes_.resize(to_);
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(from_));
    bytes_.insert(bytes_.begin(), bytes.begin(), bytes.end());
    from_ = 0;
    to_ = bytes_.size();
    if (to_ == 0) drop(0);
}

// What has been read moves to the front when half of the room is behind it: so each byte moves once at most, on average.
std::span<char> read_buffer::prepare(std::size_t least) {
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

stream_state::~stream_state() {
    close();
    for (stream_awaiter* each : {reading, writing}) {
        if (each) each->forget_stream();
    }
}

void stream_state::close() noexcept {
    if (std::exchange(closed, true)) return;
    at_end = true;
    if (reading) reading->abort();
    if (writing) writing->abort();
    on->close();
}

void stream_state::check_reading() const {
    if (reading) throw runtime_error("read() called while another coroutine is already waiting for incoming data");
    check_failure();
}

void stream_state::check_failure() const {
    if (failure < 0) raise_failure(failure, failed_in == io_direction::in ? "read from" : "write to");
}

void stream_state::raise_failure(int result, const char* what) const {
    on->raise_failure(result, what, name);
    raise_io_error(result, what, name);
}

// What is common to reading and writing

void stream_awaiter::check_writing() const {
    if (of().wrote_end) throw runtime_error("Cannot call write() after write_eof()");
    if (of().closed) throw runtime_error("the stream is closed");
    of().check_failure();
    if (of().writing) throw runtime_error("write() called while another coroutine is already writing");
}

bool stream_awaiter::begin() {
    slot() = this;
    known_ = true;
    return io_awaiter::await_ready();
}

bool stream_awaiter::leave() {
    if (!known_) return false;
    known_ = false;
    if (!of_) [[unlikely]] {
        check_cancelled();
        raise_no_stream();
    }
    slot() = nullptr;
    return true;
}

// Also for who is cancelled: the kernel tells of a reset once.
void stream_awaiter::note_read() const noexcept {
    if (result() < 0 && result() != -ECANCELED && !of().closed) of().fail(result(), io_direction::in);
    if (result() == 0) of().at_end = true;
}

std::size_t stream_awaiter::amount_read() const {
    if (result() <= 0) of().check_failure();
    return result() > 0 ? static_cast<std::size_t>(result()) : 0;
}

void stream_awaiter::check_written() {
    if (!leave()) return;
    check_cancelled();
    if (result() < 0) of().raise_failure(result(), "write to");
}

void stream_awaiter::note_reset(int result) const noexcept {
    if (of_ && result == -ECONNRESET) of_->fail(result, io_direction::out);
}

// Reading

bool read_awaiter::await_ready() {
    of().check_reading();
    return of().buffered() > 0 || of().at_end || request.size == 0 || begin();
}

std::size_t read_awaiter::await_resume() {
    auto* const into = static_cast<char*>(request.address);
    if (!leave()) return of().buffer.take({into, request.size});
    note_read();
    try {
        check_cancelled();
    } catch (...) {
        if (result() > 0) of().buffer.put_back({into, static_cast<std::size_t>(result())});
        throw;
    }
    return amount_read();
}

bool fill_awaiter::await_ready() {
    of().check_reading();
    if (of().at_end) return true;
    // What is in the middle of something has a buffer anyway.
    if (of().buffered() > 0) take_room(at_once);
    return begin();
}

void fill_awaiter::take_room(std::size_t size) {
    const std::span<char> room = of().buffer.prepare(size);
    request.address = room.data();
    request.size = room.size();
}

bool fill_awaiter::make_room(std::size_t size) noexcept {
    try {
        take_room(size);
    } catch (const std::bad_alloc&) {
        return false;
    }
    return true;
}

std::size_t fill_awaiter::await_resume() {
    if (!leave()) return 0;
    of().buffer.commit(result() > 0 ? static_cast<std::size_t>(result()) : 0);
    note_read();
    check_cancelled();
    return amount_read();
}

// Writing

write_awaiter::write_awaiter(stream_state& of, std::string_view bytes) noexcept
    : stream_awaiter(of, {.code = of.write_code,
                          .flags = MSG_WAITALL,
                          .address = const_cast<char*>(bytes.data()),  // NOLINT: it is only read
                          .size = bytes.size()}) {}

bool write_awaiter::await_ready() {
    check_writing();
    return request.size == 0 || begin();
}

// The rest, until all is written.
bool write_awaiter::advance(int result) noexcept {
    note_reset(result);
    if (result < 0) return true;
    request.address = static_cast<char*>(request.address) + result;
    request.size -= static_cast<std::size_t>(result);
    return request.size == 0;
}

pieces_awaiter::pieces_awaiter(stream_state& of, std::span<const std::string_view> pieces)
    : stream_awaiter(of, {.code = of.write_code, .flags = MSG_WAITALL}) {
    if (of.write_code == io_code::send) {
        request.code = io_code::send_message;
        for (const std::string_view each : pieces) {
            if (!each.empty())
                left_.push_back({const_cast<char*>(each.data()), each.size()});  // NOLINT: it is only read
        }
        return;
    }
    for (const std::string_view each : pieces) joined_ += each;
    if (!joined_.empty()) left_.push_back({joined_.data(), joined_.size()});
}

bool pieces_awaiter::await_ready() {
    check_writing();
    if (left_.empty()) return true;
    advance(0);
    return begin();
}

// The pieces that are left, and no more at once than the kernel takes.
bool pieces_awaiter::advance(int result) noexcept {
    note_reset(result);
    if (result < 0) return true;
    auto written = static_cast<std::size_t>(result);
    while (first_ < left_.size() && written >= left_[first_].iov_len) written -= left_[first_++].iov_len;
    if (first_ == left_.size()) return true;
    iovec& first = left_[first_];
    first.iov_base = static_cast<char*>(first.iov_base) + written;
    first.iov_len -= written;
    if (request.code == io_code::send_message) {
        message_.msg_iov = &first;
        message_.msg_iovlen = std::min<std::size_t>(left_.size() - first_, IOV_MAX);
        request.address = &message_;
    } else {
        request.address = first.iov_base;
        request.size = first.iov_len;
    }
    return false;
}

}  // namespace fermata::inline v0::detail
