#pragma once

// Waiting for a future, or for another task.

#include <fermata/base/errors.hpp>
#include <fermata/task/detail/task_core.hpp>

#include <coroutine>
#include <string>

namespace fermata::detail {

/// The task that is running, which is about to wait. Raises runtime_error if there is none, or it is of another loop, or
/// what is waited for is itself.
task_core& task_that_waits_for(future_state& what);

class future_awaiter {
public:
    explicit future_awaiter(reference<future_state> what) noexcept : what_(std::move(what)) {}

    // A future that is done costs no turn of the loop.
    bool await_ready() const {
        if (what_->done()) return true;
        task_that_waits_for(*what_);
        return false;
    }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> waiting) {
        task_ = task_core::current();
        what_->add_done_callback(*task_);
        task_->wait_for(waiting.promise(), *what_);
    }

protected:
    /// Raises what there is instead of a result.
    void resume() {
        if (task_) task_->check_cancelled();
        what_->check_result();
    }

private:
    reference<future_state> what_;
    task_core* task_ = nullptr;
};

}  // namespace fermata::detail
