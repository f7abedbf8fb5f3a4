#pragma once

// Generators as arguments and results of any function that pybind11 binds: an argument may be whatever Python can loop over.

#include <fermata/generator/generator.hpp>
#include <fermata/python/detail/typed_generator.hpp>
#include <fermata/python/iter.hpp>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace fermata::inline v0::python::detail {

/// For signatures: "Generator[int, float, str]".
template <class Generator>
class generator_object : public py::object {
public:
    explicit generator_object(py::object&& made) : object(std::move(made)) {}
};

template <class Generator>
constexpr auto generator_name() {
    using py::detail::const_name;
    return const_name("Generator[") + value_name<typename Generator::yield_type>() + const_name(", ") +
           value_name<typename Generator::send_type>() + const_name(", ") +
           value_name<typename Generator::return_type>() + const_name("]");
}

}  // namespace fermata::inline v0::python::detail

// NOLINTBEGIN(readability-identifier-naming): pybind11's names
namespace pybind11::detail {

template <class Generator>
struct handle_type_name<fermata::python::detail::generator_object<Generator>> {
    static constexpr auto name = fermata::python::detail::generator_name<Generator>();
};

template <class Yield, class Send, class Return>
class type_caster<fermata::generator<Yield, Send, Return>> {
    using generator = fermata::generator<Yield, Send, Return>;

public:
    static constexpr auto name = fermata::python::detail::generator_name<generator>();
    template <class>
    using cast_op_type = generator&&;

    bool load(handle given, bool) {
        // A number is not iterable: that is no error yet, but another overload.
        if (!Py_TYPE(given.ptr())->tp_iter && !PySequence_Check(given.ptr())) return false;
        value_.emplace(fermata::python::iter<Yield, Send, Return>(reinterpret_borrow<object>(given)));
        return true;
    }
    operator generator&&() { return std::move(*value_); }  // NOLINT(google-explicit-constructor)

    static handle cast(generator&& made, return_value_policy, handle) {
        namespace bridge = fermata::python::detail;
        auto body = std::make_unique<bridge::typed_generator<generator>>(std::move(made));
        return bridge::make_generator_object(std::move(body), bridge::function_info::unnamed("generator")).release();
    }

private:
    std::optional<generator> value_;
};

}  // namespace pybind11::detail
// NOLINTEND(readability-identifier-naming)
