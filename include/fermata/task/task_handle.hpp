#pragma once

/// \file
/// Python's Task: a coroutine that the loop runs.

#include <fermata/task/cancellation.hpp>
#include <fermata/task/detail/future_awaiter.hpp>
#include <fermata/task/task.hpp>

#include <exception>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace fermata {

/// A Task, whatever it returns: what current_task() and all_tasks() give. Copies are of the same Task. Dropping the last
/// handle detaches it: the loop owns it until it is done. Empty if default-constructed or moved from; then nothing but
/// assignment is allowed. Not thread-safe.
class any_task {
public:
    any_task() = default;

    bool done() const noexcept { return core_->done(); }
    bool cancelled() const noexcept { return core_->cancelled(); }

    /// Python's `t.cancel()`: raises cancelled_error at the await where it is suspended, at its next turn; there it may be
    /// caught. Not started yet, it never runs. False if it is done. Each call counts in cancelling().
    bool cancel() noexcept { return core_->cancel(); }
    int cancelling() const noexcept { return core_->cancelling(); }
    /// Takes one request back, and gives how many are left; at 0, one that has not been delivered is dropped.
    int uncancel() noexcept { return core_->uncancel(); }

    /// What it raised, or null. Raises cancelled_error if it was cancelled, invalid_state_error "Exception is not set."
    /// if it is not done.
    std::exception_ptr exception() const { return core_->exception(); }

    const std::string& name() const noexcept { return core_->name(); }
    void set_name(std::string name) { core_->set_name(std::move(name)); }

    explicit operator bool() const noexcept { return static_cast<bool>(core_); }
    friend bool operator==(const any_task& a, const any_task& b) noexcept { return a.core_.get() == b.core_.get(); }

protected:
    explicit any_task(detail::reference<detail::task_core> core) noexcept : core_(std::move(core)) {}
    detail::reference<detail::task_core> core_;

private:
    friend struct detail::task_access;
};

/// Python's `asyncio.Task`, of a task<T>. `co_await handle` waits until it is done, gives a reference to its result (by
/// value from a temporary handle), and raises what it raised; cancelling who waits cancels this Task.
template <class T = void>
class task_handle : public any_task {
public:
    task_handle() = default;

    /// Its result. Raises what it raised, cancelled_error, or invalid_state_error "Result is not set.".
    std::add_lvalue_reference_t<T> result() const {
        core_->check_result();
        return promise_->value();
    }

    auto operator co_await() const& { return awaiter<std::add_lvalue_reference_t<T>>(*this); }
    auto operator co_await() && { return awaiter<T>(*this); }

private:
    friend struct detail::task_access;
    task_handle(detail::reference<detail::task_core> core, detail::task_promise<T>& promise) noexcept
        : any_task(std::move(core)), promise_(&promise) {}

    template <class Result>
    class awaiter : public detail::future_awaiter {
    public:
        explicit awaiter(const task_handle& handle)
            : future_awaiter(detail::reference<detail::future_state>::share(*handle.core_)),
              promise_(handle.promise_) {}
        Result await_resume() {
            this->resume();
            return static_cast<Result>(static_cast<std::add_rvalue_reference_t<Result>>(promise_->value()));
        }

    private:
        detail::task_promise<T>* promise_;
    };

    detail::task_promise<T>* promise_ = nullptr;
};

/// Trivial, so that `co_await create_task(f(), {.name = "one"})` is safe: g++ 12 destroys temporaries of aggregates in such
/// an expression twice.
struct task_options {
    std::string_view name = {};  // copied; none: "Task-1", "Task-2" …
};
static_assert(std::is_trivially_destructible_v<task_options>);

/// Python's `asyncio.create_task(coro, name=…)`: schedules it on the running loop, behind what is ready. Raises
/// runtime_error "no running event loop".
template <class T>
task_handle<T> create_task(task<T> coroutine, const task_options& options = {});

/// Python's `asyncio.current_task()`: empty outside of a task.
any_task current_task() noexcept;

/// Python's `asyncio.all_tasks()`: those of the running loop that are not done, the oldest first.
std::vector<any_task> all_tasks();

}  // namespace fermata

#include <fermata/task/detail/task_handle.hpp>
