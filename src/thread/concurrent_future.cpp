#include <fermata/thread/concurrent_future.hpp>

#include <fermata/thread/detail/thread_pool.hpp>

namespace fermata::inline v0::detail {

namespace {

// A thread that waits this long waits for ever; what is longer overflows the clock.
constexpr std::chrono::nanoseconds forever = std::chrono::hours(24 * 365 * 100);

}  // namespace

struct concurrent_state::blocked_call {
    thread_call& call;
    blocked_call* next;
};

bool concurrent_state::done() noexcept {
    const std::lock_guard guard(mutex_);
    return status_ != status::pending;
}

bool concurrent_state::cancelled() noexcept {
    const std::lock_guard guard(mutex_);
    return status_ == status::cancelled;
}

bool concurrent_state::cancel_both() noexcept {
    const std::lock_guard guard(mutex_);
    if (status_ == status::pending) {
        settle_locked(status::cancelled);
        if (started_) ask_to_cancel();
    }
    return status_ == status::cancelled;
}

void concurrent_state::check_result(limit timeout) {
    if (std::exception_ptr raised = exception(timeout)) std::rethrow_exception(std::move(raised));
}

std::exception_ptr concurrent_state::exception(limit timeout) {
    std::unique_lock lock(mutex_);
    if (status_ == status::pending) wait(lock, timeout);
    if (status_ == status::cancelled) throw cancelled_error();
    return exception_;
}

void concurrent_state::wait(std::unique_lock<std::mutex>& lock, limit timeout) {
    const auto is_settled = [this] { return status_ != status::pending; };
    if (timeout && *timeout < forever) {
        if (!settled_.wait_for(lock, *timeout, is_settled)) throw timeout_error();
        return;
    }
    if (loop_ && loop_ == current_loop_or_null()) {
        throw deadlock_error("a concurrent_future would wait for the loop that this thread runs: await a task instead");
    }
    thread_call* const call = thread_call::current();
    if (call && &call->loop() == loop_) {
        blocked_call here{*call, blocked_};
        blocked_ = &here;
        call->set_blocked(true);
        settled_.wait(lock, is_settled);
    } else {
        settled_.wait(lock, is_settled);
    }
}

void concurrent_state::refuse() noexcept { settle(status::cancelled, nullptr); }

void concurrent_state::settle(status as, std::exception_ptr raised) noexcept {
    const std::lock_guard guard(mutex_);
    if (status_ == status::pending) {
        exception_ = std::move(raised);
        settle_locked(as);
    }
    loop_ = nullptr;
}

void concurrent_state::settle_locked(status as) noexcept {
    status_ = as;
    for (; blocked_; blocked_ = blocked_->next) blocked_->call.set_blocked(false);
    settled_.notify_all();
}

void concurrent_state::ask_to_cancel() noexcept {
    if (!loop_) return;
    acquire();
    if (!loop_->schedule_threadsafe(canceller_)) release();
}

// On the loop's thread

// One that was cancelled before it began is run to its first await all the same, as CPython does it.
void concurrent_state::follow(future_state& task) noexcept {
    acquire();
    task.add_done_callback(*this);
    thread_pool::of(task.loop()).guests().push_back(*this);
    const std::lock_guard guard(mutex_);
    started_ = true;
    if (status_ == status::cancelled) ask_to_cancel();
}

void concurrent_state::canceller::run() {
    const shared<concurrent_state> held(&of_);
    if (of_.task()) of_.task().cancel();
}

void concurrent_state::run() {
    const shared<concurrent_state> held(this);
    loop_guest::unlink();
    take_over();
}

// The task may be done; if not, it never will be.
void concurrent_state::leave_loop() noexcept {
    const shared<concurrent_state> held(this);
    callback::unlink();
    if (task().done()) return take_over();
    drop_task();
    refuse();
}

void concurrent_state::take_over() noexcept {
    if (cancelled() || task().cancelled()) {  // what the task came to is not looked at, and reported if it is an error
        drop_task();
        return refuse();
    }
    std::exception_ptr raised = task().exception();
    try {
        if (!raised) take_result();
    } catch (...) {
        raised = std::current_exception();
    }
    drop_task();
    settle(status::finished, std::move(raised));
}

}  // namespace fermata::inline v0::detail
