#pragma once

// What a function takes and returns.

#include <type_traits>
#include <utility>

namespace fermata::inline v0::python::detail {

template <class Result, class... Arguments>
struct signature {};

template <class Result, class... Arguments>
signature<Result, Arguments...> of_function(Result (*)(Arguments...));
template <class Object, class Result, class... Arguments>
signature<Result, Arguments...> of_member(Result (Object::*)(Arguments...));
template <class Object, class Result, class... Arguments>
signature<Result, Arguments...> of_member(Result (Object::*)(Arguments...) const);

/// Of a pointer to a function, or of an object with one call operator.
template <class Function>
auto signature_of(const Function&) {
    if constexpr (std::is_pointer_v<Function>) {
        return decltype(of_function(std::declval<Function>())){};
    } else {
        return decltype(of_member(&Function::operator())){};
    }
}

/// A member function takes its object first.
template <class Function>
Function as_callable(Function f) {
    return f;
}
template <class Object, class Result, class... Arguments>
auto as_callable(Result (Object::*f)(Arguments...)) {
    return [f](Object& self, Arguments... arguments) -> Result {
        return (self.*f)(std::forward<Arguments>(arguments)...);
    };
}
template <class Object, class Result, class... Arguments>
auto as_callable(Result (Object::*f)(Arguments...) const) {
    return [f](const Object& self, Arguments... arguments) -> Result {
        return (self.*f)(std::forward<Arguments>(arguments)...);
    };
}

}  // namespace fermata::inline v0::python::detail
