#include <fermata/base/frame_pool.hpp>
#include <fermata/loop/detail/reporting.hpp>
#include <fermata/task/task_group.hpp>

#include <cstddef>
#include <new>
#include <string>

namespace fermata::inline v0 {

// Stands in the group's list.
struct task_group::entry : detail::list_node {
    explicit entry(child& standing) noexcept : of(standing) {}
    child& of;
};

// A task of the group. Deletes itself when the loop has told it that the task is done.
class task_group::child final : public detail::callback {
public:
    explicit child(task_group& group) noexcept : group_(&group) {}
    void stand_for(any_task task) {
        task_ = std::move(task);
        group_->children_.push_back(entry_);
        detail::future_access::state_of(task_)->add_done_callback(*this);
    }
    void run() override { group_->task_is_done(*this); }
    void abandon() noexcept override { delete this; }
    std::string describe() const override { return "<task group>"; }
    callback* then() noexcept override { return detail::future_access::state_of(group_->parent_).get(); }
    any_task& task() noexcept { return task_; }

    static void* operator new(std::size_t size) { return detail::frame_pool::allocate(size); }
    static void operator delete(void* memory, std::size_t size) noexcept {
        detail::frame_pool::deallocate(memory, size);
    }

private:
    task_group* group_;
    any_task task_;
    entry entry_{*this};
};

task_group::task_group() noexcept = default;

task_group::task_group(task_group&&) noexcept : task_group() {}

void task_group::child_deleter::operator()(child* place) const noexcept { delete place; }

// Left without aexit, because the frame that stands in it was destroyed: the tasks go on, and tell nobody.
task_group::~task_group() {
    if (leaving_) leaving_->close();
    while (!children_.empty()) delete &children_.front().of;
}

std::string task_group::describe() {
    std::string text = "<TaskGroup";
    std::size_t running = 0;
    children_.for_each([&](entry&) { ++running; });
    if (running > 0) text += " tasks=" + std::to_string(running);
    if (!errors_.empty()) text += " errors=" + std::to_string(errors_.size());
    if (aborting_) {
        text += " cancelling";
    } else if (entered_) {
        text += " entered";
    }
    return text + ">";
}

void task_group::refuse() {
    if (!entered_) throw runtime_error("TaskGroup " + describe() + " has not been entered");
    if (exiting_ && children_.empty()) {
        throw runtime_error("TaskGroup " + describe() + " is finished");
    }
    throw runtime_error("TaskGroup " + describe() + " is shutting down");
}

void task_group::aenter() {
    if (entered_) throw runtime_error("TaskGroup " + describe() + " has already been entered");
    current_loop();  // raises, if there is none
    parent_ = current_task();
    if (!parent_) throw runtime_error("TaskGroup " + describe() + " cannot determine the parent task");
    leaving_.emplace(leave());
    entered_ = true;
}

task_group::child_place task_group::make_place() { return child_place(new child(*this)); }

void task_group::add(child_place place, any_task made) {
    child* const joined = place.release();
    joined->stand_for(std::move(made));
    if (!joined->task().done()) return;
    static_cast<detail::list_node&>(*joined).unlink();  // it has run to its end at once
    task_is_done(*joined);
}

void task_group::abort() {
    aborting_ = true;
    children_.for_each([](entry& each) { each.of.task().cancel(); });
}

// CPython's _on_task_done.
void task_group::task_is_done(child& ended) {
    const any_task task = ended.task();
    delete &ended;
    if (all_done_ && children_.empty()) all_done_->set();
    if (task.cancelled()) return;
    std::exception_ptr raised = task.exception();
    if (!raised) return;
    keep(std::move(raised));
    if (aborting_ || parent_cancel_requested_) return;
    abort();
    parent_cancel_requested_ = true;
    parent_.cancel();
}

// Without memory it is reported at least, and the group fails with std::bad_alloc.
void task_group::keep(std::exception_ptr raised) noexcept {
    if (!interrupt_ && detail::is_interrupt(raised)) interrupt_ = raised;
    try {
        errors_.push_back(raised);
    } catch (const std::bad_alloc&) {
        has_lost_errors_ = true;
        detail::report(current_loop_or_null(), raised,
                       [&] { return error_context{"Unhandled error in a TaskGroup", raised, describe()}; });
    }
}

task<> task_group::aexit(std::exception_ptr raised) {
    raised_ = std::move(raised);
    if (!leaving_) return leave();  // it was never entered
    task<> leaving = std::move(*leaving_);
    leaving_.reset();
    return leaving;
}

// CPython's __aexit__. The loop: who waits may be cancelled more than once.
task<> task_group::leave() {
    const std::exception_ptr raised = std::exchange(raised_, nullptr);
    exiting_ = true;
    // However it ends: who keeps the group keeps neither its parent nor what was raised.
    struct forgetting {
        task_group& group;
        ~forgetting() {
            group.parent_ = {};
            group.errors_.clear();
            group.interrupt_ = {};
        }
    } const at_the_end{*this};
    if (!interrupt_ && detail::is_interrupt(raised)) interrupt_ = raised;
    const bool body_was_cancelled = detail::is_cancellation(raised);
    std::exception_ptr cancellation = body_was_cancelled ? raised : nullptr;
    if (raised && !aborting_) abort();
    while (!children_.empty()) {
        detail::completion all_done(current_loop());
        all_done_ = &all_done;
        try {
            co_await all_done;
        } catch (const cancelled_error&) {
            if (!aborting_) {
                cancellation = std::current_exception();
                abort();
            }
        }
        all_done_ = nullptr;
    }
    if (interrupt_) std::rethrow_exception(std::move(interrupt_));
    if (parent_cancel_requested_) parent_.uncancel();
    if (cancellation && errors_.empty() && !has_lost_errors_) std::rethrow_exception(cancellation);
    if (raised && !body_was_cancelled) keep(raised);
    if (errors_.empty() && !has_lost_errors_) co_return;
    if (parent_.cancelling() > 0) {  // it is being cancelled from elsewhere too: that arrives at its next await
        parent_.uncancel();
        parent_.cancel();
    }
    if (has_lost_errors_) throw std::bad_alloc();
    throw exception_group("unhandled errors in a TaskGroup", std::move(errors_));
}

}  // namespace fermata::inline v0
