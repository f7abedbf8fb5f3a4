#include <fermata/testing/cancel_at_every_await.hpp>

namespace fermata::inline v0::detail {

bool injection::next() noexcept {
    if (!std::exchange(begun_, true)) return true;
    if (chosen_) {
        ++*chosen_;
    } else {
        points_ = passed_;
        chosen_ = 0;
    }
    passed_ = 0;
    canceller_.reset();
    return *chosen_ < points_;
}

void injection::visit(intrusive_list<callback>& batch) {
    while (!batch.empty()) {
        callback& next = batch.pop_front();
        auto* const task = dynamic_cast<task_core*>(&next);
        const bool counts = task && (any_task_ || task == main_);
        if (counts && is_chosen()) {
            canceller_.aim_at(*task, "just before its turn");
            visited_.push_back(canceller_);
        }
        visited_.push_back(next);
        if (counts && is_chosen()) {
            canceller_.aim_at(*task, "just behind its turn");
            visited_.push_back(canceller_);
        }
    }
    batch.splice_back(visited_);
}

void injection::check_outcome(task_core& main) {
    if (chosen_ && canceller_.done().empty()) {
        throw test_failure("the program did not come to this point again; it must do the same in each run");
    }
    if (!chosen_ || !main.cancelled()) main.check_result();
    if (chosen_ && !may_swallow_ && canceller_.was_swallowed()) throw test_failure("it swallowed the cancellation");
}

void injection::fail(const std::exception_ptr& raised) const {
    if (!chosen_) std::rethrow_exception(raised);
    const std::string text = "cancelled " + (canceller_.done().empty() ? "nothing" : canceller_.done()) + " (point " +
                             std::to_string(*chosen_ + 1) + " of " + std::to_string(points_) + "): " + text_of(raised);
    try {
        std::rethrow_exception(raised);
    } catch (...) {
        std::throw_with_nested(test_failure(text));
    }
}

void injection::canceller::aim_at(task_core& task, const char* when) {
    task_ = reference<task_core>::share(task);
    when_ = when;
}

// Behind its last step, a task has ended: that is no failure, and no cancellation.
void injection::canceller::run() {
    done_ = task_->describe() + (task_->done() ? ", when it had ended" : " at " + whereabouts(*task_) + ", " + when_);
    requested_ = task_->cancel();
}

bool injection::canceller::was_swallowed() const {
    return requested_ && task_->done() && !task_->cancelled() && !task_->exception();
}

}  // namespace fermata::inline v0::detail
