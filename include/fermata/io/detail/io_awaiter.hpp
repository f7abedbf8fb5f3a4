#pragma once

// Waiting for an operation.

#include <fermata/io/detail/endpoint.hpp>
#include <fermata/io/detail/operation.hpp>
#include <fermata/task/detail/task_core.hpp>

namespace fermata::inline v0::detail {

/// Whether a task of the endpoint's loop is running. Raises runtime_error "no running event loop", that it is another one, or
/// "Event loop is closed".
void check_task(const endpoint& on);

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

    void check_cancelled();
};

/// For what is built of several operations.
class plain_operation final : public io_awaiter {
public:
    using io_awaiter::io_awaiter;
};

}  // namespace fermata::inline v0::detail
