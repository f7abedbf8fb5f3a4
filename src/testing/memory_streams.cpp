#include <fermata/base/errors.hpp>
#include <fermata/testing/memory_streams.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>

namespace fermata::inline v0 {

namespace {

using detail::channel;
using detail::endpoint;
using detail::io_code;
using detail::io_direction;
using detail::io_request;
using detail::operation;

// One way: who writes, what is under way, who reads.
class memory_pipe {
public:
    explicit memory_pipe(std::size_t capacity) noexcept : capacity_(capacity) {}

    void read(operation& o) noexcept {
        reader_ = &o;
        move();
    }
    void write(operation& o) noexcept {
        writer_ = &o;
        move();
    }
    void end() noexcept {
        ended_ = true;
        move();
    }
    /// Nobody will read any more.
    void abandon() noexcept {
        abandoned_ = true;
        held_.clear();
        move();
    }
    void forget(const operation& o) noexcept {
        if (reader_ == &o) reader_ = nullptr;
        if (writer_ == &o) writer_ = nullptr;
    }

private:
    // What is completed may come again at once, with the rest: it is served here, and not within itself.
    void move() noexcept {
        if (std::exchange(moving_, true)) return;
        while (move_out() || move_in()) {
        }
        moving_ = false;
    }

    bool move_out() noexcept {
        if (!reader_ || (held_.empty() && !ended_)) return false;
        const io_request& wanted = reader_->request;
        const std::size_t size = std::min(wanted.size, held_.size());
        if (size > 0 && wanted.lacks_buffer() && !reader_->make_room(size)) {
            std::exchange(reader_, nullptr)->complete(-ENOMEM);
            return true;
        }
        if (size > 0) std::memcpy(wanted.address, held_.data(), size);
        held_.erase(0, size);
        std::exchange(reader_, nullptr)->complete(static_cast<int>(size));
        return true;
    }

    bool move_in() noexcept {
        if (!writer_ || (!abandoned_ && held_.size() == capacity_)) return false;
        operation& done = *std::exchange(writer_, nullptr);
        if (abandoned_) {
            done.complete(-EPIPE);
            return true;
        }
        const std::size_t size = std::min(done.request.size, capacity_ - held_.size());
        done.complete(hold(static_cast<const char*>(done.request.address), size));
        return true;
    }

    int hold(const char* bytes, std::size_t size) noexcept {
        try {
            held_.append(bytes, size);
        } catch (const std::bad_alloc&) {
            return -ENOMEM;
        }
        return static_cast<int>(size);
    }

    std::size_t capacity_;
    std::string held_;
    operation* reader_ = nullptr;
    operation* writer_ = nullptr;
    bool ended_ = false;
    bool abandoned_ = false;
    bool moving_ = false;
};

// Shared by both ends.
class memory_link final : public channel {
public:
    explicit memory_link(std::size_t capacity) noexcept : from_{memory_pipe(capacity), memory_pipe(capacity)} {}

    void submit(operation& o) noexcept override;
    void cancel(operation& o) noexcept override;
    void drain(operation& o) noexcept override { cancel(o); }

    /// What an end writes to, and what it reads from.
    memory_pipe& out_of(std::size_t end) noexcept { return from_[end]; }
    memory_pipe& into(std::size_t end) noexcept { return from_[1 - end]; }

private:
    std::array<memory_pipe, 2> from_;
};

class memory_end final : public endpoint {
public:
    memory_end(event_loop& loop, std::shared_ptr<memory_link> link, std::size_t index)
        : endpoint(loop, *link), link_(std::move(link)), index_(index) {}
    ~memory_end() override { close(); }

    std::size_t index() const noexcept { return index_; }
    void shut_down_writing() override { link_->out_of(index_).end(); }
    void close() noexcept override {
        if (std::exchange(closed_, true)) return;
        link_->out_of(index_).end();
        link_->into(index_).abandon();
    }

private:
    std::shared_ptr<memory_link> link_;
    std::size_t index_;
    bool closed_ = false;
};

void memory_link::submit(operation& o) noexcept {
    const std::size_t end = static_cast<const memory_end&>(o.on()).index();
    if (o.request.direction() == io_direction::in) {
        into(end).read(o);
    } else {
        out_of(end).write(o);
    }
}

void memory_link::cancel(operation& o) noexcept {
    for (memory_pipe& each : from_) each.forget(o);
    o.complete(-ECANCELED);
}

}  // namespace

std::pair<stream, stream> memory_streams(std::size_t capacity) {
    if (capacity == 0) throw value_error("capacity must be greater than zero");
    event_loop& loop = current_loop();
    const auto link = std::make_shared<memory_link>(capacity);
    const auto make_end = [&](std::size_t index) {
        return stream(std::make_unique<detail::stream_state>(std::make_unique<memory_end>(loop, link, index),
                                                             "memory stream", io_code::read, io_code::write));
    };
    stream first = make_end(0);
    stream second = make_end(1);
    return {std::move(first), std::move(second)};
}

}  // namespace fermata::inline v0
