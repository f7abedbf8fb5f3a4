#include <fermata/python/detail/python_iterator.hpp>

namespace fermata::inline v0::python::detail {

python_iterator::python_iterator(const py::object& iterable)
    : iterator_(py::reinterpret_steal<py::object>(PyObject_GetIter(iterable.ptr()))) {
    if (!iterator_) throw_python_error();
}

bool python_iterator::send(PyObject* value, py::object& result) {
    const py::object iterator = iterator_.get();
    PyObject* given = nullptr;
    const PySendResult what = PyIter_Send(iterator.ptr(), value, &given);
    if (what == PYGEN_ERROR) throw_python_error();
    result = py::reinterpret_steal<py::object>(given);
    return what == PYGEN_NEXT;
}

bool python_iterator::throw_(const std::exception_ptr& exception, py::object& result) {
    const py::object iterator = iterator_.get();
    if (!py::hasattr(iterator, "throw")) {
        // A StopIteration raised at the `yield from` is taken for the end of the iterator.
        if (!fermata::detail::holds<stop_iteration>(exception)) std::rethrow_exception(exception);
        result = py::getattr(from_exception(exception), "value");
        return false;
    }
    PyObject* method = PyObject_GetAttrString(iterator.ptr(), "throw");
    if (!method) throw_python_error();
    PyObject* given = PyObject_CallOneArg(method, from_exception(exception).ptr());
    Py_DECREF(method);
    if (!given) return finished(result);
    result = py::reinterpret_steal<py::object>(given);
    return true;
}

bool python_iterator::finished(py::object& result) {
    if (!PyErr_ExceptionMatches(PyExc_StopIteration)) throw_python_error();
    result = error().value().attr("value");
    return false;
}

void python_iterator::close() {
    const gil held;
    const py::object iterator = iterator_.get();
    if (!py::hasattr(iterator, "close")) return;
    PyObject* closed = PyObject_CallMethod(iterator.ptr(), "close", nullptr);
    if (!closed) throw_python_error();
    Py_DECREF(closed);
}

}  // namespace fermata::inline v0::python::detail
