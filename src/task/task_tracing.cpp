// What a task tells its loop's instrument. Whether there is one is one of the flags of what its next turn is to see to: where
// there is none, a turn asks nothing more.

#include <fermata/task/detail/task_core.hpp>
#include <fermata/task/task_view.hpp>

namespace fermata::inline v0::detail {

namespace {

// Its step is over, and it wakes those that wait for it.
thread_local task_core* ending_task = nullptr;

task_core* task_at_work() noexcept { return current_step.task ? current_step.task : ending_task; }

}  // namespace

// Of one that is suspended, whether it has been woken meanwhile cannot be seen.
void task_core::set_instrument(trace::instrument* told) noexcept {
    if (!told) return clear_due(traced);
    set_due(traced);
    told->task_created(trace::task_view(*this));
    const bool has_to_wait = waits_for_ || is_due(sleeps) || static_cast<callback&>(*this).linked();
    if (!is_due(starts) && has_to_wait) told->task_suspended(trace::task_view(*this, true));
}

// One that schedules itself is not suspended yet.
void task_core::tell_scheduled(trace::instrument& told) noexcept {
    task_core* const by = task_at_work();
    const trace::task_view self(*this, by != this && !is_due(starts));
    if (by) {
        const trace::task_view waking(*by);
        told.task_woken(self, trace::waker::task, &waking);
    } else {
        told.task_woken(self, is_due(sleeps) ? trace::waker::timer : trace::waker::callback, nullptr);
    }
}

void task_core::tell_resumed() noexcept {
    if (trace::instrument* const told = loop().instrument()) told->task_resumed(trace::task_view(*this));
}

void task_core::tell_suspended() noexcept {
    if (trace::instrument* const told = loop().instrument()) told->task_suspended(trace::task_view(*this, true));
}

void task_core::tell_cancelled() noexcept {
    trace::instrument* const told = loop().instrument();
    if (!told) return;
    if (task_core* const by = task_at_work()) {
        const trace::task_view cancelling(*by);
        told->task_cancelled(trace::task_view(*this), &cancelling);
    } else {
        told->task_cancelled(trace::task_view(*this), nullptr);
    }
}

void task_core::begin_telling_of_end() noexcept { ending_task = this; }

void task_core::tell_finished() noexcept {
    ending_task = nullptr;
    trace::instrument* const told = loop().instrument();
    if (!told) return;
    trace::ending how = trace::ending::returned;
    if (!done()) {
        how = trace::ending::abandoned;
    } else if (cancelled()) {
        how = trace::ending::cancelled;
    } else if (failed()) {
        how = trace::ending::raised;
    }
    told->task_finished(trace::task_view(*this), how);
}

}  // namespace fermata::inline v0::detail
