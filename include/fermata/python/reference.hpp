#pragma once

/// \file
/// Python's objects in C++: who may touch them, and who may keep them.

#include <pybind11/pybind11.h>

#include <memory>
#include <utility>

namespace fermata::inline v0::python {

namespace py = pybind11;

/// Holds the GIL while it lives, whoever has it when it is made. Not across a co_yield or a co_await: there the thread
/// goes on with something else.
class gil {
public:
    gil() noexcept : had_(PyGILState_Check() != 0) {
        if (!had_) state_ = PyGILState_Ensure();
    }
    gil(const gil&) = delete;
    gil& operator=(const gil&) = delete;
    ~gil() {
        if (!had_) PyGILState_Release(state_);
    }

private:
    bool had_;
    PyGILState_STATE state_{};
};

/// A Python object that any thread may keep, copy and drop, with the GIL or without: a py::object may only be touched
/// with it. Copies share one reference.
class reference {
public:
    reference() = default;
    /// With the GIL.
    explicit reference(py::object object) : held_(object.release().ptr(), &drop) {}

    /// With the GIL. Null if it is empty.
    py::object get() const { return py::reinterpret_borrow<py::object>(held_.get()); }
    explicit operator bool() const noexcept { return static_cast<bool>(held_); }

private:
    // After the interpreter's end there is nothing left to be dropped.
    static void drop(PyObject* object) noexcept {
        if (!object || !Py_IsInitialized()) return;
        const gil held;
        Py_DECREF(object);
    }

    std::shared_ptr<PyObject> held_;
};

}  // namespace fermata::inline v0::python
