#pragma once

/// \file
/// Python's `asyncio.wait_for`.

#include <fermata/task/ensure_future.hpp>
#include <fermata/task/timeout.hpp>

#include <chrono>
#include <optional>

namespace fermata::inline v0 {

/// Python's `asyncio.wait_for(aw, timeout)`: what the awaitable gives, or timeout_error after the delay, when it has been
/// cancelled and has come to its end. One that swallows the cancellation and returns gives its result after all; one that
/// raises something else raises that. A coroutine runs in the task that waits; with a delay of zero or less it never
/// starts. A task_handle or a future that is cancelled by the timeout is cancelled itself: shield() it to prevent that.
/// No delay: for ever.
template <class Awaitable>
auto wait_for(Awaitable&& awaitable, std::optional<std::chrono::nanoseconds> delay)
    -> task<detail::awaited_result<Awaitable>>;

}  // namespace fermata::inline v0

#include <fermata/task/detail/wait_for.hpp>
