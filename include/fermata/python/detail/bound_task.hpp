#pragma once

// A C++ task as Python's type for it sees it: without its type.

#include <fermata/python/detail/convert.hpp>
#include <fermata/python/detail/function_info.hpp>
#include <fermata/task/task.hpp>
#include <fermata/task/task_handle.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace fermata::inline v0::python::detail {

/// With the GIL.
class bound_task {
public:
    bound_task() = default;
    bound_task(const bound_task&) = delete;
    bound_task& operator=(const bound_task&) = delete;
    virtual ~bound_task() = default;

    /// Makes a Task of it; once. context: Python's contextvars, for what it awaits there.
    virtual any_task start(event_loop& loop, reference context) = 0;
    /// A new reference to its result, when it is done. Raises what it raised.
    virtual PyObject* result() = 0;
};

/// A Python coroutine of type `fermata.coroutine`: a new reference.
py::object make_coroutine_object(std::unique_ptr<bound_task> body, std::shared_ptr<const function_info> function);
/// That type: one for each extension module.
PyTypeObject* coroutine_type();

/// Python's contextvars, as they were where Python awaited the running task; or null.
reference python_context();
void set_python_context(reference context);

/// Gives the task, and is kept until that has ended: it has what the task refers to, its arguments.
template <class T>
class task_maker {
public:
    task_maker() = default;
    task_maker(const task_maker&) = delete;
    task_maker& operator=(const task_maker&) = delete;
    virtual ~task_maker() = default;
    virtual task<T> make() = 0;
};

template <class T>
task<T> with_context(std::unique_ptr<task_maker<T>> maker, reference context) {
    set_python_context(std::move(context));
    if constexpr (std::is_void_v<T>) {
        co_await maker->make();
    } else {
        co_return co_await maker->make();
    }
}

template <class T>
class typed_task final : public bound_task {
public:
    explicit typed_task(std::unique_ptr<task_maker<T>> maker) noexcept : maker_(std::move(maker)) {}

    any_task start(event_loop& loop, reference context) override {
        task<T> body = with_context<T>(std::move(maker_), std::move(context));
        handle_ = fermata::detail::task_access::spawn(loop, std::move(body), {});
        return handle_;
    }

    PyObject* result() override {
        if constexpr (std::is_void_v<T>) {
            handle_.result();
            return Py_NewRef(Py_None);
        } else {
            return to_python(std::move(handle_.result()));
        }
    }

private:
    std::unique_ptr<task_maker<T>> maker_;
    task_handle<T> handle_;
};

template <class T, class Make>
class task_maker_of final : public task_maker<T> {
public:
    explicit task_maker_of(Make&& make) : make_(std::move(make)) {}
    task<T> make() override { return make_(); }

private:
    Make make_;
};

template <class Make>
std::unique_ptr<bound_task> bind_task(Make make) {
    using result = typename decltype(make())::value_type;
    return std::make_unique<typed_task<result>>(std::make_unique<task_maker_of<result, Make>>(std::move(make)));
}

}  // namespace fermata::inline v0::python::detail
