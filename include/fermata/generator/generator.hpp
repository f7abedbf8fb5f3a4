#pragma once

/// \file
/// Python's generators: functions that can be paused at each value they yield, sent values, raised exceptions in, closed,
/// and asked for their result.

#include <fermata/base/ranges.hpp>
#include <fermata/generator/detail/promise.hpp>
#include <fermata/generator/step.hpp>
#include <fermata/iteration/iter.hpp>

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

/// Python's `inspect.getgeneratorstate(g)`: GEN_CREATED, GEN_RUNNING, GEN_SUSPENDED (also while it delegates), GEN_CLOSED.
enum class generator_state { created, running, suspended, closed };

/// Python's `typing.Generator[Yield, Send, Return]`: the return type of a coroutine that uses `co_yield`.
///
/// - `co_yield v` gives v to the one who stepped, and what he sends (of type Send) to the body. Yield may be a value, a
///   reference or move-only; what is yielded is handed out in its place, not copied (see step).
/// - `co_yield fermata::from(sub)` is `yield from`; `co_return v` is `return v`.
/// - None is the empty optional: where Send is void or std::optional<T>, next() is send(None), and the generator is a
///   single-pass range and its own iterator. With any other Send, the first next() starts it and a later one raises
///   type_error.
///
/// A moved-from generator counts as closed. Destroying a suspended one destroys its frame: destructors run, but no
/// `catch (const generator_exit&)`: call close() where that matters. The body's parameters live as long as the generator
/// object. Thread-safety: none, but different threads may step it in turn. One allocation, the frame, from a recycling
/// pool; `std::allocator_arg, allocator` as the first parameters of the coroutine choose another.
template <class Yield, class Send = void, class Return = void>
class [[nodiscard]] generator : public std::ranges::view_base,
                                public detail::own_iterator_if<detail::sends_none<Send>> {
public:
    using promise_type = detail::promise<generator, Yield, Send, Return>;
    using step_type = step<Yield, Return>;
    using value_type = typename detail::yielded<Yield>::value_type;
    using yield_type = Yield;
    using send_type = Send;
    using return_type = Return;

    generator(const generator&) = delete;  // it is one suspended call: move it
    generator(generator&& other) noexcept
        : handle_(std::exchange(other.handle_, {})), frame_(std::exchange(other.frame_, detail::no_frame())) {}
    generator& operator=(generator&& other) noexcept {
        generator moved(std::move(other));
        std::swap(handle_, moved.handle_);
        std::swap(frame_, moved.frame_);
        return *this;
    }
    FERMATA_DETAIL_INLINE ~generator() {
        if (handle_) destroy();
    }

    /// `next(g)`: runs to the next yield, or to the end. Raises what the body raises (for a stop_iteration, runtime_error
    /// "generator raised StopIteration", which nests it), and value_error "generator already executing" if it is.
    step_type next();

    /// `g.send(v)`: the same, and the co_yield where it stands gives v. Raises type_error "can't send non-None value to a
    /// just-started generator", unless v is None.
    step_type send(detail::sent_type<Send> value)
        requires(!std::is_void_v<Send>);
    template <class Value>
    step_type send(Value&&)
        requires std::is_void_v<Send>
    {
        static_assert(!sizeof(Value), "fermata: this generator receives nothing (its Send is void): call next()");
    }

    /// `g.throw(e)`: raises e, an exception object or a std::exception_ptr to one, at the co_yield where it stands; gives
    /// the next step if the body catches it. Not started yet, or ended, it raises e at the call (and is closed). A null
    /// std::exception_ptr is a type_error.
    template <class Exception>
    step_type throw_(Exception exception);

    /// `g.close()`: raises generator_exit at the co_yield where it stands. Gives what the body then returns, empty if it
    /// lets the exit pass or had not started or had ended (void where Return is void). Raises runtime_error "generator
    /// ignored GeneratorExit" if it yields instead, and what else it raises.
    std::conditional_t<std::is_void_v<Return>, void, std::optional<Return>> close();

    generator_state state() const noexcept;

    /// The range, where it can be sent None. begin() pulls: a loop continues where the last step stopped. What the body
    /// returns is dropped.
    class iterator;
    FERMATA_DETAIL_INLINE iterator begin()
        requires detail::sends_none<Send>
    {
        return iterator(*frame_);
    }
    void begin()
        requires(!detail::sends_none<Send>)
    {
        static_assert(detail::sends_none<Send>,
                      "fermata: this generator needs to be sent values, and a loop sends none: "
                      "call send(), or make its Send void or a std::optional");
    }
    std::default_sentinel_t end() const noexcept { return {}; }

private:
    friend promise_type;
    friend detail::generator_access;

    explicit generator(promise_type& promise) noexcept
        : handle_(std::coroutine_handle<promise_type>::from_promise(promise)), frame_(&promise) {}

    static promise_type& promise_of(detail::frame& frame) noexcept { return static_cast<promise_type&>(frame); }
    void destroy() noexcept;
    static const void* resume(detail::frame& frame, void* to_send, bool may_start);
    static detail::step_result<Return> end_of(detail::frame& frame);
    static step_type step_of(detail::frame& frame, const void* yielded);

    // The frame is that of the handle. It is never null, so that a step need not ask: no_frame() stands for a moved-from
    // generator's. The handle is null then, which is what the destructor asks: that clang can see through, and put the
    // frame of a local generator on the stack.
    std::coroutine_handle<promise_type> handle_;
    detail::frame* frame_;
};

/// `next(g)` and `g.send(v)` as in Python, the value itself: copied, or moved where the body gave it away. Raise
/// stop_iteration, with the return value, at the end.
template <class Yield, class Send, class Return>
typename generator<Yield, Send, Return>::value_type next(generator<Yield, Send, Return>& g);
template <class Yield, class Send, class Return>
typename generator<Yield, Send, Return>::value_type send(generator<Yield, Send, Return>& g,
                                                         std::type_identity_t<Send> value);

}  // namespace fermata::inline v0

#include <fermata/generator/detail/allocated_promise.hpp>
#include <fermata/generator/detail/generator.hpp>
#include <fermata/generator/detail/nesting_promise.hpp>
