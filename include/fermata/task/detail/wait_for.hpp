#pragma once

// Implementation of task/wait_for.hpp.

#include <fermata/task/wait_for.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

namespace detail {

/// Cancels it, and waits until it is done.
task<> cancel_and_wait(reference<future_state> what);

template <class Awaitable>
task<awaited_result<Awaitable>> wait_for(Awaitable awaitable, std::optional<std::chrono::nanoseconds> delay) {
    if (delay && *delay <= std::chrono::nanoseconds(0)) {
        auto what = ensure_future(std::move(awaitable));
        if (!what.done()) {
            co_await cancel_and_wait(future_access::state_of(what));
            if (what.cancelled()) {
                try {
                    what.result();
                } catch (...) {
                    std::throw_with_nested(timeout_error());
                }
            }
        }
        co_return co_await std::move(what);
    }
    fermata::timeout limit(delay);
    limit.aenter();
    std::exception_ptr raised;
    std::conditional_t<std::is_void_v<awaited_result<Awaitable>>, task_result<void>,
                       std::optional<awaited_result<Awaitable>>>
        result;
    try {
        if constexpr (std::is_void_v<awaited_result<Awaitable>>) {
            co_await std::move(awaitable);
        } else {
            result.emplace(co_await std::move(awaitable));
        }
    } catch (...) {
        raised = std::current_exception();
    }
    limit.aexit(raised);
    if (raised) std::rethrow_exception(raised);
    if constexpr (!std::is_void_v<awaited_result<Awaitable>>) co_return std::move(*result);
}

}  // namespace detail

template <class Awaitable>
auto wait_for(Awaitable&& awaitable, std::optional<std::chrono::nanoseconds> delay)
    -> task<detail::awaited_result<Awaitable>> {
    return detail::wait_for<std::remove_cvref_t<Awaitable>>(std::forward<Awaitable>(awaitable), delay);
}

}  // namespace fermata::inline v0
