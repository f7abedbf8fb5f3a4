#pragma once

/// \file
/// C++ tasks in asyncio.

#include <fermata/python/detail/bound_task.hpp>
#include <fermata/python/detail/kept.hpp>
#include <fermata/python/detail/signature.hpp>
#include <fermata/task/task.hpp>

#include <memory>
#include <utility>

namespace fermata::inline v0::python {

/// Binds a function that returns a task: in Python it is an `async def`.
///
///     fermata::python::def_task(module, "fetch", &fetch, py::arg("url"));
///
///     body = await module.fetch("http://…")                      # or create_task, gather, wait_for, a TaskGroup
///
/// What Python gets is a coroutine: nothing runs until it is awaited; a `collections.abc.Coroutine`, it goes wherever
/// asyncio takes one; dropped before that, "coroutine 'fetch' was never awaited" is warned of. The C++ task runs in a fermata
/// loop that is a guest of asyncio's: asyncio waits for both, on one thread. It may use all of fermata: sleep, streams,
/// to_thread, create_task, and await Python (awaited).
///
/// Cancelled, by `task.cancel()` or a timeout, it raises cancelled_error where the C++ task waits; Python's await ends when
/// that has ended, with what it came to. What else is thrown in cancels it, and is raised then; close() cancels it, and waits
/// for nothing. At the end of asyncio.run the C++ tasks that are left are cancelled and waited for.
///
/// Arguments are kept, and exceptions cross, as def_generator has it. The turns of the loop have the GIL, so that tasks may use
/// what is Python's; while asyncio waits nobody has it.
template <class Scope, class Function, class... Extra>
void def_task(Scope& scope, const function_name& name, Function f, const Extra&... extra);

// Implementation

namespace detail {

template <class Result>
class coroutine_object : public py::object {
public:
    explicit coroutine_object(py::object&& made) : object(std::move(made)) {}
};

template <class Scope, class Function, class T, class... Arguments, class... Extra>
void def_task_as(Scope& scope, const function_name& name, Function f, signature<task<T>, Arguments...>,
                 const Extra&... extra) {
    register_exceptions();
    using call = kept_call<Function, Arguments...>;
    const auto function = std::make_shared<Function>(std::move(f));
    const auto info = function_info::make(name, scope);
    scope.def(
        name.text(),
        [function, info](kept<Arguments>... arguments) {
            auto body = bind_task(call(function, std::move(arguments)...));
            return coroutine_object<T>(make_coroutine_object(std::move(body), info));
        },
        extra...);
}

}  // namespace detail

template <class Scope, class Function, class... Extra>
void def_task(Scope& scope, const function_name& name, Function f, const Extra&... extra) {
    auto callable = detail::as_callable(std::move(f));
    detail::def_task_as(scope, name, callable, detail::signature_of(callable), extra...);
}

}  // namespace fermata::inline v0::python

// NOLINTBEGIN(readability-identifier-naming): pybind11's names
namespace pybind11::detail {

template <class Result>
struct handle_type_name<fermata::python::detail::coroutine_object<Result>> {
    static constexpr auto name =
        const_name("Coroutine[Any, Any, ") + fermata::python::detail::value_name<Result>() + const_name("]");
};

template <class T>
class type_caster<fermata::task<T>> {
public:
    static constexpr auto name =
        const_name("Coroutine[Any, Any, ") + fermata::python::detail::value_name<T>() + const_name("]");

    static handle cast(fermata::task<T>&& made, return_value_policy, handle) {
        namespace bridge = fermata::python::detail;
        auto body = bridge::bind_task([held = std::move(made)]() mutable { return std::move(held); });
        return bridge::make_coroutine_object(std::move(body), bridge::function_info::unnamed("coroutine")).release();
    }
};

}  // namespace pybind11::detail
// NOLINTEND(readability-identifier-naming)
