#pragma once

/// \file
/// Python's coroutines: functions that can await.

#include <fermata/task/detail/task_promise.hpp>

#include <coroutine>
#include <utility>

namespace fermata::inline v0 {

namespace detail {
template <class>
inline constexpr bool never = false;
}

/// Python's coroutine object, the return type of an `async def`: lazy. Nothing runs until it is awaited (inline, in the
/// same Task) or handed to create_task or run. Its parameters are copied into the frame, but references are not what
/// they refer to: that must live until it has ended. One that is dropped runs nothing; in debug
/// mode that is reported, through the exception handler: "coroutine 'f' was never awaited".
///
/// Awaiting it gives what it returns, and raises what it raises. It is awaited once: `co_await f()`, or
/// `co_await std::move(t)`. Awaiting it again raises runtime_error "cannot reuse already awaited coroutine".
/// Cancellation of the Task is raised at the innermost await. Not thread-safe.
template <class T = void>
class [[nodiscard]] task {
public:
    using promise_type = detail::task_promise<T>;
    using value_type = T;

    task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    task& operator=(task&& other) noexcept {
        task moved(std::move(other));
        std::swap(handle_, moved.handle_);
        return *this;
    }
    task(const task&) = delete;  // it is one suspended call: move it
    ~task() {
        if (handle_) detail::drop_never_awaited(handle_.promise());
    }

    /// Python's `coro.close()`: it will not run, on purpose; debug mode does not report it. Destroys its parameters.
    void close() noexcept {
        if (handle_) detail::destroy(std::exchange(handle_, {}).promise());
    }

    auto operator co_await() && { return detail::coroutine_awaiter<T>(release().promise()); }
    detail::coroutine_awaiter<T> operator co_await() const& {
        static_assert(detail::never<T>, "fermata: a coroutine is awaited once: co_await std::move(t), or co_await f()");
    }

private:
    friend promise_type;
    friend detail::task_access;
    explicit task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
    std::coroutine_handle<promise_type> release() {
        if (!handle_) throw runtime_error("cannot reuse already awaited coroutine");
        return std::exchange(handle_, {});
    }

    std::coroutine_handle<promise_type> handle_;
};

}  // namespace fermata::inline v0
