#pragma once

/// \file
/// What an awaitable came to: a result, or what it raised.

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace fermata::inline v0 {

/// An element of the list that Python's `gather(…, return_exceptions=True)` gives.
template <class T = void>
class outcome {
public:
    using value_type = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

    explicit outcome(value_type value) : value_(std::move(value)) {}
    explicit outcome(std::exception_ptr raised) noexcept : exception_(std::move(raised)) {}

    bool has_value() const noexcept { return value_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }

    /// Raises what was raised.
    value_type& value() & {
        check();
        return *value_;
    }
    const value_type& value() const& {
        check();
        return *value_;
    }
    value_type&& value() && { return std::move(value()); }

    /// Null if it has a value. A cancellation is a cancelled_error.
    const std::exception_ptr& exception() const noexcept { return exception_; }

private:
    void check() const {
        if (exception_) std::rethrow_exception(exception_);
    }

    std::optional<value_type> value_;
    std::exception_ptr exception_;
};

}  // namespace fermata::inline v0
