#pragma once

/// \file
/// Python's `asyncio.to_thread`.

#include <fermata/task/task.hpp>
#include <fermata/thread/detail/thread_call.hpp>

#include <concepts>
#include <type_traits>

namespace fermata::inline v0 {

/// Python's `asyncio.to_thread(f, args…)`: a coroutine that has a thread call f, and gives what that returns (by value),
/// or raises what it raises. f and the arguments are copied, or moved, at once; they are handed to f as rvalues (std::ref
/// passes a reference), and destroyed on the thread when f has returned, before who awaits goes on.
///
/// The threads belong to the loop, are named "fermata_0", "fermata_1" …, and are started when they are needed: at most
/// min(32, cores + 4), and none while one is idle. A call that finds all busy waits for its turn. The end of run(), or of
/// the loop, waits for them – for as long as it takes: CPython gives up after five minutes.
///
/// A cancellation is raised at once. If the call has not begun it never will; otherwise the thread goes on, and what comes
/// of it is dropped. On a virtual clock, a call that is awaited takes no time: time stands still until it has ended.
///
/// Raises runtime_error "Executor shutdown has been called" while the loop is being closed, and "can't start new thread".
template <class Function, class... Arguments>
    requires std::invocable<std::decay_t<Function>, std::decay_t<Arguments>...>
auto to_thread(Function&& function, Arguments&&... arguments)
    -> task<detail::thread_result<std::decay_t<Function>, std::decay_t<Arguments>...>>;

// Implementation

template <class Function, class... Arguments>
    requires std::invocable<std::decay_t<Function>, std::decay_t<Arguments>...>
auto to_thread(Function&& function, Arguments&&... arguments)
    -> task<detail::thread_result<std::decay_t<Function>, std::decay_t<Arguments>...>> {
    using call = detail::thread_call_of<std::decay_t<Function>, std::decay_t<Arguments>...>;
    using result = typename call::result_type;
    return detail::in_a_thread(detail::shared<detail::typed_thread_call<result>>(
        new call(std::forward<Function>(function), std::forward<Arguments>(arguments)...)));
}

}  // namespace fermata::inline v0
