#pragma once

/// \file
/// Python's `asyncio.TaskGroup`.

#include <fermata/base/exception_group.hpp>
#include <fermata/base/intrusive_list.hpp>
#include <fermata/task/detail/completion.hpp>
#include <fermata/task/task_handle.hpp>
#include <fermata/task/with.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace fermata::inline v0 {

/// Python's `asyncio.TaskGroup`, entered by `with`: leaving it waits for all its tasks.
///
///     co_await with(task_group(), [&](task_group& group) -> task<> { group.create_task(a()); … co_return; });
///
/// When a task fails, or the body does, the others are cancelled, and so is the body; when all are done, what they raised is
/// raised as an exception_group "unhandled errors in a TaskGroup", in the order in which they failed, the body's last. A
/// task that is cancelled does not fail the group; a keyboard_interrupt is raised as it is, and alone. If the task that entered
/// it is cancelled from elsewhere, all are cancelled and cancelled_error goes on, unless there are errors: these go first, and
/// cancelled_error arrives at the next await. May be moved until it is entered. Not thread-safe.
class task_group {
public:
    task_group() noexcept;
    task_group(task_group&& other) noexcept;
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;
    ~task_group();

    /// `group.create_task(coro, name=…)`. Raises runtime_error "TaskGroup <TaskGroup> has not been entered", "… is
    /// finished", "… is shutting down"; the coroutine then does not run.
    template <class T>
    task_handle<T> create_task(task<T> coroutine, const task_options& options = {}) {
        if (!is_open()) {
            coroutine.close();
            refuse();
        }
        child_place place = make_place();  // may raise, and comes first: no task is ever without its group
        task_handle<T> made = fermata::create_task(std::move(coroutine), options);
        add(std::move(place), made);
        return made;
    }

    /// Raise runtime_error "TaskGroup <TaskGroup entered> has already been entered", "… cannot determine the parent task"
    /// outside of one, or what is said above.
    void aenter();
    task<> aexit(std::exception_ptr raised);

private:
    class child;
    struct child_deleter {
        void operator()(child* place) const noexcept;
    };
    using child_place = std::unique_ptr<child, child_deleter>;

    bool is_open() const noexcept { return entered_ && !aborting_ && !(exiting_ && children_.empty()); }
    [[noreturn]] void refuse();
    child_place make_place();
    void add(child_place place, any_task made);
    void task_is_done(child& ended);
    void abort();
    void keep(std::exception_ptr raised) noexcept;
    task<> leave();
    std::string describe();

    struct entry;
    detail::intrusive_list<entry> children_;
    std::vector<std::exception_ptr> errors_;
    any_task parent_;
    std::optional<task<>> leaving_;  // made in aenter(): a group is left, also where there is no memory any more
    std::exception_ptr raised_;
    std::exception_ptr interrupt_;  // the first keyboard_interrupt: CPython's _base_error
    detail::completion* all_done_ = nullptr;
    bool entered_ = false;
    bool exiting_ = false;
    bool aborting_ = false;
    bool parent_cancel_requested_ = false;
    bool has_lost_errors_ = false;
};

}  // namespace fermata::inline v0
