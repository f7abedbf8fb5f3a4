#include "object.hpp"

#include "function_object.hpp"

namespace fermata::inline v0::python::detail {

PyMemberDef weak_list[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(object_head, weakrefs), READONLY, nullptr},
    {},
};

PyTypeObject* make_type_of(const char* name, std::size_t size, PyType_Slot* slots) {
    PyType_Spec spec{name, static_cast<int>(size), 0,
                     Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
    PyObject* made = PyType_FromSpec(&spec);
    if (!made) throw py::error_already_set();
    return reinterpret_cast<PyTypeObject*>(made);
}

namespace {

py::object type_error_of(const char* text, const char* name = "") noexcept {
    PyErr_Format(PyExc_TypeError, text, name);
    return {};
}

std::exception_ptr nested_in(const std::exception_ptr& exception) noexcept {
    try {
        std::rethrow_exception(exception);
    } catch (const std::nested_exception& e) {
        return e.nested_ptr();
    } catch (...) {
        return nullptr;
    }
}

}  // namespace

bool refuse_if_executing(const function_content& self, const char* text) noexcept {
    if (self.executing) PyErr_SetString(PyExc_ValueError, text);
    return self.executing;
}

void set_stop_iteration(PyObject* value) noexcept {
    // Made here: PyErr_SetObject would take a tuple for the arguments of the class, and an exception for its object.
    PyObject* exception =
        value == Py_None ? PyObject_CallNoArgs(PyExc_StopIteration) : PyObject_CallOneArg(PyExc_StopIteration, value);
    Py_DECREF(value);
    if (!exception) return;
    PyErr_SetObject(PyExc_StopIteration, exception);
    Py_DECREF(exception);
}

PyObject* stepped(PySendResult what, PyObject* result) noexcept {
    if (what == PYGEN_NEXT) return result;
    if (what == PYGEN_RETURN) set_stop_iteration(result);
    return nullptr;
}

py::object exception_of_throw(PyObject* const* arguments, Py_ssize_t count) noexcept {
    if (count < 1 || count > 3) {
        PyErr_Format(PyExc_TypeError, "throw expected %s, got %zd",
                     count < 1 ? "at least 1 argument" : "at most 3 arguments", count);
        return {};
    }
#if PY_VERSION_HEX >= 0x030C0000
    if (count > 1 &&
        PyErr_WarnEx(PyExc_DeprecationWarning,
                     "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature "
                     "instead.",
                     1) < 0) {
        return {};
    }
#endif
    PyObject* type = arguments[0];
    PyObject* value = count > 1 ? arguments[1] : Py_None;
    PyObject* traceback = count > 2 ? arguments[2] : Py_None;
    if (traceback != Py_None && !PyTraceBack_Check(traceback)) {
        return type_error_of("throw() third argument must be a traceback object");
    }
    if (PyExceptionClass_Check(type)) {
        Py_INCREF(type);
        Py_INCREF(value);
        PyObject* made_traceback = nullptr;
        PyErr_NormalizeException(&type, &value, &made_traceback);
        Py_DECREF(type);
        Py_XDECREF(made_traceback);
    } else if (!PyExceptionInstance_Check(type)) {
        return type_error_of("exceptions must be classes or instances deriving from BaseException, not %s",
                             Py_TYPE(type)->tp_name);
    } else if (value != Py_None) {
        return type_error_of("instance exception may not have a separate value");
    } else {
        value = Py_NewRef(type);
    }
    if (traceback != Py_None) PyException_SetTraceback(value, traceback);
    return py::reinterpret_steal<py::object>(value);
}

void report(const std::exception_ptr& thrown, const py::object& thrown_object) noexcept {
    const std::exception_ptr raised = std::current_exception();
    try {
        if (thrown && raised == thrown) return set_python_error(thrown_object);
        py::object exception = from_exception(raised);
        if (thrown && nested_in(raised) == thrown) {
            PyException_SetCause(exception.ptr(), Py_NewRef(thrown_object.ptr()));
            PyException_SetContext(exception.ptr(), Py_NewRef(thrown_object.ptr()));
        }
        set_python_error(std::move(exception));
    } catch (...) {
        PyErr_SetString(PyExc_SystemError, "a C++ exception could not be handed to Python");
    }
}

}  // namespace fermata::inline v0::python::detail
