#include <fermata/loop/detail/reporting.hpp>
#include <fermata/task/cancellation.hpp>
#include <fermata/task/detail/future_state.hpp>
#include <fermata/task/detail/task_core.hpp>

namespace fermata::inline v0::detail {

future_state::future_state(event_loop& loop) : future_state(context_in(loop)) {}

void future_state::abandon_waiting() noexcept {
    while (!waiting_.empty()) waiting_.pop_front().abandon();
}

std::string future_state::describe() const {
    return cancelled() ? "<Future cancelled>" : done() ? "<Future finished>" : "<Future pending>";
}

void future_state::report(const char* message) noexcept {
    detail::report(context_->loop(), exception_, [&] { return error_context{message, exception_, describe()}; });
}

void future_state::settle(status as) noexcept {
    if (!waiting_.empty()) {
        if (event_loop* const of = context_->loop()) [[likely]] {
            of->schedule_all(waiting_);
        } else {
            abandon_waiting();
        }
    }
    std::destroy_at(&waiting_);
    std::construct_at(&exception_);
    status_ = as;
}

void future_state::settle(status as, std::exception_ptr exception) noexcept {
    settle(as);
    exception_ = std::move(exception);
}

// As in CPython, cancelling what has failed says that the exception is known.
bool future_state::cancel() noexcept {
    if (done()) {
        seen_ = true;
        return false;
    }
    settle(status::cancelled);
    return true;
}

void future_state::finish() {
    if (done()) throw invalid_state_error("invalid state");
    settle(status::finished);
}

void future_state::fail(std::exception_ptr exception) {
    if (done()) throw invalid_state_error("invalid state");
    settle(status::finished, std::move(exception));
}

void future_state::raise_what_is_no_result() {
    if (cancelled()) throw cancelled_error();
    if (!done()) throw invalid_state_error("Result is not set.");
    seen_ = true;
    std::rethrow_exception(exception_);
}

std::exception_ptr future_state::exception() {
    if (cancelled()) throw cancelled_error();
    if (!done()) throw invalid_state_error("Exception is not set.");
    seen_ = true;
    return exception_;
}

}  // namespace fermata::inline v0::detail
