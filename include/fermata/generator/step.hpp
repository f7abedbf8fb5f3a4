#pragma once

/// \file
/// What one resumption of a generator gave: a value it yielded, or its end.

#include <fermata/base/config.hpp>

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

namespace detail {

// How a yielded object is handed out. Of a copyable value type, as a const reference: the object may be a variable of
// the generator's, which is not to be moved from. Of a move-only one, as an rvalue: it can only have been given away.
template <class Yield>
struct yielded {
    using value_type = std::remove_cv_t<Yield>;
    using reference = std::conditional_t<std::copy_constructible<value_type>, const value_type&, value_type&&>;
    using object = std::remove_reference_t<reference>;
};
template <class Yield>
struct yielded<Yield&> {
    using value_type = std::remove_cv_t<Yield>;
    using reference = Yield&;
    using object = Yield;
};
template <class Yield>
struct yielded<Yield&&> {
    using value_type = std::remove_cv_t<Yield>;
    using reference = Yield&&;
    using object = Yield;
};

// Whether the generator returned with this step, and what.
template <class Return>
class step_result {
public:
    step_result() = default;
    explicit step_result(std::optional<Return>&& result) : result_(std::move(result)) {}

    /// The return value; empty if the generator yielded, or had ended before.
    std::optional<Return>& result() & noexcept { return result_; }
    const std::optional<Return>& result() const& noexcept { return result_; }
    std::optional<Return>&& result() && noexcept { return std::move(result_); }

private:
    std::optional<Return> result_;
};
template <>
class step_result<void> {
public:
    step_result() = default;
    explicit step_result(bool returned) noexcept : returned_(returned) {}

    /// True if the generator returned with this step; false if it yielded, or had ended before.
    bool result() const noexcept { return returned_; }

private:
    bool returned_ = false;
};

}  // namespace detail

/// What `next`, `send` and `throw_` of a generator<Yield, Send, Return> give. True when the generator yielded: `*s` and
/// `s->` then reach the yielded object in its place, without a copy, until the generator is resumed or destroyed. False
/// when it returned: `s.result()` is then the std::optional of the return value (a bool where Return is void), empty if
/// the generator had ended before.
template <class Yield, class Return>
class step : public detail::step_result<Return> {
    using traits = detail::yielded<Yield>;

public:
    using reference = typename traits::reference;
    using pointer = typename traits::object*;

    explicit step(pointer yielded) noexcept : yielded_(yielded) {}
    explicit step(detail::step_result<Return>&& result) : detail::step_result<Return>(std::move(result)) {}

    explicit operator bool() const noexcept { return yielded_ != nullptr; }
    reference operator*() const noexcept { return static_cast<reference>(*yielded_); }
    pointer operator->() const noexcept { return yielded_; }

private:
    pointer yielded_ = nullptr;
};

}  // namespace fermata::inline v0
