#include <fermata/task/task_handle.hpp>

namespace fermata::inline v0 {

namespace detail {

void raise_cannot_wait(task_core* task, future_state& what) {
    if (!task) throw runtime_error("no running event loop");
    if (task == &what) throw runtime_error("Task cannot await on itself: " + task->describe());
    throw runtime_error("Task " + task->describe() + " got Future " + what.describe() +
                        " attached to a different loop");
}

}  // namespace detail

any_task current_task() noexcept {
    detail::task_core* task = detail::task_core::current();
    return task ? detail::task_access::any(*task) : any_task();
}

std::vector<any_task> all_tasks() {
    std::vector<any_task> tasks;
    detail::loop_tasks::of(current_loop()).pending().for_each([&](detail::task_entry& each) {
        tasks.push_back(detail::task_access::any(static_cast<detail::task_core&>(each)));
    });
    return tasks;
}

}  // namespace fermata::inline v0
