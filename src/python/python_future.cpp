#include <fermata/python/detail/python_future.hpp>

#include <fermata/python/detail/bound_task.hpp>

#include <utility>

namespace fermata::inline v0::python::detail {

python_future::python_future(const reference& awaitable) {
    const auto guest = guest_loop::of_current_loop();
    guest_ = guest;
    const gil held;
    const py::object ensure = py::module_::import("asyncio").attr("ensure_future");
    const reference context = python_context();
    const py::object in = context ? context.get() : py::module_::import("contextvars").attr("copy_context")();
    PyObject* made = nullptr;
    try {
        made = in.attr("run")(ensure, awaitable.get(), py::arg("loop") = guest->host()).release().ptr();
    } catch (const error& e) {
        std::rethrow_exception(to_exception(e.value()));
    }
    future_ = reference(py::reinterpret_steal<py::object>(made));
}

// Of the callback and of this coroutine each has a share: whichever goes first leaves the other something to find.
task<> python_future::wait(std::shared_ptr<python_future> future) {
    future->woken_ = create_future();
    {
        const gil held;
        const py::object callback = py::cpp_function([weak = std::weak_ptr(future)](const py::object&) {
            if (const auto self = weak.lock()) self->wake();
        });
        future->future_.get().attr("add_done_callback")(callback);
    }
    while (!future->done_) {
        try {
            co_await future->woken_;
        } catch (const cancelled_error&) {
            // What has come already, whether it has been heard of or not, does not make up for it.
            if (future->done_ || !future->cancel()) throw;
            future->woken_ = create_future();
        }
    }
}

bool python_future::cancel() const {
    const gil held;
    return future_.get().attr("cancel")().cast<bool>();
}

// asyncio calls it, between two turns of the guest's.
void python_future::wake() noexcept {
    done_ = true;
    if (!woken_.done()) woken_.set_result();
    if (const auto guest = guest_.lock()) guest->arm();
}

py::object python_future::result() const {
    PyObject* result = PyObject_CallMethod(future_.get().ptr(), "result", nullptr);
    if (!result) throw_python_error();
    return py::reinterpret_steal<py::object>(result);
}

}  // namespace fermata::inline v0::python::detail
