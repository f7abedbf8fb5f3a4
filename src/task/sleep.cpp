#include <fermata/task/sleep.hpp>

namespace fermata::detail {

void sleep_awaiter::begin(task_frame& frame) {
    task_ = task_core::current();
    if (!task_) throw runtime_error("no running event loop");
    event_loop& loop = task_->loop();
    const auto when_due = absolute_ ? until_ : loop.time() + until_;
    if (when_due <= loop.time()) {
        over_ = true;
        task_->wait_a_turn(frame);
        return;
    }
    loop.schedule_at(*this, when_due);
    task_->wait_for(frame, *this);
}

// The task is woken a turn after the timer, as CPython's future wakes it.
void sleep_awaiter::run() {
    over_ = true;
    task_->loop().schedule(*task_);
}

std::string sleep_awaiter::describe() const { return "<sleep of " + task_->describe() + ">"; }

bool sleep_awaiter::cancel() noexcept {
    if (over_) return false;
    withdraw();
    over_ = cancelled_ = true;
    task_->loop().schedule(*task_);
    return true;
}

void sleep_awaiter::withdraw() noexcept {
    if (task_ && !over_) task_->loop().unschedule(*this);
}

}  // namespace fermata::detail
