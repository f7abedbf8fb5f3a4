#include <fermata/task/timeout.hpp>

#include <utility>

namespace fermata::inline v0 {

timeout::timeout(std::optional<std::chrono::nanoseconds> delay) {
    const auto& loop = current_loop();
    if (delay) when_ = loop.time_after(*delay);
}

timeout::timeout(timeout&& other) noexcept : when_(other.when_) {}

timeout::~timeout() { stop(); }

timeout timeout_at(std::optional<std::chrono::nanoseconds> when) { return timeout(timeout::absolute{when}); }

void timeout::stop() noexcept {
    if (loop_) loop_->unschedule(alarm_);
}

void timeout::reschedule(std::optional<std::chrono::nanoseconds> when) {
    switch (state_) {
    case state::active: break;
    case state::created: throw runtime_error("Timeout has not been entered");
    case state::expiring: throw runtime_error("Cannot change state of expiring Timeout");
    case state::expired: throw runtime_error("Cannot change state of expired Timeout");
    case state::finished: throw runtime_error("Cannot change state of finished Timeout");
    }
    when_ = when;
    schedule();
}

void timeout::schedule() {
    stop();
    if (!when_) return;
    if (*when_ <= loop_->time()) {
        loop_->schedule(alarm_);
    } else {
        loop_->schedule_at(alarm_, *when_);
    }
}

void timeout::aenter() {
    if (state_ != state::created) throw runtime_error("Timeout has already been entered");
    loop_ = &current_loop();
    task_ = current_task();
    if (!task_) throw runtime_error("Timeout should be used inside a task");
    cancelling_ = task_.cancelling();
    state_ = state::active;
    schedule();
}

void timeout::expire() noexcept {
    task_.cancel();
    state_ = state::expiring;
}

void timeout::aexit(const std::exception_ptr& raised) {
    stop();
    // Who keeps the timeout keeps neither of them.
    loop_ = nullptr;
    any_task task = std::move(task_);
    if (state_ == state::active) {
        state_ = state::finished;
        return;
    }
    state_ = state::expired;
    if (task.uncancel() > cancelling_ || !detail::is_cancellation(raised)) return;
    try {
        std::rethrow_exception(raised);
    } catch (...) {
        std::throw_with_nested(timeout_error());
    }
}

}  // namespace fermata::inline v0
