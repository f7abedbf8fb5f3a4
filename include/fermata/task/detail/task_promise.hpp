#pragma once

// The promise of a task<T>, and what awaits it.

#include <fermata/base/frame_pool.hpp>
#include <fermata/task/detail/task_core.hpp>

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

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

// Hands over to whoever awaits the coroutine.
struct task_end {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
        const frame_link* link = ended.promise().awaited_by;
        current_step.next = link ? link->awaiting : nullptr;
    }
    void await_resume() const noexcept {}
};

template <class T>
class task_promise : public task_root, public task_result<T> {
public:
    task<T> get_return_object(std::source_location made_at = std::source_location::current()) noexcept {
        static_assert(
            alignof(task_promise) <= 2 * sizeof(void*),
            "fermata: task<T>: T is over-aligned, and coroutine frames are not: return it in a std::unique_ptr");
        awaits_at = made_at;
        return task<T>(std::coroutine_handle<task_promise>::from_promise(*this));
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
};

// Runs a coroutine inline, in the task that awaits it, and owns its frame.
template <class T>
class coroutine_awaiter : frame_link {
public:
    explicit coroutine_awaiter(task_promise<T>& awaited) noexcept : frame_link{nullptr, &awaited} {}
    coroutine_awaiter(const coroutine_awaiter&) = delete;
    coroutine_awaiter& operator=(const coroutine_awaiter&) = delete;
    ~coroutine_awaiter() {
        if (owned) owned->handle().destroy();
    }

    bool await_ready() const noexcept { return false; }
    // Not suspended after all, if the awaited one has ended.
    bool await_suspend(suspension here) noexcept {
        awaiting = &here.frame();
        owned->awaited_by = this;
        return !current_step.runs_within(here.frame(), *owned);
    }
    T await_resume() {
        if (current_step.failure) [[unlikely]]
            current_step.failure.raise();
        return static_cast<task_promise<T>*>(owned)->take();
    }
};

}  // namespace detail

}  // namespace fermata::inline v0
