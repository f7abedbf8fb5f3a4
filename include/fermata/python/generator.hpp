#pragma once

/// \file
/// C++ generators as Python's.

#include <fermata/generator/generator.hpp>
#include <fermata/python/detail/generator_caster.hpp>
#include <fermata/python/detail/kept.hpp>
#include <fermata/python/detail/signature.hpp>

#include <memory>
#include <utility>

namespace fermata::inline v0::python {

/// Binds a function that returns a generator: one line.
///
///     PYBIND11_MODULE(stats, module) { fermata::python::def_generator(module, "averager", &averager); }
///
/// scope is a module or a py::class_ (f is then a member function, or takes the object first); extra goes to pybind11:
/// `py::arg("n") = 3`, a docstring. What Python gets has all of a generator: `iter`, `next`, `send`, `throw`, `close`,
/// `StopIteration.value`, what `inspect.getgeneratorstate` asks; it is a `collections.abc.Generator`, is closed when it is
/// dropped, and is seen in tracebacks, at this line. Values are converted as pybind11 does it; an empty optional is None.
///
/// What is sent and is no Send raises TypeError "send() argument must be float, not str", and the generator goes on
/// waiting. One that receives nothing (Send is void) drops what it is sent, as a `yield` does whose value nobody takes.
///
/// What f takes by value is moved into the coroutine. What it takes by reference lives as long as the generator does:
/// objects of bound classes are kept, Python's objects too, and what was converted is kept beside the coroutine. Cycles
/// through what is taken by reference can be collected; those through a py::object in the body cannot.
///
/// Exceptions cross as from_exception and to_exception say. Its body runs with the GIL; see without_gil.
template <class Scope, class Function, class... Extra>
void def_generator(Scope& scope, const function_name& name, Function f, const Extra&... extra);

/// `def_generator(module, "primes", without_gil(&primes))`: its body runs without the GIL, and other threads of Python's go
/// on meanwhile. It may hold no py::object (but a `reference`), nor call Python but under a `gil`.
template <class Function>
struct without_gil {
    Function function;
};
template <class Function>
without_gil(Function) -> without_gil<Function>;

// Implementation

namespace detail {

template <bool Unlocked, class Scope, class Function, class Generator, class... Arguments, class... Extra>
void def_generator_as(Scope& scope, const function_name& name, Function f, signature<Generator, Arguments...>,
                      const Extra&... extra) {
    static_assert(fermata::detail::is_generator<Generator>,
                  "fermata: def_generator binds a function that returns a fermata::generator");
    register_exceptions();
    using call = kept_call<Function, Arguments...>;
    const auto function = std::make_shared<Function>(std::move(f));
    const auto info = function_info::make(name, scope);
    scope.def(
        name.text(),
        [function, info](kept<Arguments>... arguments) {
            auto body = std::make_unique<typed_generator<Generator, call, Unlocked>>(
                call(function, std::move(arguments)...), [](call& make) { return make(); });
            return generator_object<Generator>(make_generator_object(std::move(body), info));
        },
        extra...);
}

}  // namespace detail

template <class Scope, class Function, class... Extra>
void def_generator(Scope& scope, const function_name& name, Function f, const Extra&... extra) {
    if constexpr (requires { without_gil{f.function}; }) {
        auto callable = detail::as_callable(std::move(f.function));
        detail::def_generator_as<true>(scope, name, callable, detail::signature_of(callable), extra...);
    } else {
        auto callable = detail::as_callable(std::move(f));
        detail::def_generator_as<false>(scope, name, callable, detail::signature_of(callable), extra...);
    }
}

}  // namespace fermata::inline v0::python
