#pragma once

/// \file
/// Python's `asyncio.run_coroutine_threadsafe`.

#include <fermata/loop/event_loop.hpp>
#include <fermata/task/task.hpp>
#include <fermata/thread/concurrent_future.hpp>

#include <source_location>
#include <utility>

namespace fermata::inline v0 {

namespace detail {

struct concurrent_access {
    template <class T>
    static concurrent_future<T> make(shared<typed_concurrent_state<T>> state) noexcept {
        return concurrent_future<T>(std::move(state));
    }
};

}  // namespace detail

/// Python's `asyncio.run_coroutine_threadsafe(coro, loop)`: from any thread, makes a Task of the coroutine in that loop, and
/// gives a future for which threads can wait. From the loop's own thread use create_task. Raises runtime_error "Event loop
/// is closed". If the loop is closed before it has taken the coroutine, the future is cancelled (in CPython it waits for
/// ever). The loop must live until the call has returned, or until the coroutine runs.
template <class T>
concurrent_future<T> run_coroutine_threadsafe(task<T> coroutine, event_loop& loop,
                                              std::source_location at = std::source_location::current()) {
    detail::shared<detail::typed_concurrent_state<T>> state(new detail::typed_concurrent_state<T>(loop));
    loop.call_soon_threadsafe(detail::concurrent_start<T>(state, std::move(coroutine)), at);
    return detail::concurrent_access::make(std::move(state));
}

}  // namespace fermata::inline v0
