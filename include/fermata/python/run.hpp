#pragma once

/// \file
/// A C++ program of tasks, run by Python.

#include <fermata/python/reference.hpp>
#include <fermata/task/run.hpp>

#include <csignal>
#include <utility>

namespace fermata::inline v0::python {

namespace detail {

/// ctrl-C is fermata's while it lives, where it was Python's: Python would only see it when C++ has returned.
class interruptible {
public:
    interruptible() noexcept;
    ~interruptible();
    interruptible(const interruptible&) = delete;
    interruptible& operator=(const interruptible&) = delete;

private:
    struct sigaction before_{};
    bool changed_ = false;
};

}  // namespace detail

/// fermata::run, for a function that Python calls: without the GIL, so that Python's other threads go on; and ctrl-C
/// cancels main, and raises KeyboardInterrupt in Python. What runs may hold no py::object (but a `reference`), nor call Python
/// but under a `gil`; and it can await nothing of Python's: for that, have asyncio await it (def_task).
///
///     module.def("serve", [](int port) { fermata::python::run(serve(port)); });
template <class T>
T run(task<T> main, const run_options& options = {}) {
    const py::gil_scoped_release released;
    const detail::interruptible ctrl_c;
    return fermata::run(std::move(main), options);
}

}  // namespace fermata::inline v0::python
