#pragma once

// What Python is told of a function that makes generators or coroutines.

#include <fermata/python/reference.hpp>

#include <memory>
#include <source_location>
#include <string>

namespace fermata::inline v0::python {

/// A function's name in Python. It remembers where it was written: tracebacks and `gi_code` name that place.
class function_name {
public:
    // NOLINTNEXTLINE(google-explicit-constructor): a name is written as a string
    function_name(const char* text, std::source_location at = std::source_location::current()) noexcept
        : text_(text), at_(at) {}

    const char* text() const noexcept { return text_; }
    const std::source_location& at() const noexcept { return at_; }

private:
    const char* text_;
    std::source_location at_;
};

namespace detail {

/// Made once for each function, shared by all that it makes.
struct function_info {
    py::object name;
    py::object qualname;
    py::object code;     // an empty code object: file, line and name
    py::object globals;  // of its frames: a dict with the module's name

    /// scope: the module or the class that it is defined in; or null.
    static std::shared_ptr<const function_info> make(const function_name& name, py::handle scope);
    /// For what is given to Python by a function that pybind11 alone has bound.
    static const std::shared_ptr<const function_info>& unnamed(const char* name);

    /// A new frame object of this function: it shows where, and has no variables. Null with Python's error set.
    PyObject* make_frame() const noexcept;
    /// Adds that to the traceback of Python's current error.
    void add_to_traceback() const noexcept;
};

}  // namespace detail

}  // namespace fermata::inline v0::python
