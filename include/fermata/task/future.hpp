#pragma once

/// \file
/// Python's Future: a result that is not there yet. A Task is one.

#include <fermata/loop/event_loop.hpp>
#include <fermata/task/cancellation.hpp>
#include <fermata/task/detail/future_awaiter.hpp>
#include <fermata/task/detail/task_promise.hpp>

#include <concepts>
#include <exception>
#include <source_location>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

/// A Future or a Task, whatever its result. Copies are of the same one. Empty if default-constructed or moved from; then
/// nothing but assignment and comparison is allowed. Not thread-safe: not even copying and dropping a handle is, but it can
/// be moved to another thread, and from there into call_soon_threadsafe.
class any_future {
public:
    any_future() = default;

    bool done() const noexcept { return state_->done(); }
    bool cancelled() const noexcept { return state_->cancelled(); }

    /// Python's `f.cancel()`. A Future is cancelled at once. In a Task it raises cancelled_error at the await where that is
    /// suspended, at its next turn; there it may be caught. Not started yet, a Task never runs. False if it is done.
    /// In debug mode raises runtime_error on another thread than the loop's.
    bool cancel() {
        if (event_loop* loop = state_->context().loop(); loop && !state_->done()) loop->check_thread();
        return state_->cancel();
    }

    /// What it raised, or null. Raises cancelled_error if it was cancelled, invalid_state_error "Exception is not set."
    /// if it is not done.
    std::exception_ptr exception() const { return state_->exception(); }

    /// Python's `f.add_done_callback(c)`, where c is called without the future: the loop calls it in the turn after this is
    /// done, in the order of adding; if it is done, in the next turn. `handle.cancel()` is `remove_done_callback`, and takes it
    /// back until it has run.
    template <std::invocable Callback>
    callback_handle add_done_callback(Callback c, std::source_location at = std::source_location::current());

    explicit operator bool() const noexcept { return static_cast<bool>(state_); }
    friend bool operator==(const any_future& a, const any_future& b) noexcept {
        return a.state_.get() == b.state_.get();
    }

protected:
    explicit any_future(detail::reference<detail::future_state> state) noexcept : state_(std::move(state)) {}
    detail::reference<detail::future_state> state_;

private:
    friend struct detail::future_access;
};

/// What a future and a task_handle of T have in common. `co_await f` waits until it is done, gives a reference to its
/// result, and raises what it raised; cancelling who waits cancels it. From a temporary (or moved) handle it gives a value:
/// moved out, if no other handle is left that could ask for it.
template <class T, class Base>
class typed_future : public Base {
public:
    using result_type = T;

    typed_future() = default;

    /// Its result. Raises what it raised, cancelled_error, or invalid_state_error "Result is not set.".
    std::add_lvalue_reference_t<T> result() const {
        this->state_->check_result();
        return result_->value();
    }

    auto operator co_await() const& {
        return detail::result_awaiter<std::add_lvalue_reference_t<T>, T>(this->state_, *result_);
    }
    auto operator co_await() && { return detail::result_awaiter<T, T>(std::move(this->state_), *result_); }

protected:
    typed_future(detail::reference<detail::future_state> state, detail::task_result<T>& result) noexcept
        : Base(std::move(state)), result_(&result) {}

private:
    friend struct detail::future_access;
    detail::task_result<T>* result_ = nullptr;
};

/// Python's `asyncio.Future`: made by create_future, and given its result by whoever has it. A task_handle<T> converts to
/// one. One that goes with an exception that nobody has asked for is reported: "Future exception was never retrieved".
template <class T = void>
class future : public typed_future<T, any_future> {
public:
    future() = default;
    template <class Handle>
        requires std::derived_from<Handle, typed_future<T, any_task>>
    future(const Handle& task) noexcept;  // NOLINT(google-explicit-constructor): a Task is a Future

    /// Python's `f.set_result(v)`, `f.set_exception(e)`: wakes who waits. Raise invalid_state_error "invalid state" if it
    /// is done, runtime_error "Task does not support set_result operation" if it is a Task, or a shield; in debug mode also on another
    /// thread than the loop's. set_exception of a null exception_ptr raises type_error "invalid exception object"; a
    /// stop_iteration is set as the cause of runtime_error "StopIteration interacts badly with generators and cannot be
    /// raised into a Future".
    template <class... Value>
        requires(std::is_void_v<T> ? sizeof...(Value) == 0 : sizeof...(Value) == 1)
    void set_result(Value&&... value) const;
    template <class Exception>
    void set_exception(Exception exception) const;

private:
    friend struct detail::future_access;
    using typed_future<T, any_future>::typed_future;
};

/// Python's `loop.create_future()`, of the running loop. Raises runtime_error "no running event loop".
template <class T = void>
future<T> create_future();

}  // namespace fermata::inline v0

#include <fermata/task/detail/future.hpp>
