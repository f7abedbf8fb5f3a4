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
    py::object own_name{};  // what Python has set; else the function's
    py::object own_qualname{};
    py::object frame{};  // made when it is asked for
    bool executing = false;

    PyObject* name() const noexcept { return own_name ? own_name.ptr() : function->name.ptr(); }
    PyObject* qualname() const noexcept { return own_qualname ? own_qualname.ptr() : function->qualname.ptr(); }
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

/// Whether it does: then ValueError is set, with that text.
bool refuse_if_executing(const function_content& self, const char* text) noexcept;

/// For methods: what the slot gave in `result` (stolen), or null with a StopIteration of that set.
PyObject* stepped(PySendResult what, PyObject* result) noexcept;

/// The class alone is asked: `generator[int, None, str]`. It is what has the types of Python's, for who writes annotations.
inline constexpr PyMethodDef class_getitem = {"__class_getitem__", &Py_GenericAlias, METH_O | METH_CLASS,
                                              "a type for annotations"};

/// The attributes of an object_of<Content>, for its type's table, and slots of that type.
template <class Object>
struct function_attributes {
    static PyObject* running(PyObject* object, void*) noexcept { return PyBool_FromLong(content_of(object).executing); }
    static PyObject* code(PyObject* object, void*) noexcept { return Py_NewRef(function_of(object).code.ptr()); }
    static PyObject* name(PyObject* object, void*) noexcept { return Py_NewRef(content_of(object).name()); }
    static PyObject* qualname(PyObject* object, void*) noexcept { return Py_NewRef(content_of(object).qualname()); }
    static int set_name(PyObject* object, PyObject* value, void*) noexcept {
        return set_text(content_of(object).own_name, "__name__", value);
    }
    static int set_qualname(PyObject* object, PyObject* value, void*) noexcept {
        return set_text(content_of(object).own_qualname, "__qualname__", value);
    }
    static PyObject* nothing(PyObject*, void*) noexcept { Py_RETURN_NONE; }

    /// Not of one that has ended: that has none.
    static PyObject* frame(PyObject* object) noexcept {
        function_content& self = content_of(object);
        if (!self.frame) self.frame = py::reinterpret_steal<py::object>(self.function->make_frame());
        return Py_XNewRef(self.frame.ptr());
    }

    /// For tp_traverse: a text that Python has set may be of a class that refers to anything.
    static int visit_names(PyObject* object, visitproc visit, void* arg) noexcept {
        Py_VISIT(content_of(object).own_name.ptr());
        Py_VISIT(content_of(object).own_qualname.ptr());
        return 0;
    }

    // The destructors of the body's variables may run Python code.
    static void deallocate(PyObject* object) noexcept {
        const kept_error kept;
        Object::deallocate(object);
    }

private:
    static function_content& content_of(PyObject* object) noexcept { return Object::content_of(object); }
    static const function_info& function_of(PyObject* object) noexcept { return *content_of(object).function; }

    // value is null for `del`.
    static int set_text(py::object& text, const char* attribute, PyObject* value) noexcept {
        if (!value || !PyUnicode_Check(value)) {
            PyErr_Format(PyExc_TypeError, "%s must be set to a string object", attribute);
            return -1;
        }
        text = py::reinterpret_borrow<py::object>(value);
        return 0;
    }
};

}  // namespace fermata::inline v0::python::detail
