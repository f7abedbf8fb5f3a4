#pragma once

// The arguments of a coroutine that Python calls. The coroutine refers to those that it takes by reference for as long as it
// lives, and Python's call is over by then: so they are kept beside it.

#include <fermata/python/detail/convert.hpp>

#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace fermata::inline v0::python::detail {

template <class T>
using caster_of = py::detail::make_caster<T>;

/// Objects of classes that pybind11 has bound stay Python's; what is converted is a value of C++'s.
template <class T>
inline constexpr bool is_bound_class = std::is_base_of_v<py::detail::type_caster_generic, caster_of<T>>;
template <class T>
inline constexpr bool is_python_object = std::is_base_of_v<py::handle, std::remove_cvref_t<T>>;

/// By value (moved into the coroutine), or a reference to what was converted (kept here).
template <class Argument>
class kept {
    using value = std::remove_cvref_t<Argument>;
    static_assert(
        !std::is_pointer_v<value>,
        "fermata: a coroutine that Python calls cannot take a pointer to what is only converted for the call: "
        "take a std::string, or a reference");

public:
    static constexpr bool keeps_source = false;
    kept(caster_of<Argument>& loaded, py::handle) : value_(py::detail::cast_op<value>(std::move(loaded))) {}

    Argument argument() { return static_cast<Argument>(static_cast<Argument&&>(value_)); }
    // A py::object that the coroutine takes by reference is here, and nowhere else.
    int traverse(visitproc visit, void* arg) const {
        if constexpr (is_python_object<Argument> && std::is_reference_v<Argument>) Py_VISIT(value_.ptr());
        return 0;
    }

private:
    value value_;
};

/// A reference or a pointer into an object of Python's, which is kept.
template <class Argument>
    requires(is_bound_class<Argument> && (std::is_reference_v<Argument> || std::is_pointer_v<Argument>)) ||
            std::is_same_v<std::remove_cvref_t<Argument>, std::string_view>
class kept<Argument> {
    using held = std::conditional_t<std::is_lvalue_reference_v<Argument> && is_bound_class<Argument>,
                                    std::remove_reference_t<Argument>*, std::remove_cvref_t<Argument>>;

public:
    static constexpr bool keeps_source = is_bound_class<Argument>;
    kept(caster_of<Argument>& loaded, py::handle source) : source_(py::reinterpret_borrow<py::object>(source)) {
        if constexpr (std::is_lvalue_reference_v<Argument> && is_bound_class<Argument>) {
            held_ = &py::detail::cast_op<Argument>(loaded);
        } else {
            held_ = py::detail::cast_op<std::remove_cvref_t<Argument>>(loaded);
        }
    }

    Argument argument() {
        if constexpr (std::is_lvalue_reference_v<Argument> && is_bound_class<Argument>) {
            return *held_;
        } else {
            return held_;
        }
    }
    int traverse(visitproc visit, void* arg) const {
        Py_VISIT(source_.ptr());
        return 0;
    }

private:
    py::object source_;
    held held_{};
};

/// All of them, and what is called with them.
template <class Function, class... Arguments>
class kept_call {
public:
    kept_call(std::shared_ptr<Function> function, kept<Arguments>&&... arguments)
        : function_(std::move(function)), arguments_(std::move(arguments)...) {}

    auto operator()() {
        return std::apply([this](auto&... each) { return (*function_)(each.argument()...); }, arguments_);
    }
    int traverse(visitproc visit, void* arg) const {
        int stop = 0;
        std::apply([&](const auto&... each) { (void)((stop = each.traverse(visit, arg), stop == 0) && ...); },
                   arguments_);
        return stop;
    }

private:
    std::shared_ptr<Function> function_;
    std::tuple<kept<Arguments>...> arguments_;
};

}  // namespace fermata::inline v0::python::detail

// NOLINTBEGIN(readability-identifier-naming): pybind11's names
namespace pybind11::detail {

template <class Argument>
class type_caster<fermata::python::detail::kept<Argument>> {
    using kept = fermata::python::detail::kept<Argument>;

public:
    static constexpr auto name = make_caster<Argument>::name;
    template <class>
    using cast_op_type = kept;

    bool load(handle given, bool convert) {
        source_ = given;
        // What pybind11 would make of another object for the length of a call is not what Python keeps.
        return loaded_.load(given, convert && !kept::keeps_source);
    }
    operator kept() { return kept(loaded_, source_); }  // NOLINT(google-explicit-constructor)

private:
    make_caster<Argument> loaded_;
    handle source_;
};

}  // namespace pybind11::detail
// NOLINTEND(readability-identifier-naming)
