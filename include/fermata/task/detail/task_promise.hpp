#pragma once

// The promise of a task<T>, and what awaits it.

#include <fermata/base/frame_pool.hpp>
#include <fermata/task/detail/task_core.hpp>

#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>

namespace fermata {

template <class T>
class task;

namespace detail {

struct task_access;

template <class T>
class task_result {
public:
    void return_value(T value) { value_.emplace(std::move(value)); }
    T& value() noexcept { return *value_; }
    T take() { return std::move(*value_); }
    /// By value; a copy where it is shared, if it can be copied.
    T take(bool shared) {
        if constexpr (std::is_copy_constructible_v<T>) {
            if (shared) return *value_;
        }
        return std::move(*value_);
    }

private:
    std::optional<T> value_;
};
template <>
class task_result<void> {
public:
    void return_void() const noexcept {}
    void value() const noexcept {}
    void take(bool = false) const noexcept {}
};

// An awaiter that stands elsewhere in the expression. What await_transform gives must be a prvalue: g++ 12 copies the object
// behind a reference (PR 99576).
template <class Awaiter>
class borrowed_awaiter {
public:
    explicit borrowed_awaiter(Awaiter& awaiter) noexcept : awaiter_(awaiter) {}

    bool await_ready() { return awaiter_.await_ready(); }
    template <class Promise>
    auto await_suspend(std::coroutine_handle<Promise> waiting) {
        return awaiter_.await_suspend(waiting);
    }
    decltype(auto) await_resume() { return awaiter_.await_resume(); }

private:
    Awaiter& awaiter_;
};

// Hands over to whoever awaits the coroutine.
struct task_end {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
        task_frame& frame = ended.promise();
        frame.ended = true;
        task_core::current()->go_on_with(frame.parent);
    }
    void await_resume() const noexcept {}
};

// The frame of a body that may await.
class awaiting_frame : public task_frame {
public:
    template <class Awaitable>
    auto await_transform(Awaitable&& awaitable, std::source_location at = std::source_location::current()) {
        awaits_at = at;
        if constexpr (requires { std::forward<Awaitable>(awaitable).operator co_await(); }) {
            return std::forward<Awaitable>(awaitable).operator co_await();
        } else {
            return borrowed_awaiter<std::remove_reference_t<Awaitable>>(awaitable);
        }
    }
};

template <class T>
class task_promise : public awaiting_frame, public task_result<T> {
public:
    task_promise() = default;
    ~task_promise() {
        if (spawned_) core().~task_core();
    }

    task<T> get_return_object() noexcept {
        auto own = std::coroutine_handle<task_promise>::from_promise(*this);
        handle = own;
        return task<T>(own);
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    task_end final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { fail_with_current_exception(); }

    template <class Value>
    std::suspend_never yield_value(Value&&) {
        static_assert(!sizeof(Value),
                      "fermata: co_yield cannot stand in a task: only a generator or an async_generator yields, and no "
                      "scope that was entered by with() can be held across a co_yield");
        return {};
    }

    static void* operator new(std::size_t size) { return frame_pool::allocate(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { frame_pool::deallocate(memory, size); }

    /// Makes a Task of the coroutine: it then owns the frame, and itself has two owners, the loop and who asked.
    task_core& spawn(event_loop& loop, std::string name) {
        auto* made = std::construct_at(reinterpret_cast<task_core*>(&storage_), loop, *this, std::move(name));
        spawned_ = true;
        made->acquire();
        return *made;
    }
    task_core& core() noexcept { return *std::launder(reinterpret_cast<task_core*>(&storage_)); }

private:
    alignas(task_core) std::byte storage_[sizeof(task_core)];
    bool spawned_ = false;
};

// Runs a coroutine inline, in the task that awaits it, and owns its frame.
template <class T>
class coroutine_awaiter {
public:
    explicit coroutine_awaiter(std::coroutine_handle<task_promise<T>> awaited) noexcept : awaited_(awaited) {}
    coroutine_awaiter(const coroutine_awaiter&) = delete;
    coroutine_awaiter& operator=(const coroutine_awaiter&) = delete;
    ~coroutine_awaiter() { awaited_.destroy(); }

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
        task_frame& inner = awaited_.promise();
        inner.parent = &awaiting.promise();
        task_core::current()->go_on_with(&inner);
    }
    T await_resume() {
        if (awaited_.promise().failure) std::rethrow_exception(std::move(awaited_.promise().failure));
        return awaited_.promise().take();
    }

private:
    std::coroutine_handle<task_promise<T>> awaited_;
};

}  // namespace detail

}  // namespace fermata
