#pragma once

// Waiting for a future, or for another task.

#include <fermata/base/errors.hpp>
#include <fermata/task/detail/task_core.hpp>

#include <string>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

class any_future;
class any_task;
class callback_handle;

namespace detail {

class scheduled_call;
struct future_access;
struct task_access;

/// Schedules a call when a future is done.
callback_handle when_done(future_state& state, shared<scheduled_call> call);

[[noreturn]] void raise_cannot_wait(task_core* task, future_state& what);
/// The task that is running, which is about to wait. Raises runtime_error if there is none, or it is of another loop, or
/// what is waited for is itself.
inline task_core& task_that_waits_for(future_state& what) {
    task_core* const task = task_core::current();
    if (!task || task == &what || !what.is_of(task->loop())) [[unlikely]]
        raise_cannot_wait(task, what);
    return *task;
}

class future_awaiter {
public:
    explicit future_awaiter(reference<future_state> what) noexcept : what_(std::move(what)) {}

    // A future that is done costs no turn of the loop.
    bool await_ready() const {
        if (what_->done()) return true;
        task_that_waits_for(*what_);
        return false;
    }
    void await_suspend(suspension here) {
        task_ = task_core::current();
        what_->add_done_callback(*task_);
        task_->wait_for(here.frame(), *what_);
    }

protected:
    /// Raises what there is instead of a result. Its exception has then been asked for, as in CPython's Task.__wakeup,
    /// even where the task is cancelled and raises that instead.
    void resume() {
        if (task_) {
            what_->mark_seen();
            task_->check_cancelled();
        }
        what_->check_result();
    }

    const future_state& what() const noexcept { return *what_; }

private:
    reference<future_state> what_;
    task_core* task_ = nullptr;
};

template <class T>
class task_result;

// Given is what the await gives: T& or T.
template <class Given, class T>
class result_awaiter : public future_awaiter {
public:
    result_awaiter(reference<future_state> what, task_result<T>& result) noexcept
        : future_awaiter(std::move(what)), result_(result) {}

    Given await_resume() {
        this->resume();
        if constexpr (std::is_reference_v<Given> || std::is_void_v<Given>) {
            return result_.value();
        } else {
            return result_.take(what().result_is_shared());
        }
    }

private:
    task_result<T>& result_;
};

}  // namespace detail

}  // namespace fermata::inline v0
