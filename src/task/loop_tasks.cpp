#include <fermata/task/detail/loop_tasks.hpp>
#include <fermata/task/detail/task_core.hpp>

#include <memory>
#include <utility>

namespace fermata::inline v0::detail {

void loop_tasks::make(event_loop& loop) { loop.extension() = std::make_unique<loop_tasks>(loop); }

// Futures may be kept longer than their loop.
loop_tasks::~loop_tasks() {
    contexts_.for_each([](context& each) { each.leave_loop(); });
}

reference<context> loop_tasks::make_context(shared<context_values> values) {
    return context::make(contexts_, loop_, std::move(values));
}

const reference<context>& loop_tasks::own_context() {
    const shared<context_values>& values = current_values();
    if (!own_context_ || own_context_->values().get() != values.get()) own_context_ = make_context(values);
    return own_context_;
}

void loop_tasks::instrumented(trace::instrument* by) noexcept {
    pending_.for_each([by](task_entry& each) { static_cast<task_core&>(each).set_instrument(by); });
}

void loop_tasks::close() noexcept {
    while (!pending_.empty()) static_cast<task_core&>(pending_.front()).leave_loop();
    while (!generators_.left.empty()) generators_.left.pop_front().abandon();
}

}  // namespace fermata::inline v0::detail
