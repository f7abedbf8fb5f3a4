#include <fermata/task/detail/function_name.hpp>
#include <fermata/task/detail/task_core.hpp>
#include <fermata/task/task_view.hpp>

#include <string_view>

namespace fermata::inline v0::trace {

using detail::task_frame;

const void* task_view::id() const noexcept { return &task_; }

std::string task_view::name() const { return task_.name(); }

std::source_location task_view::coroutine() const noexcept { return task_.outermost().awaits_at; }

std::size_t task_view::stack(std::span<std::source_location> into) const noexcept {
    std::size_t size = 0;
    if (!is_suspended_) return size;
    for (const task_frame* frame = task_.innermost(); frame;
         frame = frame->awaited_by ? frame->awaited_by->awaiting : nullptr) {
        if (size < into.size()) into[size] = frame->awaits_at;
        ++size;
    }
    return size;
}

awaited task_view::waits_for() const noexcept {
    if (!is_suspended_) return {"nothing"};
    if (const detail::cancellable* what = task_.waits_for()) return what->as_awaited();
    return {task_.sleeps_now() ? "sleep" : "turn"};
}

const void* task_view::awaited_by() const noexcept {
    constexpr int most_between = 8;
    detail::future_state* state = &task_;
    for (int i = 0; i < most_between; ++i) {
        detail::callback* first = state->first_waiting();
        state = first ? static_cast<detail::future_state*>(first->then()) : nullptr;
        if (!state) return nullptr;
        if (state->is_task()) return static_cast<detail::task_core*>(state);
    }
    return nullptr;
}

std::string function_of(const std::source_location& at) { return detail::function_name(at); }

std::string place_of(const std::source_location& at) {
    const std::string_view file = at.file_name();
    return std::string(file.substr(file.find_last_of('/') + 1)) + ":" + std::to_string(at.line());
}

}  // namespace fermata::inline v0::trace
