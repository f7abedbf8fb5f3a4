#pragma once

/// \file
/// Python's `asyncio.wait`.

#include <fermata/base/ranges.hpp>
#include <fermata/task/detail/distinct.hpp>
#include <fermata/task/ensure_future.hpp>

#include <chrono>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace fermata::inline v0 {

/// Python's `FIRST_COMPLETED`, `FIRST_EXCEPTION` (a cancellation is none), `ALL_COMPLETED`.
enum class return_when { first_completed, first_exception, all_completed };

/// Trivial, for g++ 12.
struct wait_options {
    std::chrono::nanoseconds timeout = std::chrono::nanoseconds::max();  // none
    fermata::return_when return_when = fermata::return_when::all_completed;
};

/// What wait gives: the handles that it was given, in their order; one that it was given twice, once.
template <class Handle>
struct wait_result {
    wait_result() = default;
    std::vector<Handle> done;
    std::vector<Handle> pending;
};

namespace detail {

/// Until as many are done as is asked for, or the time has come.
task<> wait_until(std::vector<future_state*> futures, wait_options options);

template <class Handle>
task<wait_result<Handle>> wait(std::vector<Handle> handles, wait_options options) {
    std::vector<future_state*> states;
    states.reserve(handles.size());
    for (const Handle& each : handles) states.push_back(future_access::state_of(each).get());
    co_await wait_until(std::move(states), options);
    wait_result<Handle> result;
    for (Handle& each : handles) (each.done() ? result.done : result.pending).push_back(std::move(each));
    co_return result;
}

}  // namespace detail

/// Python's `asyncio.wait(fs, timeout=…, return_when=…)`, of a range of task_handles or futures: waits, and neither raises
/// on a timeout nor what they raise, nor cancels any, even if it is cancelled itself. Raises value_error "Set of
/// Tasks/Futures is empty.".
///
///     auto [done, pending] = co_await wait(handles, {.timeout = 1s, .return_when = return_when::first_completed});
template <std::ranges::input_range Handles>
auto wait(Handles&& handles, const wait_options& options = {})
    -> task<wait_result<std::ranges::range_value_t<Handles>>> {
    using handle = std::ranges::range_value_t<Handles>;
    static_assert(std::is_base_of_v<any_future, handle>,
                  "fermata: wait: passing coroutines is forbidden, use tasks explicitly: create_task(coroutine)");
    std::vector<handle> all;
    if constexpr (requires { handles.size(); }) all.reserve(handles.size());
    for (auto&& each : handles) all.push_back(each);
    return detail::wait(detail::distinct(std::move(all)), options);
}

}  // namespace fermata::inline v0
