#pragma once

// Implementation of the templates of loop/event_loop.hpp.

#include <fermata/loop/event_loop.hpp>

#include <utility>

namespace fermata::inline v0 {

namespace detail {

template <class Function>
class function_call final : public scheduled_call {
public:
    function_call(event_loop& on, Function&& f, std::source_location at)
        : scheduled_call(on, at), function_(std::move(f)) {}

private:
    void call() override { (*function_)(); }
    void forget() noexcept override { function_.reset(); }

    std::optional<Function> function_;
};

template <class Function>
shared<scheduled_call> make_call(event_loop& on, Function&& f, const std::source_location& at) {
    return shared<scheduled_call>(new function_call<Function>(on, std::forward<Function>(f), at));
}

}  // namespace detail

template <std::invocable Function>
callback_handle event_loop::call_soon(Function f, std::source_location at) {
    return add_soon(detail::make_call(*this, std::move(f), at));
}

template <std::invocable Function>
callback_handle event_loop::call_later(std::chrono::nanoseconds delay, Function f, std::source_location at) {
    return add_at(detail::make_call(*this, std::move(f), at), time_after(delay));
}

template <std::invocable Function>
callback_handle event_loop::call_at(std::chrono::nanoseconds when, Function f, std::source_location at) {
    return add_at(detail::make_call(*this, std::move(f), at), when);
}

template <std::invocable Function>
callback_handle event_loop::call_soon_threadsafe(Function f, std::source_location at) {
    return add_foreign(detail::make_call(*this, std::move(f), at));
}

// Shared by the loop and the calls of it: it may choose another handler.
class event_loop::handler_base : public detail::shared_object {
public:
    virtual void handle(event_loop& loop, const error_context& context) = 0;
};

template <class Handler>
class event_loop::handler final : public handler_base {
public:
    explicit handler(Handler&& h) : handler_(std::move(h)) {}
    void handle(event_loop& loop, const error_context& context) override { handler_(loop, context); }

private:
    Handler handler_;
};

template <std::invocable<event_loop&, const error_context&> Handler>
void event_loop::set_exception_handler(Handler h) {
    set_handler(detail::shared<handler_base>(new handler<Handler>(std::move(h))));
}

}  // namespace fermata::inline v0
