#pragma once

/// \file
/// Python's `async with`.

#include <fermata/task/task.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

namespace detail {

template <class Body, class Resource>
using body_result = typename std::invoke_result_t<Body&, Resource&>::value_type;

/// What can be entered and left. `aenter()` may be an ordinary function, or awaited; `aexit(raised)` too: `raised` is what
/// the body raised, or null, and is raised again unless aexit raises something else.
template <class Resource>
concept scope = requires(Resource& resource, std::exception_ptr raised) {
    resource.aenter();
    resource.aexit(raised);
};

template <class Call>
inline constexpr bool is_awaited =
    requires(Call call) { call().operator co_await(); } || requires(Call call) { call().await_ready(); };

template <class Body, class Resource>
concept body_of = requires { typename body_result<Body, Resource>; };

template <class Resource, class Body>
task<body_result<Body, Resource>> with(Resource given, Body body);

// On g++ 12 a temporary lambda with captures that must be destroyed is destroyed twice (PR 99576).
template <class Body>
inline constexpr bool is_miscompiled =
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
    !std::is_lvalue_reference_v<Body> && !std::is_trivially_destructible_v<Body>;
#else
    false;
#endif

}  // namespace detail

/// Python's `async with resource as r: body`: enters the resource, runs `body(resource)`, and leaves it on every path.
///
///     int n = co_await with(timeout(50ms), [&](timeout& limit) -> task<int> { … co_return 3; });
///
/// Gives what the body returns, raises what it raises, or what leaving raises instead. A resource or a body that is a
/// temporary is moved in and lives as long as this; a variable is borrowed. So a lambda's captures are safe. On g++ 12 a
/// temporary body may not have captures that need destruction: name it. Cancellation goes to the body, and to whatever
/// leaving awaits.
template <class Resource, class Body>
    requires detail::scope<std::remove_reference_t<Resource>>
auto with(Resource&& resource, Body&& body) {
    static_assert(!detail::is_miscompiled<Body>,
                  "fermata: with: name the lambda and pass it by name: g++ 12 destroys its captures twice, PR 99576");
    constexpr bool is_body = detail::body_of<Body, std::remove_reference_t<Resource>>;
    static_assert(is_body,
                  "fermata: with: the body must be a coroutine that takes the resource: [&](auto& r) -> task<>");
    if constexpr (is_body) {
        return detail::with<Resource, Body>(std::forward<Resource>(resource), std::forward<Body>(body));
    }
}

}  // namespace fermata::inline v0

#include <fermata/task/detail/with.hpp>
