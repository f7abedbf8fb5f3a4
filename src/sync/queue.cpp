#include <fermata/sync/queue.hpp>

namespace fermata::inline v0::detail {

void queue_core::refuse_put() const {
    if (shutdown_) throw queue_shutdown();
    throw queue_full();
}

void queue_core::refuse_get() const {
    if (shutdown_) throw queue_shutdown();
    throw queue_empty();
}

// Another may have taken the item, or the room, since it was woken.
bool queue_waiter::is_over() noexcept {
    if (!is_woken() || !has_to_wait() || core_.is_shutdown()) return true;
    wait_again();
    return false;
}

// Who was woken and is cancelled hands on what it was woken for, if that is still there.
void queue_waiter::end() {
    const outcome how = end_wait();
    if (!how.interrupted) return;
    if (how.woken && !how.alone && !has_to_wait()) line().wake_next();
    throw cancelled_error();
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

}  // namespace fermata::inline v0::detail
