#include <fermata/task/context_var.hpp>
#include <fermata/task/detail/task_core.hpp>

namespace fermata::inline v0 {

namespace {

thread_local const char outside_of_tasks = 0;

// What stands for the context that is current: its task, or the thread.
const void* current_place() noexcept {
    const detail::task_core* task = detail::task_core::current();
    return task ? static_cast<const void*>(task) : &outside_of_tasks;
}

}  // namespace

namespace detail {

context_value* find_value(const void* variable) noexcept {
    return context_values::find(current_values().get(), variable);
}

shared<context_value> exchange_value(const void* variable, shared<context_value> value) {
    const shared<context_values> values = current_values();  // NOLINT(performance-*): it is about to be changed
    shared<context_value> before;
    if (context_value* found = context_values::find(values.get(), variable)) {
        found->acquire();
        before = shared<context_value>(found);
    }
    set_current_values(context_values::with(values.get(), variable, std::move(value)));
    return before;
}

}  // namespace detail

context_token::context_token(const void* variable, detail::shared<detail::context_value> before)
    : variable_(variable), set_in_(current_place()), before_(std::move(before)) {}

detail::shared<detail::context_value> context_token::use_for(const void* variable) {
    if (used_) throw runtime_error("this context_token has already been used once");
    if (variable_ != variable) throw value_error("this context_token was created by a different context_var");
    if (set_in_ != current_place()) throw value_error("this context_token was created in a different context");
    used_ = true;
    return std::move(before_);
}

}  // namespace fermata::inline v0
