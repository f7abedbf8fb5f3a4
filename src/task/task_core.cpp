#include <fermata/task/detail/task_core.hpp>

#include <fermata/task/cancellation.hpp>

#include <utility>

namespace fermata::detail {

namespace {

thread_local task_core* stepping = nullptr;

}  // namespace

bool is_cancellation(const std::exception_ptr& exception) noexcept {
    if (!exception) return false;
    try {
        std::rethrow_exception(exception);
    } catch (const cancelled_error&) {
        return true;
    } catch (...) {
        return false;
    }
}

void task_frame::fail_with_current_exception() noexcept {
    try {
        throw;
    } catch (const stop_iteration&) {  // PEP 479
        try {
            std::throw_with_nested(runtime_error("coroutine raised StopIteration"));
        } catch (...) {
            failure = std::current_exception();
        }
    } catch (...) {
        failure = std::current_exception();
    }
}

loop_tasks& loop_tasks::of(event_loop& loop) {
    if (!loop.extension()) loop.extension() = std::make_unique<loop_tasks>();
    return static_cast<loop_tasks&>(*loop.extension());
}

task_core::task_core(event_loop& loop, task_frame& outermost, std::string name)
    : future_state(loop), outermost_(outermost), at_(&outermost), name_(std::move(name)) {
    loop_tasks::of(loop).pending.push_back(entry_);
}

task_core::~task_core() { report_unseen_exception("Task exception was never retrieved", describe()); }

task_core* task_core::current() noexcept { return stepping; }

void task_core::destroy() noexcept { outermost_.handle.destroy(); }

bool task_core::cancel() noexcept {
    if (done()) return future_state::cancel();
    ++cancel_requests_;
    if (waits_for_ && waits_for_->cancel()) return true;
    must_cancel_ = true;
    return true;
}

int task_core::uncancel() noexcept {
    if (cancel_requests_ > 0 && --cancel_requests_ == 0) must_cancel_ = false;
    return cancel_requests_;
}

void task_core::wait_for(task_frame& at, awaited& what) noexcept {
    at_ = &at;
    waits_for_ = &what;
    if (must_cancel_ && what.cancel()) must_cancel_ = false;
}

void task_core::wait_a_turn(task_frame& at) noexcept {
    at_ = &at;
    loop().schedule(*this);
}

void task_core::check_cancelled() {
    if (std::exchange(raise_, false)) throw cancelled_error();
}

// Cancelled before it has started, the body never runs.
void task_core::step() {
    waits_for_ = nullptr;
    raise_ = std::exchange(must_cancel_, false);
    if (raise_ && !started_) {
        future_state::cancel();
        end();
        return;
    }
    started_ = true;
    task_core* const outer = std::exchange(stepping, this);
    next_ = at_;
    while (task_frame* frame = std::exchange(next_, nullptr)) frame->handle.resume();
    stepping = outer;
    if (!outermost_.ended) return;
    if (outermost_.failure) {
        if (is_cancellation(outermost_.failure)) {
            future_state::cancel();
        } else {
            fail(std::move(outermost_.failure));
        }
    } else if (std::exchange(must_cancel_, false)) {  // cancelled in its last step
        future_state::cancel();
    } else {
        finish();
    }
    end();
}

// The loop's share goes.
void task_core::end() noexcept {
    entry_.unlink();
    release();
}

}  // namespace fermata::detail
