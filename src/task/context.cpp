#include <fermata/task/detail/context.hpp>
#include <fermata/task/detail/task_core.hpp>

namespace fermata::inline v0::detail {

namespace {

// Where no task runs.
thread_local shared<context_values> values_of_thread;

}  // namespace

context_value* context_values::find(const context_values* values, const void* variable) noexcept {
    if (!values) return nullptr;
    for (const entry& each : values->entries_) {
        if (each.variable == variable) return each.value.get();
    }
    return nullptr;
}

shared<context_values> context_values::with(const context_values* values, const void* variable,
                                            shared<context_value> value) {
    shared<context_values> changed(new context_values);
    auto& entries = changed.get()->entries_;
    if (values) {
        for (const entry& each : values->entries_) {
            if (each.variable != variable) entries.push_back(each);
        }
    }
    if (value) entries.push_back({variable, std::move(value)});
    return changed;
}

const shared<context_values>& current_values() noexcept {
    const task_core* task = task_core::current();
    return task ? task->context().values() : values_of_thread;
}

void set_current_values(shared<context_values> values) {
    if (task_core* task = task_core::current()) {
        task->set_values(std::move(values));
    } else {
        values_of_thread = std::move(values);
    }
}

reference<context> context::make(intrusive_list<context>& of_loop, event_loop& loop, shared<context_values> values) {
    auto* made = new context(loop, std::move(values));
    of_loop.push_back(*made);
    return reference<context>::adopt(*made);
}

}  // namespace fermata::inline v0::detail
