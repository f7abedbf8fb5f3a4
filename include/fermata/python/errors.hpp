#pragma once

/// \file
/// Exceptions on their way between Python and C++.

#include <fermata/python/reference.hpp>

#include <exception>
#include <utility>

namespace fermata::inline v0::python {

/// Any exception of Python's that has no counterpart here. A std::exception; `e.matches(type)`, `e.value()` ask what it is.
using error = pybind11::error_already_set;

/// What those that have a counterpart derive from beside it: the exception itself. Back in Python it is the same object again,
/// with its traceback.
class raised {
public:
    /// With the GIL.
    py::object exception() const { return exception_.get(); }

protected:
    explicit raised(py::object exception) : exception_(std::move(exception)) {}
    raised(const raised&) = default;
    raised& operator=(const raised&) = default;
    ~raised() = default;

private:
    reference exception_;
};

/// A ValueError of Python's is raised_as<value_error>: `catch (const fermata::value_error&)` takes it.
template <class Error>
class raised_as final : public Error, public raised {
public:
    template <class... Arguments>
    explicit raised_as(py::object exception, Arguments&&... arguments)
        : Error(std::forward<Arguments>(arguments)...), raised(std::move(exception)) {}
};

/// What a Python exception is in C++. ValueError, TypeError, IndexError, RuntimeError, TimeoutError, ExceptionGroup,
/// KeyboardInterrupt, asyncio's CancelledError and InvalidStateError are raised_as fermata's classes of these names; an
/// OSError with an errno is raised_as<std::system_error>. GeneratorExit, StopIteration and StopAsyncIteration are fermata's
/// own, with their value as a `reference`. Whatever else there is, is a python::error. With the GIL; so the others here.
std::exception_ptr to_exception(const py::object& exception);

/// What a C++ exception is in Python: what came from there is the same object as before; fermata's are those that they
/// mirror; a std::system_error is an OSError; a nested exception is the `__cause__`; the rest follow pybind11's rules, with
/// the translators that were registered there.
py::object from_exception(const std::exception_ptr& exception);

/// Throws the exception that Python's C interface has just reported.
[[noreturn]] void throw_python_error();

/// Makes it Python's current error: for those who are called by Python's C interface, and about to return null.
void set_python_error(py::object exception) noexcept;

/// Python sees fermata's exceptions, thrown by any function that pybind11 has bound, as those that they mirror. def_generator
/// and def_task do it; call it in a module that has neither. Idempotent.
void register_exceptions();

}  // namespace fermata::inline v0::python
