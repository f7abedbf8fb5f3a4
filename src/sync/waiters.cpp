#include <fermata/sync/waiters.hpp>

#include <string>

namespace fermata::inline v0::detail {

task_core& waiter::stand_in(waiters& line) {
    task_core* const task = task_core::current();
    if (!task) throw runtime_error("no running event loop");
    line.bind(task->loop());
    task_ = task;
    line_ = &line;
    line.line_.push_back(*this);
    ++line.claims_;
    return *task;
}

void waiter::wait_in(waiters& line, task_frame& frame) { stand_in(line).wait_for(frame, *this); }

void waiter::wait_until_over(waiters& line, task_frame& frame) { stand_in(line).wait_until(frame, *this); }

void waiter::wait_again() noexcept {
    unlink();
    state_ = state::waiting;
    line_->line_.push_back(*this);
}

trace::awaited waiter::as_awaited() const noexcept { return {linked() ? line_->of_ : "what is gone"}; }

bool waiter::cancel() noexcept {
    if (state_ != state::waiting) return false;
    state_ = state::cancelled;
    if (linked()) {
        --line_->claims_;
        line_->step_aside(*this);
    }
    task_->loop().schedule(*task_);
    return true;
}

waiter::outcome waiter::end_wait() noexcept {
    const bool alone = !linked();
    leave();
    const bool interrupted = task_->take_cancellation() || state_ == state::cancelled;
    return {interrupted, state_ == state::woken, alone};
}

// Not linked, there is no line any more.
void waiter::leave() noexcept {
    if (!linked()) return;
    if (state_ != state::cancelled) --line_->claims_;
    unlink();
}

void waiters::bind(event_loop& loop) {
    if (loop_ && loop_ != &loop) throw runtime_error(std::string(of_) + " is bound to a different event loop");
    loop_ = &loop;
}

void waiters::wake_front() noexcept {
    if (line_.empty() || line_.front().state_ != waiter::state::waiting) return;
    wake(line_.front());
}

void waiters::wake_all() noexcept {
    while (wake_next()) {
    }
}

void waiters::wake(waiter& first) noexcept {
    first.state_ = waiter::state::woken;
    step_aside(first);
    first.task_->loop().schedule(*first.task_);
}

void waiters::step_aside(waiter& settled) noexcept {
    if (rule_ == when_settled::keep_their_place) return;
    settled.unlink();
    settled_.push_back(settled);
}

}  // namespace fermata::inline v0::detail
