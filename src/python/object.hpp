#pragma once

// What the Python types that are made here have in common: an object with C++ content, which the collector of cycles knows.

#include <fermata/python/errors.hpp>

#include <structmember.h>

#include <cstddef>
#include <exception>
#include <new>
#include <utility>

namespace fermata::inline v0::python::detail {

struct object_head {
    PyObject_HEAD PyObject* weakrefs;
};

template <class Content>
struct object_of : object_head {
    Content content;

    static Content& content_of(PyObject* object) noexcept { return reinterpret_cast<object_of*>(object)->content; }
    static PyObject* make(PyTypeObject* type, Content&& content) {
        auto* made = PyObject_GC_New(object_of, type);
        if (!made) throw py::error_already_set();
        made->weakrefs = nullptr;
        ::new (&made->content) Content(std::move(content));
        PyObject_GC_Track(made);
        return reinterpret_cast<PyObject*>(made);
    }
    // tp_dealloc: finalizes it, which may bring it back, and then destroys its content.
    static void deallocate(PyObject* object) noexcept {
        if (PyObject_CallFinalizerFromDealloc(object) < 0) return;
        PyObject_GC_UnTrack(object);
        auto* self = reinterpret_cast<object_of*>(object);
        if (self->weakrefs) PyObject_ClearWeakRefs(object);
        PyTypeObject* type = Py_TYPE(object);
        self->content.~Content();
        PyObject_GC_Del(object);
        Py_DECREF(type);
    }
};

/// What the slots of a type are made of; the member by which Python finds the weak references; the type, which only C++ makes
/// objects of. The latter raises pybind11::error_already_set.
template <class Function>
void* slot(Function* function) noexcept {
    return reinterpret_cast<void*>(function);
}
extern PyMemberDef weak_list[];
PyTypeObject* make_type_of(const char* name, std::size_t size, PyType_Slot* slots);

// The current error, kept while something else is done that may raise and clear others.
class kept_error {
public:
    kept_error() noexcept { PyErr_Fetch(&type_, &value_, &traceback_); }
    kept_error(const kept_error&) = delete;
    kept_error& operator=(const kept_error&) = delete;
    ~kept_error() { PyErr_Restore(type_, value_, traceback_); }

private:
    PyObject* type_ = nullptr;
    PyObject* value_ = nullptr;
    PyObject* traceback_ = nullptr;
};

/// Sets the StopIteration of a return value (stolen), for methods: what tp_iternext and am_send say without one.
void set_stop_iteration(PyObject* value) noexcept;

/// The exception that the arguments of throw() mean: one, or the (type, value, traceback) of old. Null, with Python's error
/// set, if they mean none.
py::object exception_of_throw(PyObject* const* arguments, Py_ssize_t count) noexcept;

/// Makes the exception that is being handled Python's error. If it is what was thrown in (or is caused by that), Python sees
/// the object that it threw.
void report(const std::exception_ptr& thrown = nullptr, const py::object& thrown_object = {}) noexcept;

}  // namespace fermata::inline v0::python::detail
