#pragma once

// Waiting for an operation.

#include <fermata/base/config.hpp>
#include <fermata/io/detail/endpoint.hpp>
#include <fermata/io/detail/operation.hpp>
#include <fermata/task/cancellation.hpp>
#include <fermata/task/detail/task_core.hpp>

namespace fermata::inline v0::detail {

/// Raises runtime_error "no running event loop", that it is another one, or "Event loop is closed".
[[noreturn]] FERMATA_DETAIL_COLD void refuse_task(const endpoint& on);

/// A task of the endpoint's loop must be running; raises the same.
inline void check_task(const endpoint& on) {
    const task_core* const task = task_core::current();
    if (!task || on.is_orphan() || &task->loop() != &on.loop()) [[unlikely]]
        refuse_task(on);
}

/// The base of what is awaited: it is the operation, and stands in the frame.
class io_awaiter : public operation {
public:
    using operation::operation;

    bool await_ready() {
        check_task(on());
        start();
        return !under_way();
    }
    void await_suspend(suspension here) {
        task_core& task = *task_core::current();
        wake(task);
        suspended_ = true;
        task.wait_for(here.frame(), *this);
    }
    /// What it came to: not negative, or -errno. Raises cancelled_error.
    int await_resume() {
        check_cancelled();
        return take();
    }

protected:
    ~io_awaiter() = default;

    // The task's own cancellation comes when the operation was done before.
    void check_cancelled() {
        if (!suspended_) return;
        if (cancelled()) [[unlikely]]
            throw cancelled_error();
        task_core::current()->check_cancelled();
    }
};

/// For what is built of several operations.
class plain_operation final : public io_awaiter {
public:
    using io_awaiter::io_awaiter;
};

}  // namespace fermata::inline v0::detail
