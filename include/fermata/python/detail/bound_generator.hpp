#pragma once

// A C++ generator as Python's type for it sees it: without its types.

#include <fermata/generator/generator.hpp>
#include <fermata/python/detail/function_info.hpp>

#include <exception>
#include <memory>

namespace fermata::inline v0::python::detail {

/// Each gives a new reference in `result`: what was yielded, or the return value (None where there is none). They raise as
/// the generator does. With the GIL, and never while it executes: the object that owns it sees to that.
class bound_generator {
public:
    bound_generator() = default;
    bound_generator(const bound_generator&) = delete;
    bound_generator& operator=(const bound_generator&) = delete;
    virtual ~bound_generator() = default;

    virtual PySendResult send(PyObject* value, PyObject*& result) = 0;
    virtual PySendResult throw_(std::exception_ptr exception, PyObject*& result) = 0;
    /// The return value, or None.
    virtual PyObject* close() = 0;
    virtual generator_state state() const noexcept = 0;
    /// For Python's collector of cycles: the objects that it holds and that no step can let go of.
    virtual int traverse(visitproc visit, void* argument) const = 0;
};

/// A Python generator of type `fermata.generator`: a new reference.
py::object make_generator_object(std::unique_ptr<bound_generator> body, std::shared_ptr<const function_info> function);
/// That type: one for each extension module.
PyTypeObject* generator_type();

}  // namespace fermata::inline v0::python::detail
