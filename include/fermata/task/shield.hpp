#pragma once

/// \file
/// Python's `asyncio.shield`.

#include <fermata/task/detail/shielding.hpp>
#include <fermata/task/ensure_future.hpp>

#include <utility>

namespace fermata::inline v0 {

/// Python's `asyncio.shield(aw)`: a future of what the awaitable comes to, whose cancellation does not reach it. So who
/// awaits it and is cancelled raises cancelled_error, while a coroutine (run as a Task), task_handle or future goes on.
/// If that is cancelled itself, so is the shield. Of one that is done: that one. Its result is that one's own, so that
/// `set_result` and `set_exception` raise runtime_error "shield does not support set_result operation".
template <class Awaitable>
auto shield(Awaitable&& awaitable) {
    auto inner = ensure_future(std::forward<Awaitable>(awaitable));
    if (inner.done()) return inner;
    auto& result = detail::future_access::result_of(inner);
    return detail::future_access::make(detail::shielded(detail::future_access::take_state(inner)), result);
}

}  // namespace fermata::inline v0
