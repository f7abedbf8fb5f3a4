// Python's type for C++ generators. What can be observed of it is what CPython's generators show (Objects/genobject.c).

#include "function_object.hpp"

#include <fermata/python/detail/bound_generator.hpp>

#include <memory>
#include <utility>

namespace fermata::inline v0::python::detail {

namespace {

struct generator_content : function_content {
    std::unique_ptr<bound_generator> body;  // null when the collector has cleared it: closed
};
using generator_object = object_of<generator_content>;
using shown = function_attributes<generator_object>;

generator_content& content_of(PyObject* self) noexcept { return generator_object::content_of(self); }

generator_state state_of(const generator_content& self) noexcept {
    if (self.executing) return generator_state::running;
    return self.body ? self.body->state() : generator_state::closed;
}

// Ours, and not the generator's own: where the body runs without the GIL another thread may ask meanwhile.
bool refuse_if_executing(const generator_content& self) noexcept {
    return detail::refuse_if_executing(self, "generator already executing");
}

// The slots

PySendResult send_slot(PyObject* object, PyObject* value, PyObject** result) noexcept {
    generator_content& self = content_of(object);
    *result = nullptr;
    if (refuse_if_executing(self)) return PYGEN_ERROR;
    if (!self.body) {
        *result = Py_NewRef(Py_None);
        return PYGEN_RETURN;
    }
    try {
        const execution now(self);
        return self.body->send(value, *result);
    } catch (...) {
        report();
        self.function->add_to_traceback();
        return PYGEN_ERROR;
    }
}

PyObject* next_slot(PyObject* object) noexcept {
    PyObject* result = nullptr;
    const PySendResult what = send_slot(object, Py_None, &result);
    if (what == PYGEN_NEXT) return result;
    if (what == PYGEN_RETURN) {
        if (result == Py_None) {
            Py_DECREF(result);
        } else {
            set_stop_iteration(result);
        }
    }
    return nullptr;
}

// Python's `__del__`: what is suspended is closed, so that its body sees it.
void finalize_slot(PyObject* object) noexcept {
    generator_content& self = content_of(object);
    if (state_of(self) != generator_state::suspended) return;
    const kept_error kept;
    try {
        const execution now(self);
        Py_DECREF(self.body->close());
    } catch (...) {
        report();
        PyErr_WriteUnraisable(object);
    }
}

int traverse_slot(PyObject* object, visitproc visit, void* arg) noexcept {
    const generator_content& self = content_of(object);
    Py_VISIT(Py_TYPE(object));
    if (const int stopped = shown::visit_names(object, visit, arg)) return stopped;
    return self.body && !self.executing ? self.body->traverse(visit, arg) : 0;
}

int clear_slot(PyObject* object) noexcept {
    generator_content& self = content_of(object);
    if (!self.executing) std::exchange(self.body, nullptr).reset();
    return 0;
}

PyObject* repr_slot(PyObject* object) noexcept {
    return PyUnicode_FromFormat("<generator object %U at %p>", content_of(object).qualname(), object);
}

// The methods

PyObject* send_method(PyObject* object, PyObject* value) noexcept {
    PyObject* result = nullptr;
    const PySendResult what = send_slot(object, value, &result);
    return stepped(what, result);
}

PyObject* throw_method(PyObject* object, PyObject* const* arguments, Py_ssize_t count) noexcept {
    generator_content& self = content_of(object);
    const py::object exception = exception_of_throw(arguments, count);
    if (!exception || refuse_if_executing(self)) return nullptr;
    if (!self.body) {
        set_python_error(exception);
        return nullptr;
    }
    std::exception_ptr thrown;
    PyObject* result = nullptr;
    try {
        thrown = to_exception(exception);
        const execution now(self);
        const PySendResult what = self.body->throw_(thrown, result);
        return stepped(what, result);
    } catch (...) {
        report(thrown, exception);
        self.function->add_to_traceback();
        return nullptr;
    }
}

PyObject* close_method(PyObject* object, PyObject*) noexcept {
    generator_content& self = content_of(object);
    if (refuse_if_executing(self)) return nullptr;
    if (!self.body) Py_RETURN_NONE;
    try {
        const execution now(self);
        PyObject* returned = self.body->close();
#if PY_VERSION_HEX < 0x030D0000  // since 3.13 it gives the return value
        Py_SETREF(returned, Py_NewRef(Py_None));
#endif
        return returned;
    } catch (...) {
        report();
        self.function->add_to_traceback();
        return nullptr;
    }
}

// What inspect.getgeneratorstate asks, and its like

PyObject* suspended(PyObject* object, void*) noexcept {
    return PyBool_FromLong(state_of(content_of(object)) == generator_state::suspended);
}

PyObject* frame(PyObject* object, void*) noexcept {
    if (state_of(content_of(object)) == generator_state::closed) Py_RETURN_NONE;
    return shown::frame(object);
}

PyMethodDef methods[] = {
    {"send", &send_method, METH_O, "send(value) -> sends it into the generator, and gives what that yields next."},
    {"throw", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&throw_method)), METH_FASTCALL,
     "throw(exception) -> raises it in the generator, and gives what that yields next."},
    {"close", &close_method, METH_NOARGS, "close() -> raises GeneratorExit in the generator."},
    class_getitem,
    {},
};

PyGetSetDef attributes[] = {
    {"gi_running", &shown::running, nullptr, nullptr, nullptr},
    {"gi_suspended", &suspended, nullptr, nullptr, nullptr},
    {"gi_frame", &frame, nullptr, nullptr, nullptr},
    {"gi_yieldfrom", &shown::nothing, nullptr, "None: what a C++ generator delegates to is not shown.", nullptr},
    {"gi_code", &shown::code, nullptr, nullptr, nullptr},
    {"__name__", &shown::name, &shown::set_name, "name of the generator", nullptr},
    {"__qualname__", &shown::qualname, &shown::set_qualname, "qualified name of the generator", nullptr},
    {},
};

PyTypeObject* make_type() {
    PyType_Slot slots[] = {
        {Py_tp_dealloc, slot(&shown::deallocate)},
        {Py_tp_finalize, slot(&finalize_slot)},
        {Py_tp_traverse, slot(&traverse_slot)},
        {Py_tp_clear, slot(&clear_slot)},
        {Py_tp_repr, slot(&repr_slot)},
        {Py_tp_iter, slot(&PyObject_SelfIter)},
        {Py_tp_iternext, slot(&next_slot)},
        {Py_am_send, slot(&send_slot)},
        {Py_tp_methods, methods},
        {Py_tp_getset, attributes},
        {Py_tp_members, weak_list},
        {0, nullptr},
    };
    return make_type_of("fermata.generator", sizeof(generator_object), slots);
}

}  // namespace

PyTypeObject* generator_type() {
    static PyTypeObject* const type = make_type();
    return type;
}

py::object make_generator_object(std::unique_ptr<bound_generator> body, std::shared_ptr<const function_info> function) {
    generator_content content{{std::move(function)}, std::move(body)};
    return py::reinterpret_steal<py::object>(generator_object::make(generator_type(), std::move(content)));
}

}  // namespace fermata::inline v0::python::detail
