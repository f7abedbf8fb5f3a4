#include <fermata/sync/queue.hpp>

namespace fermata::detail {

void queue_core::check_put() const {
    if (shutdown_) throw queue_shutdown();
    if (full()) throw queue_full();
}

void queue_core::check_get() const {
    if (!empty()) return;
    if (shutdown_) throw queue_shutdown();
    throw queue_empty();
}

void queue_core::added() noexcept {
    ++size_;
    ++unfinished_;
    finished_.clear();
    getters_.wake_next();
}

void queue_core::removed() noexcept {
    --size_;
    putters_.wake_next();
}

// Who was woken and is cancelled hands the room on, if it is still there.
task<> queue_core::wait_for_room() {
    while (full()) {
        if (shutdown_) throw queue_shutdown();
        const auto end = co_await line_awaiter(putters_);
        if (!end.interrupted) continue;
        if (end.woken && !end.alone && !full()) putters_.wake_next();
        throw cancelled_error();
    }
}

task<> queue_core::wait_for_item() {
    while (empty()) {
        if (shutdown_) throw queue_shutdown();
        const auto end = co_await line_awaiter(getters_);
        if (!end.interrupted) continue;
        if (end.woken && !end.alone && !empty()) getters_.wake_next();
        throw cancelled_error();
    }
}

void queue_core::task_done() {
    if (unfinished_ == 0) throw value_error("task_done() called too many times");
    if (--unfinished_ == 0) finished_.set();
}

void queue_core::shutdown(bool immediate) noexcept {
    shutdown_ = true;
    if (immediate) {
        unfinished_ -= std::min(unfinished_, size_);
        size_ = 0;
        if (unfinished_ == 0) finished_.set();
    }
    // All look again, and find that it is shut down.
    getters_.wake_all();
    putters_.wake_all();
}

}  // namespace fermata::detail
