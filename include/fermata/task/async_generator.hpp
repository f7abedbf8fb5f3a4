#pragma once

/// \file
/// Python's async generators: generators whose body may await (PEP 525), with return values and delegation (PEP 828).

#include <fermata/base/errors.hpp>
#include <fermata/generator/generator.hpp>
#include <fermata/task/detail/async_awaiters.hpp>

#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

/// Python's `typing.AsyncGenerator[Yield, Send]`: the return type of a coroutine that uses `co_yield` and `co_await`.
///
///     while (auto s = co_await g.next()) use(*s);     // async for v in g: use(v)
///
/// The body awaits whatever a task<T> may. Yield, Send, None and what a step hands out are as for generator. It runs in
/// the Task that awaits the step, inline: no turn of the loop passes but for what the body awaits, and cancellation of that
/// Task is raised at the innermost await in the body. One allocation, the frame; a step makes none.
///
/// One that was started and is dropped before its end, while a loop runs, is not destroyed: the loop takes it over, and
/// closes it in a Task of its own, in a turn to come (Python's asyncgen hooks). So its body goes on after its owner has
/// gone: parameters and captures must not refer to what dies with the owner, unless the owner awaits aclose() first. A
/// lambda's captures live in the lambda. fermata::run closes at its end those that are left, whoever owns them. Without a
/// running loop it is destroyed: destructors run, but no `catch (const generator_exit&)`.
///
/// A moved-from one counts as closed. It must not be destroyed while a step is awaited. Not thread-safe.
template <class Yield, class Send = void, class Return = void>
class [[nodiscard]] async_generator {
public:
    using promise_type = detail::async_promise<Yield, Send, Return>;
    using step_type = step<Yield, Return>;
    using value_type = typename detail::yielded<Yield>::value_type;
    using yield_type = Yield;
    using send_type = Send;
    using return_type = Return;

    async_generator(const async_generator&) = delete;  // it is one suspended call: move it
    async_generator(async_generator&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    async_generator& operator=(async_generator&& other) noexcept {
        async_generator moved(std::move(other));
        std::swap(frame_, moved.frame_);
        return *this;
    }
    ~async_generator() {
        if (frame_) frame_->discard();
    }

    // Each is for one co_await, and does nothing without. All raise runtime_error "anext(): asynchronous generator is already
    // running" (asend too; "athrow(): …", "aclose(): …") if another step is being awaited, or it delegates to this one; and
    // "cannot reuse already awaited __anext__()/asend()" ("aclose()/athrow()") the second time.

    /// `anext(g)`, as a step: false at the end, and ever after. Raises what the body raises; for a stop_iteration,
    /// runtime_error "async generator raised StopIteration", for a stop_async_iteration "… StopAsyncIteration", which nest it.
    auto next() noexcept { return detail::async_next<Yield, Send, Return>(frame_); }

    /// `g.asend(v)`: the same, and the co_yield where it stands gives v. Raises type_error "can't send non-None value to a
    /// just-started async generator", unless v is None.
    auto asend(detail::sent_type<Send> value)
        requires(!std::is_void_v<Send>)
    {
        return detail::async_send<Yield, Send, Return>(frame_, static_cast<Send&&>(value));
    }
    template <class Value>
    step_type asend(Value&&)
        requires std::is_void_v<Send>
    {
        static_assert(!sizeof(Value), "fermata: this async generator receives nothing (its Send is void): call next()");
    }

    /// `g.athrow(e)`: raises e, an exception object or a std::exception_ptr to one, at the co_yield where it stands; gives
    /// the next step if the body catches it. Not started, it is closed and e is raised here; ended, e is dropped, as in
    /// Python, and the step is false. A null std::exception_ptr is a type_error.
    template <class Exception>
    auto athrow(Exception exception) {
        return detail::async_throw<Yield, Return, promise_type, Exception>(frame_, std::move(exception));
    }

    /// `g.aclose()`: raises generator_exit at the co_yield where it stands, and is done when the body has let it pass, or
    /// has returned (what it returns is dropped). Raises what else the body raises, and runtime_error "async generator
    /// ignored GeneratorExit" if it yields. Runs nothing if it was not started, or has ended.
    auto aclose() noexcept { return detail::async_close<promise_type>(frame_); }

    /// Python's `inspect.getasyncgenstate(g)`: running while a step is awaited, or another delegates to it.
    generator_state state() const noexcept { return frame_ ? frame_->python_state() : generator_state::closed; }

    template <class Generator = async_generator>
    void begin() const {
        static_assert(!sizeof(Generator),
                      "fermata: a for loop cannot await: write while (auto s = co_await g.next()) use(*s);");
    }
    void end() const noexcept {}
    template <class Generator = async_generator>
    void operator co_await() const {
        static_assert(!sizeof(Generator), "fermata: an async_generator is not awaited itself: co_await g.next()");
    }

private:
    friend promise_type;
    friend struct detail::async_access;
    explicit async_generator(promise_type& promise) noexcept : frame_(&promise) {}

    promise_type* frame_;
};

/// Python's `anext(g)`, `await`ed: the value itself, copied, or moved where the body gave it away. Raises
/// stop_async_iteration, with the return value, at the end; with a default, gives that instead.
template <class Yield, class Send, class Return>
auto anext(async_generator<Yield, Send, Return>& g) noexcept {
    return detail::async_value<Yield, Send, Return>(detail::async_access::frame_of(g));
}
template <class Yield, class Send, class Return, class Default>
auto anext(async_generator<Yield, Send, Return>& g, Default&& otherwise) {
    return detail::async_value_or<Yield, Send, Return>(detail::async_access::frame_of(g),
                                                       std::forward<Default>(otherwise));
}

/// PEP 828's `result = yield from sub`, in an async generator: `auto result = co_yield fermata::from(sub);`. As for
/// generator (see generator/yield_from.hpp): sends, throws and closes reach the innermost, a step costs the same at any
/// depth, and no depth overflows the stack. Where Yield or Send of the two differ, and convert, each step is converted.
template <class Yield, class Send, class Return>
auto from(async_generator<Yield, Send, Return>&& sub) noexcept {
    return detail::async_from<async_generator<Yield, Send, Return>>(std::move(sub));
}
/// Borrowed, sub is its owner's again after the expression. If its owner drops it before, it is kept until then.
template <class Yield, class Send, class Return>
auto from(async_generator<Yield, Send, Return>& sub) noexcept {
    return detail::async_from<async_generator<Yield, Send, Return>&>(sub);
}

}  // namespace fermata::inline v0

#include <fermata/task/detail/async_delegation.hpp>
