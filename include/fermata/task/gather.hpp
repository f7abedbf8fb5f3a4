#pragma once

/// \file
/// Python's `asyncio.gather`.

#include <fermata/base/ranges.hpp>
#include <fermata/task/detail/gather.hpp>
#include <fermata/task/outcome.hpp>

#include <utility>

namespace fermata::inline v0 {

/// What the elements that gather is given come to.
struct return_exceptions_t {
    explicit return_exceptions_t() = default;
};
/// Python's `gather(…, return_exceptions=True)`: the first argument of gather.
inline constexpr return_exceptions_t return_exceptions{};

/// Python's `asyncio.gather(*aws)`: runs coroutines as Tasks, together, and waits for them and for the Tasks and futures
/// that it is given. `co_await gather(a(), b())` gives a std::tuple of the results (std::monostate for void), in the order
/// of the arguments; of a range, a std::vector.
///
/// The first that fails, or is cancelled, makes it raise that at once; the others go on, and what they raise is lost.
/// Cancelling it, or who awaits it, cancels all of them, and raises cancelled_error when all are done, even if they return.
/// With `return_exceptions` nothing is raised but that: it gives outcomes.
///
/// It is a future: the Tasks are scheduled when it is called, and `cancel()`, `done()`, `result()` work as on any.
template <class... Awaitables>
    requires(!detail::gathered_range<Awaitables...>)
auto gather(Awaitables&&... awaitables) {
    return detail::gather_each<false>(std::forward<Awaitables>(awaitables)...);
}
template <class... Awaitables>
    requires(!detail::gathered_range<Awaitables...>)
auto gather(return_exceptions_t, Awaitables&&... awaitables) {
    return detail::gather_each<true>(std::forward<Awaitables>(awaitables)...);
}

/// Of a range: a container of coroutines is moved in, one of handles or futures may be borrowed.
template <std::ranges::input_range Range>
auto gather(Range&& awaitables) {
    return detail::gather_range<false>(std::forward<Range>(awaitables));
}
template <std::ranges::input_range Range>
auto gather(return_exceptions_t, Range&& awaitables) {
    return detail::gather_range<true>(std::forward<Range>(awaitables));
}

}  // namespace fermata::inline v0
