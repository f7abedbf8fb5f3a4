#include <fermata/task/cancellation.hpp>
#include <fermata/task/detail/gathering.hpp>

#include <exception>

namespace fermata::inline v0::detail {

void gathering::watch(child* children, future_state* const* futures, std::size_t size) {
    children_ = children;
    size_ = size;
    if (size == 0) return finish_with_results();
    acquire();
    for (std::size_t i = 0; i < size; ++i) {
        children[i].of_ = this;
        children[i].future_ = futures[i];
        if (!futures[i]->done()) futures[i]->add_done_callback(children[i]);
    }
    for (std::size_t i = 0; i < size; ++i) {
        if (futures[i]->done() && !children[i].linked()) child_done(*futures[i]);
    }
}

bool gathering::cancel() noexcept {
    if (done()) return false;
    bool any = false;
    for (std::size_t i = 0; i < size_; ++i) any = children_[i].future_->cancel() || any;
    cancel_requested_ = cancel_requested_ || any;
    return any;
}

void gathering::child_done(future_state& ended) {
    if (done() || !keep_exceptions_) ended.mark_seen();
    if (!done() && !keep_exceptions_) {
        if (ended.cancelled()) {
            fail(std::make_exception_ptr(cancelled_error()));
        } else if (std::exception_ptr raised = ended.exception()) {
            fail(std::move(raised));
        }
    }
    if (!done() && done_ + 1 == size_) {
        for (std::size_t i = 0; i < size_; ++i) children_[i].future_->mark_seen();
        if (cancel_requested_) {
            fail(std::make_exception_ptr(cancelled_error()));
        } else {
            finish_with_results();
        }
    }
    count();
}

// To copy a result may raise. Nobody else would tell those who wait.
void gathering::finish_with_results() {
    try {
        collect();
    } catch (...) {
        return fail(std::current_exception());
    }
    finish();
}

void gathering::count() noexcept {
    if (++done_ == size_) release();
}

}  // namespace fermata::inline v0::detail
