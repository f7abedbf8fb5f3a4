#pragma once

// What Python's two types have in common: an object that a bound function has made shows that function, and says whether it
// executes.

#include "object.hpp"

#include <fermata/python/detail/function_info.hpp>

#include <memory>

namespace fermata::inline v0::python::detail {

/// The content of such an object derives from it.
struct function_content {
    std::shared_ptr<const function_info> function;
    py::object frame{};  // made when it is asked for
    bool executing = false;
};

/// It executes while this lives.
class execution {
public:
    explicit execution(function_content& self) noexcept : self_(self) { self.executing = true; }
    execution(const execution&) = delete;
    execution& operator=(const execution&) = delete;
    ~execution() { self_.executing = false; }

private:
    function_content& self_;
};

/// For methods: what the slot gave in `result` (stolen), or null with a StopIteration of that set.
PyObject* stepped(PySendResult what, PyObject* result) noexcept;

/// The class alone is asked: `generator[int, None, str]`. It is what has the types of Python's, for who writes annotations.
inline constexpr PyMethodDef class_getitem = {"__class_getitem__", &Py_GenericAlias, METH_O | METH_CLASS,
                                              "a type for annotations"};

/// The attributes of an object_of<Content>, for its type's table, and slots of that type.
template <class Object>
struct function_attributes {
    static PyObject* running(PyObject* object, void*) noexcept {
        return PyBool_FromLong(Object::content_of(object).executing);
    }
    static PyObject* code(PyObject* object, void*) noexcept { return Py_NewRef(function_of(object).code.ptr()); }
    static PyObject* name(PyObject* object, void*) noexcept { return Py_NewRef(function_of(object).name.ptr()); }
    static PyObject* qualname(PyObject* object, void*) noexcept {
        return Py_NewRef(function_of(object).qualname.ptr());
    }
    static PyObject* nothing(PyObject*, void*) noexcept { Py_RETURN_NONE; }

    /// Not of one that has ended: that has none.
    static PyObject* frame(PyObject* object) noexcept {
        function_content& self = Object::content_of(object);
        if (!self.frame) self.frame = py::reinterpret_steal<py::object>(self.function->make_frame());
        return Py_XNewRef(self.frame.ptr());
    }

    // The destructors of the body's variables may run Python code.
    static void deallocate(PyObject* object) noexcept {
        const kept_error kept;
        Object::deallocate(object);
    }

private:
    static const function_info& function_of(PyObject* object) noexcept { return *Object::content_of(object).function; }
};

}  // namespace fermata::inline v0::python::detail
