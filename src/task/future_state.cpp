#include <fermata/task/detail/future_state.hpp>

#include <fermata/task/cancellation.hpp>

namespace fermata::detail {

future_state::~future_state() {
    while (!waiting_.empty()) waiting_.pop_front().abandon();
}

std::string future_state::describe_future() const {
    return cancelled() ? "<Future cancelled>" : done() ? "<Future finished>" : "<Future pending>";
}

void future_state::report_unseen_exception(const char* message, const std::string& source) noexcept {
    if (!exception_ || seen_ || loop_.is_closed()) return;
    loop_.call_exception_handler({message, exception_, source});
}

void future_state::settle(status as) noexcept {
    status_ = as;
    while (!waiting_.empty()) loop_.schedule(waiting_.pop_front());
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
    exception_ = std::move(exception);
    settle(status::finished);
}

void future_state::add_done_callback(callback& c) noexcept {
    if (done()) {
        loop_.schedule(c);
    } else {
        waiting_.push_back(c);
    }
}

void future_state::check_result() {
    if (cancelled()) throw cancelled_error();
    if (!done()) throw invalid_state_error("Result is not set.");
    if (!exception_) return;
    seen_ = true;
    std::rethrow_exception(exception_);
}

std::exception_ptr future_state::exception() {
    if (cancelled()) throw cancelled_error();
    if (!done()) throw invalid_state_error("Exception is not set.");
    seen_ = true;
    return exception_;
}

}  // namespace fermata::detail
