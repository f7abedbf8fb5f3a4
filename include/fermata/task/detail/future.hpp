#pragma once

// Implementation of task/future.hpp.

#include <fermata/base/frame_pool.hpp>
#include <fermata/task/future.hpp>

#include <concepts>
#include <cstddef>

namespace fermata::inline v0 {

namespace detail {

// A future of the user's own.
template <class T>
class plain_future final : public future_state, public task_result<T> {
public:
    explicit plain_future(event_loop& loop) : future_state(loop) {}

    static void* operator new(std::size_t size) { return frame_pool::allocate(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { frame_pool::deallocate(memory, size); }

private:
    ~plain_future() override { report_unseen_exception("Future exception was never retrieved"); }
    void destroy() noexcept override { delete this; }
};

struct future_access {
    static const reference<future_state>& state_of(const any_future& f) noexcept { return f.state_; }
    static any_future any(future_state& state) noexcept { return any_future(reference<future_state>::share(state)); }
    static reference<future_state> take_state(any_future& f) noexcept { return std::move(f.state_); }
    template <class T, class Base>
    static task_result<T>& result_of(const typed_future<T, Base>& f) noexcept {
        return *f.result_;
    }
    template <class T>
    static future<T> make(reference<future_state> state, task_result<T>& result) noexcept {
        return future<T>(std::move(state), result);
    }
};

/// Raises runtime_error "Event loop is closed" if it is gone.
event_loop& loop_of(const future_state& state);
/// Raises what set_result and set_exception do.
void check_settable(const future_state& state, const char* operation);
/// What set_exception gives the future instead. Raises type_error if it is null.
std::exception_ptr settable(std::exception_ptr exception);

}  // namespace detail

template <std::invocable Callback>
callback_handle any_future::add_done_callback(Callback c, std::source_location at) {
    return detail::when_done(*state_, detail::make_call(detail::loop_of(*state_), std::move(c), at));
}

template <class T>
template <class Handle>
    requires std::derived_from<Handle, typed_future<T, any_task>>
future<T>::future(const Handle& task) noexcept
    : typed_future<T, any_future>(detail::future_access::state_of(task), detail::future_access::result_of(task)) {}

template <class T>
template <class... Value>
    requires(std::is_void_v<T> ? sizeof...(Value) == 0 : sizeof...(Value) == 1)
void future<T>::set_result(Value&&... value) const {
    detail::check_settable(*this->state_, "set_result");
    if constexpr (!std::is_void_v<T>) {
        detail::future_access::result_of(*this).return_value(T(std::forward<Value>(value)...));
    }
    this->state_->finish();
}

template <class T>
template <class Exception>
void future<T>::set_exception(Exception exception) const {
    detail::check_settable(*this->state_, "set_exception");
    if constexpr (std::is_same_v<Exception, std::exception_ptr>) {
        this->state_->fail(detail::settable(std::move(exception)));
    } else if constexpr (std::is_same_v<Exception, stop_iteration>) {
        this->state_->fail(detail::settable(std::make_exception_ptr(std::move(exception))));
    } else {
        this->state_->fail(std::make_exception_ptr(std::move(exception)));
    }
}

template <class T>
future<T> create_future() {
    auto* made = new detail::plain_future<T>(current_loop());
    return detail::future_access::make<T>(detail::reference<detail::future_state>::adopt(*made), *made);
}

}  // namespace fermata::inline v0
