#include <fermata/thread/detail/thread_pool.hpp>
#include <fermata/thread/to_thread.hpp>

#include <fermata/task/cancellation.hpp>

namespace fermata::inline v0::detail {

namespace {

thread_local thread_call* executing = nullptr;

}  // namespace

event_loop& thread_call::loop() const noexcept { return pool_->loop(); }

void thread_call::begin(task_frame& frame, loop_guest& awaiter) {
    task_ = task_core::current();
    if (!task_) throw runtime_error("no running event loop");
    context_ = current_values();
    pool_ = &thread_pool::of(task_->loop());
    over_ = true;  // nobody waits yet, if this raises
    pool_->submit(*this);
    over_ = false;
    pool_->guests().push_back(awaiter);
    task_->wait_for(frame, *this);
}

void thread_call::end() {
    task_->check_cancelled();
    if (cancelled_) throw cancelled_error();
    if (failure_) std::rethrow_exception(std::move(failure_));
}

void thread_call::leave() noexcept {
    if (over_ || !pool_) return;
    over_ = true;
    if (pool_->leave(*this)) forget();
}

bool thread_call::cancel() noexcept {
    if (over_) return false;
    cancelled_ = true;
    leave();
    loop().schedule(*task_);
    return true;
}

// It comes from the thread, whose share it brings.
void thread_call::run() {
    const shared<thread_call> held(this);
    if (over_) return;
    over_ = true;
    pool_->leave(*this);
    loop().schedule(*task_);
}

void thread_call::execute() noexcept {
    executing = this;
    set_current_values(std::move(context_));
    try {
        invoke();
    } catch (...) {
        failure_ = std::current_exception();
    }
    forget();
    set_current_values({});
    executing = nullptr;
}

void thread_call::deliver() noexcept {
    if (!loop().schedule_threadsafe(*this)) release();
}

thread_call* thread_call::current() noexcept { return executing; }

void thread_call::set_blocked(bool blocked) noexcept { pool_->set_blocked(*this, blocked); }

}  // namespace fermata::inline v0::detail
