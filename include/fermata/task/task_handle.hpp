#pragma once

/// \file
/// Python's Task: a coroutine that the loop runs.

#include <fermata/task/cancellation.hpp>
#include <fermata/task/future.hpp>
#include <fermata/task/task.hpp>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace fermata::inline v0 {

/// A Task, whatever it returns: what current_task() and all_tasks() give. Dropping the last handle detaches it: the loop
/// owns it until it is done.
class any_task : public any_future {
public:
    any_task() = default;

    /// How often it has been asked to cancel, less what uncancel() took back.
    int cancelling() const noexcept { return core().cancelling(); }
    /// Takes one request back, and gives how many are left; at 0, one that has not been delivered is dropped.
    int uncancel() noexcept { return core().uncancel(); }

    std::string name() const { return core().name(); }
    void set_name(std::string_view name) { core().set_name(detail::task_name(name)); }

protected:
    explicit any_task(detail::reference<detail::future_state> core) noexcept : any_future(std::move(core)) {}

private:
    friend struct detail::task_access;
    detail::task_core& core() const noexcept { return static_cast<detail::task_core&>(*state_); }
};

/// Python's `asyncio.Task`, of a task<T>.
template <class T = void>
class task_handle : public typed_future<T, any_task> {
public:
    task_handle() = default;

private:
    friend struct detail::task_access;
    using typed_future<T, any_task>::typed_future;
};

/// Trivial, so that `co_await create_task(f(), {.name = "one"})` is safe: g++ 12 destroys temporaries of aggregates in such
/// an expression twice.
struct task_options {
    std::string_view name = {};  // copied; none: "Task-1", "Task-2" …
    bool eager_start = false;    // runs at once, inside create_task, as far as its first suspension
};
static_assert(std::is_trivially_destructible_v<task_options>);

/// Python's `asyncio.create_task(coro, name=…)`: schedules it on the running loop, behind what is ready. Raises
/// runtime_error "no running event loop", and then the coroutine does not run.
template <class T>
task_handle<T> create_task(task<T> coroutine, const task_options& options = {});

/// Python's `asyncio.current_task()`: empty outside of a task.
any_task current_task() noexcept;

/// Python's `asyncio.all_tasks()`: those of the running loop that are not done, the oldest first.
std::vector<any_task> all_tasks();

}  // namespace fermata::inline v0

#include <fermata/task/detail/task_handle.hpp>
