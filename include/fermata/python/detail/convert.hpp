#pragma once

// Values on their way between Python and C++: pybind11's conversions, and None for what is empty.

#include <fermata/base/errors.hpp>
#include <fermata/python/errors.hpp>

#include <optional>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace fermata::inline v0::python::detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// A new reference. Raises what pybind11 does for a type that it does not know.
template <class Value>
PyObject* to_python(Value&& value) {
    using type = std::remove_cvref_t<Value>;
    if constexpr (is_optional<type>) {
        if (!value) return Py_NewRef(Py_None);
        return to_python(*std::forward<Value>(value));
    } else if constexpr (std::is_same_v<type, reference>) {
        return value.get().release().ptr();
    } else {
        // Never by reference: what a generator yields lives until its next step only.
        constexpr auto policy =
            std::is_lvalue_reference_v<Value> ? py::return_value_policy::copy : py::return_value_policy::move;
        const py::handle made = py::detail::make_caster<Value>::cast(std::forward<Value>(value), policy, {});
        if (!made) throw_python_error();
        return made.ptr();
    }
}

/// How Python calls a type: "float". What is written of a class that pybind11 has bound is its C++ name.
template <class Value>
std::string type_name() {
    if constexpr (is_optional<Value>) {
        return type_name<typename Value::value_type>() + " or None";
    } else if constexpr (std::is_same_v<Value, reference>) {
        return "object";
    } else {
        std::string text = py::detail::make_caster<Value>::name.text;
        return text == "%" ? py::type_id<Value>() : text;
    }
}

/// The same, where it is put together at compile time.
template <class Value>
constexpr auto value_name() {
    if constexpr (is_optional<Value>) {
        return py::detail::const_name("Optional[") + value_name<typename Value::value_type>() +
               py::detail::const_name("]");
    } else if constexpr (std::is_same_v<Value, reference>) {
        return py::detail::const_name("object");
    } else if constexpr (std::is_void_v<Value>) {
        return py::detail::const_name("None");
    } else {
        return py::detail::make_caster<Value>::name;
    }
}

/// Raises type_error "<what> must be float, not str".
[[noreturn]] void raise_not_converted(const char* what, const std::string& wanted, PyObject* given);

template <class Value>
Value from_python(PyObject* given, const char* what) {
    using type = std::remove_cvref_t<Value>;
    if constexpr (is_optional<type>) {
        if (given == Py_None) return std::nullopt;
        return from_python<typename type::value_type>(given, what);
    } else if constexpr (std::is_same_v<type, reference>) {
        return reference(py::reinterpret_borrow<py::object>(given));
    } else {
        py::detail::make_caster<type> caster;
        if (!caster.load(given, true)) raise_not_converted(what, type_name<type>(), given);
        return py::detail::cast_op<type>(std::move(caster));
    }
}

/// Whether None is a value of this type.
template <class Value>
inline constexpr bool takes_none =
    is_optional<Value> || std::is_same_v<Value, reference> || std::is_same_v<Value, py::object>;

}  // namespace fermata::inline v0::python::detail
