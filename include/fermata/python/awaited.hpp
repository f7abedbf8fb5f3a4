#pragma once

/// \file
/// Python's awaitables in C++ tasks.

#include <fermata/python/detail/convert.hpp>
#include <fermata/python/detail/python_future.hpp>
#include <fermata/task/task.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace fermata::inline v0::python {

namespace detail {

template <class T>
task<T> awaiting(reference awaitable) {
    const auto future = std::make_shared<python_future>(awaitable);
    co_await python_future::wait(future);
    const gil held;
    const py::object result = future->result();
    if constexpr (!std::is_void_v<T>) co_return from_python<T>(result.ptr(), "the result");
}

}  // namespace detail

/// Python's `await x`, in a C++ task that asyncio awaits: x is a coroutine, a Future, or has `__await__`. asyncio runs it, in a
/// Task of its own, with the contextvars of where Python awaited the C++ task.
///
///     std::string body = co_await python::awaited<std::string>(session.attr("get")(url));
///
/// Gives its result; raises what it raises, as to_exception says, and type_error "the result must be int, not str".
/// Cancelled, it cancels that Task, waits for it, and raises or gives what comes of it, as in Python. Raises runtime_error
/// where the loop is no guest of asyncio's.
template <class T = py::object>
task<T> awaited(py::object awaitable) {
    return detail::awaiting<T>(reference(std::move(awaitable)));
}

}  // namespace fermata::inline v0::python
