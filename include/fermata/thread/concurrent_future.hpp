#pragma once

/// \file
/// Python's `concurrent.futures.Future`: a result for which threads wait.

#include <fermata/task/cancellation.hpp>
#include <fermata/task/timeout.hpp>
#include <fermata/thread/detail/concurrent_state.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

/// Python's `concurrent.futures.Future`, as run_coroutine_threadsafe gives it. Copies are of the same one. Thread-safe: any
/// thread may use it, each its own copy of the handle; it may outlive the loop. Empty if default-constructed or moved from;
/// then nothing but assignment and comparison is allowed.
template <class T = void>
class concurrent_future {
public:
    using result_type = T;

    concurrent_future() = default;

    bool done() const noexcept { return state_->done(); }
    bool cancelled() const noexcept { return state_->cancelled(); }

    /// It is cancelled at once, and the task is asked to cancel; what that gives after all is dropped. False if there is a
    /// result or an exception already.
    bool cancel() const noexcept { return state_->cancel_both(); }

    /// Waits, for as long as it takes or for `timeout`; gives the result, or raises what the task raised. Raises
    /// timeout_error, cancelled_error if it or the task was cancelled, and deadlock_error if this thread runs the loop that
    /// it would wait for, without a timeout. From a temporary the result is moved out, and is gone for others.
    std::add_lvalue_reference_t<T> result(std::optional<std::chrono::nanoseconds> timeout = std::nullopt) const& {
        state_->check_result(timeout);
        return state_->value();
    }
    T result(std::optional<std::chrono::nanoseconds> timeout = std::nullopt) && {
        state_->check_result(timeout);
        return state_->take();
    }

    /// Waits, and gives what the task raised, or null. Raises as result() does, but for that.
    std::exception_ptr exception(std::optional<std::chrono::nanoseconds> timeout = std::nullopt) const {
        return state_->exception(timeout);
    }

    explicit operator bool() const noexcept { return static_cast<bool>(state_); }
    friend bool operator==(const concurrent_future& a, const concurrent_future& b) noexcept {
        return a.state_.get() == b.state_.get();
    }

private:
    friend struct detail::concurrent_access;
    explicit concurrent_future(detail::shared<detail::typed_concurrent_state<T>> state) noexcept
        : state_(std::move(state)) {}

    detail::shared<detail::typed_concurrent_state<T>> state_;
};

}  // namespace fermata::inline v0
