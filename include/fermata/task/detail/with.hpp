#pragma once

// Implementation of task/with.hpp.

#include <fermata/task/with.hpp>

namespace fermata::inline v0::detail {

template <class Resource, class Body>
task<body_result<Body, Resource>> with(Resource given, Body body) {
    using result = body_result<Body, Resource>;
    std::remove_reference_t<Resource>& resource = given;
    const auto enter = [&resource] { return resource.aenter(); };
    const auto leave = [&resource](const std::exception_ptr& why) { return resource.aexit(why); };
    const auto leave_well = [&leave] { return leave(nullptr); };

    if constexpr (is_awaited<decltype(enter)>) {
        co_await enter();
    } else {
        enter();
    }
    std::exception_ptr raised;
    std::conditional_t<std::is_void_v<result>, task_result<void>, std::optional<result>> returned;
    try {
        if constexpr (std::is_void_v<result>) {
            co_await body(resource);
        } else {
            returned.emplace(co_await body(resource));
        }
    } catch (...) {
        raised = std::current_exception();
    }
    if constexpr (is_awaited<decltype(leave_well)>) {
        co_await leave(raised);
    } else {
        leave(raised);
    }
    if (raised) std::rethrow_exception(raised);
    if constexpr (!std::is_void_v<result>) co_return std::move(*returned);
}

}  // namespace fermata::inline v0::detail
