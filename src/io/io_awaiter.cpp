#include <fermata/base/errors.hpp>
#include <fermata/io/detail/io_awaiter.hpp>
#include <fermata/task/cancellation.hpp>

namespace fermata::inline v0::detail {

void check_task(const endpoint& on) {
    const task_core* const task = task_core::current();
    if (!task) throw runtime_error("no running event loop");
    if (on.is_orphan()) throw runtime_error("Event loop is closed");
    if (&task->loop() != &on.loop()) throw runtime_error("this stream belongs to another event loop");
}

// The task's own cancellation comes when the operation was done before.
void io_awaiter::check_cancelled() {
    if (!suspended_) return;
    if (cancelled()) throw cancelled_error();
    task_core::current()->check_cancelled();
}

}  // namespace fermata::inline v0::detail
