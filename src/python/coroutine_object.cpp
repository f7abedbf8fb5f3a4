// Python's type for C++ tasks. What asyncio asks of a coroutine: to be sent None until it has ended, yielding futures to wait for,
// and to have CancelledError thrown in.

#include "function_object.hpp"

#include <fermata/python/detail/bound_task.hpp>
#include <fermata/python/detail/guest_loop.hpp>
#include <fermata/task/context_var.hpp>

#include <memory>
#include <utility>

namespace fermata::inline v0::python::detail {

namespace {

struct coroutine_content : function_content {
    std::unique_ptr<bound_task> body;   // null when it has ended
    std::weak_ptr<guest_loop> guest{};  // where the task runs: it may go before this
    any_future task{};                  // empty until it has started
    callback_handle waker{};            // wakes asyncio when the task is done
    py::object thrown{};                // what was thrown in, and is to be raised when the task has ended
};
using coroutine_object = object_of<coroutine_content>;
using shown = function_attributes<coroutine_object>;

coroutine_content& content_of(PyObject* self) noexcept { return coroutine_object::content_of(self); }

PySendResult fail(PyObject* type, const char* text) noexcept {
    PyErr_SetString(type, text);
    return PYGEN_ERROR;
}

bool refuse_if_executing(const coroutine_content& self) noexcept {
    return detail::refuse_if_executing(self, "coroutine already executing");
}

bool is_cancellation(const py::object& exception) {
    const py::object type = py::module_::import("asyncio").attr("CancelledError");
    return PyErr_GivenExceptionMatches(exception.ptr(), type.ptr()) != 0;
}

// It does not wait for the task: nobody is there for whom it could.
void abandon(coroutine_content& self) noexcept {
    const auto guest = self.guest.lock();
    try {
        if (guest && self.task) {
            self.waker.cancel();
            if (self.task.cancel()) guest->arm();
        }
    } catch (...) {
        report();
        PyErr_WriteUnraisable(self.name());
    }
    self.task = {};
    self.body = nullptr;
}

// A future for asyncio to wait for, done when the task is. asyncio may cancel it: then that throws CancelledError in.
PyObject* future_to_wait_for(coroutine_content& self) {
    const auto guest = self.guest.lock();
    if (!guest) throw runtime_error("Event loop is closed");
    const py::object future = guest->host().attr("create_future")();
    self.waker.cancel();
    self.waker = self.task.add_done_callback([kept = reference(future)] {
        const gil held;
        const py::object waited = kept.get();
        if (!waited.attr("done")().cast<bool>()) waited.attr("set_result")(py::none());
    });
    future.attr("_asyncio_future_blocking") = true;  // that is how `await future` says it
    return py::object(future).release().ptr();
}

// Of what was thrown in, a cancellation is the task's to answer; the rest is raised now.
PySendResult end(coroutine_content& self, PyObject*& result) {
    const std::unique_ptr<bound_task> body = std::exchange(self.body, nullptr);
    const py::object thrown = std::exchange(self.thrown, py::object());
    const any_future task = std::exchange(self.task, any_future());
    const bool was_cancelled = task.cancelled();
    if (thrown && (was_cancelled || !is_cancellation(thrown))) {
        if (!was_cancelled) (void)task.exception();  // asked for: not to be reported
        set_python_error(thrown);
        return PYGEN_ERROR;
    }
    result = body->result();
    return PYGEN_RETURN;
}

PySendResult go_on(coroutine_content& self, PyObject*& result) {
    const auto guest = guest_loop::of_running_asyncio();
    if (!self.task) {
        const py::object context = py::module_::import("contextvars").attr("copy_context")();
        self.guest = guest;
        self.task = self.body->start(guest->loop(), reference(context));
    }
    guest->run();
    if (self.task.done()) return end(self, result);
    result = future_to_wait_for(self);
    return PYGEN_NEXT;
}

template <class Step>
PySendResult guarded(coroutine_content& self, Step step) noexcept {
    if (refuse_if_executing(self)) return PYGEN_ERROR;
    try {
        const execution now(self);
        return step();
    } catch (...) {
        report();
        self.function->add_to_traceback();
        return PYGEN_ERROR;
    }
}

// The slots

PySendResult send_slot(PyObject* object, PyObject* value, PyObject** result) noexcept {
    coroutine_content& self = content_of(object);
    *result = nullptr;
    if (!self.body) return fail(PyExc_RuntimeError, "cannot reuse already awaited coroutine");
    if (value != Py_None && !self.task) {
        return fail(PyExc_TypeError, "can't send non-None value to a just-started coroutine");
    }
    return guarded(self, [&] { return go_on(self, *result); });
}

PyObject* next_slot(PyObject* object) noexcept {
    PyObject* result = nullptr;
    const PySendResult what = send_slot(object, Py_None, &result);
    return stepped(what, result);
}

void warn_if_never_awaited(PyObject* object) noexcept {
    const coroutine_content& self = content_of(object);
    if (!self.body || self.task) return;
    if (PyErr_WarnFormat(PyExc_RuntimeWarning, 1, "coroutine '%U' was never awaited", self.qualname())) {
        PyErr_WriteUnraisable(object);
    }
}

void finalize_slot(PyObject* object) noexcept {
    const kept_error kept;
    warn_if_never_awaited(object);
    abandon(content_of(object));
}

int traverse_slot(PyObject* object, visitproc visit, void* arg) noexcept {
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(content_of(object).thrown.ptr());
    return shown::visit_names(object, visit, arg);
}

int clear_slot(PyObject* object) noexcept {
    content_of(object).thrown = {};
    return 0;
}

PyObject* repr_slot(PyObject* object) noexcept {
    return PyUnicode_FromFormat("<coroutine object %U at %p>", content_of(object).qualname(), object);
}

// The methods

PyObject* send_method(PyObject* object, PyObject* value) noexcept {
    PyObject* result = nullptr;
    const PySendResult what = send_slot(object, value, &result);
    return stepped(what, result);
}

PyObject* throw_method(PyObject* object, PyObject* const* arguments, Py_ssize_t count) noexcept {
    coroutine_content& self = content_of(object);
    py::object exception = exception_of_throw(arguments, count);
    if (!exception || refuse_if_executing(self)) return nullptr;
    if (!self.body) {
        fail(PyExc_RuntimeError, "cannot reuse already awaited coroutine");
        return nullptr;
    }
    // One that has ended, and has not been asked for its result yet, cannot answer any more.
    if (!self.task || self.task.done() || PyErr_GivenExceptionMatches(exception.ptr(), PyExc_GeneratorExit)) {
        abandon(self);
        set_python_error(std::move(exception));
        return nullptr;
    }
    PyObject* result = nullptr;
    const PySendResult what = guarded(self, [&] {
        self.thrown = exception;
        self.task.cancel();
        return go_on(self, result);
    });
    return stepped(what, result);
}

PyObject* close_method(PyObject* object, PyObject*) noexcept {
    coroutine_content& self = content_of(object);
    if (refuse_if_executing(self)) return nullptr;
    abandon(self);
    Py_RETURN_NONE;
}

// What inspect.getcoroutinestate asks, and its like

PyObject* suspended(PyObject* object, void*) noexcept {
    const coroutine_content& self = content_of(object);
    return PyBool_FromLong(!self.executing && self.body && self.task);
}
PyObject* frame(PyObject* object, void*) noexcept {
    if (!content_of(object).body) Py_RETURN_NONE;
    return shown::frame(object);
}

PyMethodDef methods[] = {
    {"send", &send_method, METH_O, "send(None) -> goes on, and gives a future to wait for."},
    {"throw", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&throw_method)), METH_FASTCALL,
     "throw(exception) -> cancels the task, and gives a future to wait for."},
    {"close", &close_method, METH_NOARGS, "close() -> cancels the task, and does not wait for it."},
    class_getitem,
    {},
};

PyGetSetDef attributes[] = {
    {"cr_running", &shown::running, nullptr, nullptr, nullptr},
    {"cr_suspended", &suspended, nullptr, nullptr, nullptr},
    {"cr_frame", &frame, nullptr, nullptr, nullptr},
    {"cr_await", &shown::nothing, nullptr, "None: what a C++ task awaits is not shown.", nullptr},
    {"cr_origin", &shown::nothing, nullptr, nullptr, nullptr},
    {"cr_code", &shown::code, nullptr, nullptr, nullptr},
    {"__name__", &shown::name, &shown::set_name, "name of the coroutine", nullptr},
    {"__qualname__", &shown::qualname, &shown::set_qualname, "qualified name of the coroutine", nullptr},
    {},
};

PyTypeObject* make_type() {
    PyType_Slot slots[] = {
        {Py_tp_dealloc, slot(&shown::deallocate)},
        {Py_tp_finalize, slot(&finalize_slot)},
        {Py_tp_traverse, slot(&traverse_slot)},
        {Py_tp_clear, slot(&clear_slot)},
        {Py_tp_repr, slot(&repr_slot)},
        {Py_tp_iternext, slot(&next_slot)},
        {Py_am_await, slot(&PyObject_SelfIter)},
        {Py_am_send, slot(&send_slot)},
        {Py_tp_methods, methods},
        {Py_tp_getset, attributes},
        {Py_tp_members, weak_list},
        {0, nullptr},
    };
    return make_type_of("fermata.coroutine", sizeof(coroutine_object), slots);
}

const context_var<reference>& context_variable() {
    static const auto* variable = new context_var<reference>("python", reference());
    return *variable;
}

}  // namespace

reference python_context() { return context_variable().get(); }
void set_python_context(reference context) { (void)context_variable().set(std::move(context)); }

PyTypeObject* coroutine_type() {
    static PyTypeObject* const type = make_type();
    return type;
}

py::object make_coroutine_object(std::unique_ptr<bound_task> body, std::shared_ptr<const function_info> function) {
    coroutine_content content{{std::move(function)}, std::move(body)};
    return py::reinterpret_steal<py::object>(coroutine_object::make(coroutine_type(), std::move(content)));
}

}  // namespace fermata::inline v0::python::detail
