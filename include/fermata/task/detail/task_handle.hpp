#pragma once

// Implementation of task/task_handle.hpp.

#include <fermata/task/task_handle.hpp>

namespace fermata::inline v0 {

namespace detail {

struct task_access {
    template <class T>
    static task_handle<T> spawn(event_loop& loop, task<T>&& coroutine, const task_options& options) {
        task_name name = options.name.empty() ? task_name() : task_name(options.name);  // may raise: first
        auto& promise = coroutine.release().promise();
        task_core& core = promise.spawn(loop, std::move(name), options.eager_start);
        return task_handle<T>(reference<future_state>::adopt(core), promise);
    }
    static task_core& core_of(const any_task& handle) noexcept { return handle.core(); }
    static any_task any(task_core& core) noexcept { return any_task(reference<future_state>::share(core)); }
};

}  // namespace detail

template <class T>
task_handle<T> create_task(task<T> coroutine, const task_options& options) {
    return detail::task_access::spawn(current_loop(), std::move(coroutine), options);
}

}  // namespace fermata::inline v0
