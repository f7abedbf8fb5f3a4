#include <fermata/base/errors.hpp>
#include <fermata/base/exception_group.hpp>
#include <fermata/io/stream.hpp>
#include <fermata/net/getaddrinfo.hpp>
#include <fermata/os/file.hpp>
#include <fermata/python/detail/convert.hpp>
#include <fermata/python/errors.hpp>
#include <fermata/sync/barrier.hpp>
#include <fermata/sync/queue.hpp>
#include <fermata/task/cancellation.hpp>
#include <fermata/task/context_var.hpp>
#include <fermata/task/timeout.hpp>

#include <cstring>
#include <string>
#include <system_error>
#include <typeinfo>
#include <vector>

namespace fermata::inline v0::python {

namespace {

// A class of a module that need not have been imported: nobody has raised it then.
py::object class_if_imported(const char* module, const char* name) {
    PyObject* found = PyDict_GetItemString(PyImport_GetModuleDict(), module);
    if (!found) return {};
    return py::getattr(found, name, py::none());
}

py::object class_of(const char* module, const char* name) { return py::module_::import(module).attr(name); }

bool is_a(const py::object& exception, PyObject* type) {
    return PyErr_GivenExceptionMatches(exception.ptr(), type) != 0;
}
bool is_a(const py::object& exception, const py::object& type) {
    return type && !type.is_none() && is_a(exception, type.ptr());
}

py::object take_python_error() {
    PyObject* type = nullptr;
    PyObject* value = nullptr;
    PyObject* traceback = nullptr;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback) PyException_SetTraceback(value, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return py::reinterpret_steal<py::object>(value);
}

std::string text_of(const py::object& exception) {
    PyObject* text = PyObject_Str(exception.ptr());
    const char* bytes = text ? PyUnicode_AsUTF8(text) : nullptr;
    std::string copied = bytes ? bytes : "<exception str() failed>";
    Py_XDECREF(text);
    PyErr_Clear();
    return copied;
}

// To C++

template <class Error, class... Arguments>
std::exception_ptr as(const py::object& exception, Arguments&&... arguments) {
    return std::make_exception_ptr(raised_as<Error>(exception, std::forward<Arguments>(arguments)...));
}

template <class End>
std::exception_ptr end_of_iteration(const py::object& exception) {
    const py::object value = py::getattr(exception, "value", py::none());
    return value.is_none() ? std::make_exception_ptr(End()) : std::make_exception_ptr(End(reference(value)));
}

std::exception_ptr group_of(const py::object& exception) {
    std::vector<std::exception_ptr> exceptions;
    for (const py::handle each : exception.attr("exceptions")) {
        exceptions.push_back(to_exception(py::reinterpret_borrow<py::object>(each)));
    }
    return as<exception_group>(exception, exception.attr("message").cast<std::string>(), std::move(exceptions));
}

std::exception_ptr any_error(const py::object& exception) {
    set_python_error(exception);
    return std::make_exception_ptr(error());
}

std::exception_ptr os_error_of(const py::object& exception) {
    const py::object number = exception.attr("errno");
    if (!PyLong_Check(number.ptr())) return any_error(exception);
    const std::error_code code(number.cast<int>(), std::generic_category());
    const py::object name = exception.attr("filename");
    if (name.is_none()) return as<std::system_error>(exception, code);
    return as<std::system_error>(exception, code, py::str(name).cast<std::string>());
}

// To Python

py::object make(PyObject* type, const char* text) {
    return py::reinterpret_borrow<py::object>(type)(py::reinterpret_steal<py::object>(
        PyUnicode_DecodeUTF8(text, static_cast<Py_ssize_t>(std::strlen(text)), "replace")));
}
py::object make(const py::object& type, const char* text) { return make(type.ptr(), text); }
py::object make_empty(PyObject* type) { return py::reinterpret_borrow<py::object>(type)(); }

template <class... Values>
py::object value_among(const fermata::detail::end_of_iteration& end) {
    py::object found;
    const auto ask = [&]<class Value>(std::type_identity<Value>) {
        try {
            found = py::reinterpret_steal<py::object>(detail::to_python(end.value<Value>()));
            return true;
        } catch (const type_error&) {
            return false;
        }
    };
    (void)(ask(std::type_identity<Values>()) || ...);
    return found;
}

// Of a value whose type is unknown here, nothing is told.
py::object make_end(PyObject* type, const fermata::detail::end_of_iteration& end) {
    if (!end.has_value()) return make_empty(type);
    py::object value;
    try {
        value = end.value<reference>().get();
    } catch (const type_error&) {
        value = value_among<py::object, bool, int, long, long long, unsigned, unsigned long, double, std::string>(end);
    }
    return value ? py::reinterpret_borrow<py::object>(type)(value) : make_empty(type);
}

py::object make_group(const exception_group& group) {
    py::list exceptions;
    for (const std::exception_ptr& each : group.exceptions()) exceptions.append(from_exception(each));
    return class_of("builtins", "BaseExceptionGroup")(group.message(), exceptions);
}

py::object make_os_error(const std::system_error& failed) {
    const std::error_code& code = failed.code();
    if (code.category() != std::generic_category() && code.category() != std::system_category()) {
        return make(PyExc_RuntimeError, failed.what());
    }
    // OSError chooses the class by the number: ConnectionResetError, FileNotFoundError.
    return py::reinterpret_borrow<py::object>(PyExc_OSError)(code.value(), failed.what());
}

py::object make_queue_shutdown(const char* text) {
    const py::object type = py::getattr(py::module_::import("asyncio"), "QueueShutDown", py::none());
    return type.is_none() ? make(PyExc_RuntimeError, text) : make(type, text);
}

// The counterparts, the derived before their bases. Raises what is none.
py::object counterpart(const std::exception_ptr& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const generator_exit&) {
        return make_empty(PyExc_GeneratorExit);
    } catch (const keyboard_interrupt&) {
        return make_empty(PyExc_KeyboardInterrupt);
    } catch (const cancelled_error&) {
        return class_of("asyncio", "CancelledError")();
    } catch (const stop_iteration& e) {
        return make_end(PyExc_StopIteration, e);
    } catch (const stop_async_iteration& e) {
        return make_end(PyExc_StopAsyncIteration, e);
    } catch (const exception_group& e) {
        return make_group(e);
    } catch (const unsupported_operation& e) {
        return make(class_of("io", "UnsupportedOperation"), e.what());
    } catch (const value_error& e) {
        return make(PyExc_ValueError, e.what());
    } catch (const type_error& e) {
        return make(PyExc_TypeError, e.what());
    } catch (const index_error& e) {
        return make(PyExc_IndexError, e.what());
    } catch (const lookup_error& e) {
        return make(PyExc_LookupError, e.what());
    } catch (const timeout_error& e) {
        return make(PyExc_TimeoutError, e.what());
    } catch (const broken_barrier_error& e) {
        return make(class_of("asyncio", "BrokenBarrierError"), e.what());
    } catch (const runtime_error& e) {
        return make(PyExc_RuntimeError, e.what());
    } catch (const invalid_state_error& e) {
        return make(class_of("asyncio", "InvalidStateError"), e.what());
    } catch (const queue_empty& e) {
        return make(class_of("asyncio", "QueueEmpty"), e.what());
    } catch (const queue_full& e) {
        return make(class_of("asyncio", "QueueFull"), e.what());
    } catch (const queue_shutdown& e) {
        return make_queue_shutdown(e.what());
    } catch (const incomplete_read_error& e) {
        const py::object expected = e.expected() ? py::object(py::int_(e.expected())) : py::object(py::none());
        return class_of("asyncio", "IncompleteReadError")(py::bytes(e.partial()), expected);
    } catch (const limit_overrun_error& e) {
        return class_of("asyncio", "LimitOverrunError")(e.what(), e.consumed());
    } catch (const gaierror& e) {
        return class_of("socket", "gaierror")(e.code(), e.what());
    } catch (const std::system_error& e) {
        return make_os_error(e);
    } catch (const fermata::error& e) {
        return make(PyExc_Exception, e.what());
    }
}

void set_cause(const py::object& exception, const std::exception_ptr& nested) {
    const py::object cause = from_exception(nested);
    PyException_SetCause(exception.ptr(), cause.inc_ref().ptr());
    PyException_SetContext(exception.ptr(), cause.inc_ref().ptr());
}

std::exception_ptr nested_in(const std::exception_ptr& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const std::nested_exception& e) {
        return e.nested_ptr();
    } catch (...) {
        return nullptr;
    }
}

// Null if it does not come from Python.
py::object original(const std::exception_ptr& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const raised& e) {
        return e.exception();
    } catch (const error& e) {
        if (e.trace()) PyException_SetTraceback(e.value().ptr(), e.trace().ptr());
        return e.value();
    } catch (...) {
        return {};
    }
}

// pybind11's form of it, by value: one that it cannot translate, it raises.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
void translate(std::exception_ptr exception) {
    if (!exception) return;
    if (py::object object = original(exception)) return set_python_error(std::move(object));
    const py::object made = counterpart(exception);
    if (const std::exception_ptr nested = nested_in(exception)) set_cause(made, nested);
    set_python_error(made);
}

}  // namespace

std::exception_ptr to_exception(const py::object& exception) {
    if (is_a(exception, PyExc_StopIteration)) return end_of_iteration<stop_iteration>(exception);
    if (is_a(exception, PyExc_StopAsyncIteration)) return end_of_iteration<stop_async_iteration>(exception);
    if (is_a(exception, PyExc_GeneratorExit)) return std::make_exception_ptr(generator_exit());
    if (is_a(exception, PyExc_KeyboardInterrupt)) return as<keyboard_interrupt>(exception);
    if (is_a(exception, PyExc_TimeoutError)) return as<timeout_error>(exception, text_of(exception));
    if (is_a(exception, PyExc_OSError)) return os_error_of(exception);
    if (is_a(exception, PyExc_ValueError)) return as<value_error>(exception, text_of(exception));
    if (is_a(exception, PyExc_TypeError)) return as<type_error>(exception, text_of(exception));
    if (is_a(exception, PyExc_IndexError)) return as<index_error>(exception, text_of(exception));
    if (is_a(exception, PyExc_RuntimeError)) return as<runtime_error>(exception, text_of(exception));
    if (is_a(exception, class_if_imported("builtins", "BaseExceptionGroup"))) return group_of(exception);
    if (is_a(exception, class_if_imported("asyncio.exceptions", "CancelledError")))
        return as<cancelled_error>(exception);
    if (is_a(exception, class_if_imported("asyncio.exceptions", "InvalidStateError"))) {
        return as<invalid_state_error>(exception, text_of(exception));
    }
    return any_error(exception);
}

py::object from_exception(const std::exception_ptr& exception) {
    if (py::object object = original(exception)) return object;
    register_exceptions();
    try {
        std::rethrow_exception(exception);
    } catch (...) {
        if (!py::detail::apply_exception_translators(
                py::detail::get_local_internals().registered_exception_translators) &&
            !py::detail::apply_exception_translators(py::detail::get_internals().registered_exception_translators)) {
            PyErr_SetString(PyExc_SystemError, "a C++ exception that nothing translates");
        }
    }
    return take_python_error();
}

void throw_python_error() { std::rethrow_exception(to_exception(take_python_error())); }

void set_python_error(py::object exception) noexcept {
    PyObject* type = reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr()));
    PyObject* traceback = PyException_GetTraceback(exception.ptr());
    Py_INCREF(type);
    PyErr_Restore(type, exception.release().ptr(), traceback);
}

// Before pybind11's own, which takes every std::exception, and after all those that users have registered, for classes that
// may derive from ours.
void register_exceptions() {
    static const bool registered = [] {
        auto& translators = py::detail::get_internals().registered_exception_translators;
        auto last = translators.before_begin();
        for (auto next = translators.begin(); std::next(next) != translators.end(); ++next) last = next;
        translators.insert_after(last, &translate);
        return true;
    }();
    (void)registered;
}

}  // namespace fermata::inline v0::python
