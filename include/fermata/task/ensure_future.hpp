#pragma once

/// \file
/// Python's `asyncio.ensure_future`.

#include <fermata/base/ranges.hpp>
#include <fermata/task/future.hpp>
#include <fermata/task/task_handle.hpp>

#include <type_traits>
#include <utility>
#include <vector>

namespace fermata::inline v0 {

/// Python's `asyncio.ensure_future(aw)`: of a coroutine, the Task that create_task makes of it; of a task_handle or a
/// future, that one.
template <class T>
future<T> ensure_future(task<T> coroutine) {
    return create_task(std::move(coroutine));
}
template <class T, class Base>
future<T> ensure_future(const typed_future<T, Base>& f) {
    return detail::future_access::make(detail::future_access::state_of(f), detail::future_access::result_of(f));
}
template <class T, class Base>
future<T> ensure_future(typed_future<T, Base>&& f) {
    auto& result = detail::future_access::result_of(f);
    return detail::future_access::make(detail::future_access::take_state(f), result);
}

namespace detail {
template <class T>
concept awaited_in_place = requires(T& t) { t.await_ready(); };
}  // namespace detail

/// What is awaited where it stands, as a lock or a read into a buffer, does not compile: it is no coroutine, and may be gone
/// before a Task of it would run.
template <class Awaitable>
    requires detail::awaited_in_place<Awaitable>
auto ensure_future(Awaitable&&) {
    static_assert(!detail::awaited_in_place<Awaitable>,
                  "fermata: this is awaited where it stands, and no Task can run it: write a coroutine that awaits it "
                  "(task<> f() { co_await …; }), or await it in the body of with(timeout(…), …)");
}

namespace detail {

/// What awaiting it gives, by value.
template <class Awaitable>
using awaited_result = typename decltype(ensure_future(std::declval<Awaitable>()))::result_type;

template <class T>
inline constexpr bool is_coroutine = false;
template <class T>
inline constexpr bool is_coroutine<task<T>> = true;

/// Of each element. Coroutines are moved out of the range.
template <class Range>
auto ensure_futures(Range&& awaitables) {
    using element = std::ranges::range_value_t<Range>;
    static_assert(!is_coroutine<element> || !std::is_lvalue_reference_v<Range>,
                  "fermata: coroutines run once: move the container in, as in gather(std::move(coroutines))");
    std::vector<future<awaited_result<element>>> futures;
    for (auto&& each : awaitables) {
        if constexpr (is_coroutine<element>) {
            futures.push_back(ensure_future(std::move(each)));
        } else {
            futures.push_back(ensure_future(each));
        }
    }
    return futures;
}

}  // namespace detail

}  // namespace fermata::inline v0
