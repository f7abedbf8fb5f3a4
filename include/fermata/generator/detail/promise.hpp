#pragma once

// The promise of a generator: its frame, and what depends on its types.

#include <fermata/base/allocator.hpp>
#include <fermata/base/frame_pool.hpp>
#include <fermata/generator/detail/frame.hpp>
#include <fermata/generator/step.hpp>

#include <coroutine>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

namespace fermata::detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// A generator of this Send can be sent None: next() is send(None).
template <class Send>
concept sends_none = std::is_void_v<Send> || is_optional<Send>;

// What send() takes: where Send is void, a type that nobody can make.
struct nothing {
    nothing() = delete;
};
template <class Send>
using sent_type = std::conditional_t<std::is_void_v<Send>, nothing, Send>;

// A generator that can be sent None is its own iterator.
template <bool>
struct own_iterator_if {};
template <>
struct own_iterator_if<true> {
    using pulls_on_begin = void;
};

struct generator_access;

// What co_yield waits with. It keeps the handle, not the promise: g++ stores the frame's address as it is, and would
// compute the promise's first (two instructions a step). Where nothing is received, it keeps nothing.
template <class Promise, class Send>
class yield_awaiter {
public:
    explicit yield_awaiter(Promise& promise) noexcept
        : handle_(std::coroutine_handle<Promise>::from_promise(promise)) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    Send await_resume() const {
        raise_pending();
        frame& self = handle_.promise();
        if constexpr (is_optional<Send>) {
            if (!self.sent) return std::nullopt;
        }
        return static_cast<Send&&>(*static_cast<std::remove_reference_t<Send>*>(self.sent));
    }

private:
    std::coroutine_handle<Promise> handle_;
};
template <class Promise>
class yield_awaiter<Promise, void> : public std::suspend_always {
public:
    explicit yield_awaiter(Promise&) noexcept {}

    void await_resume() const { raise_pending(); }
};

template <class Return>
class promise_result : public frame {
public:
    void return_value(Return result) { result_.emplace(std::move(result)); }
    step_result<Return> take_result() {
        if (state != phase::returned) return {};
        state = phase::ended;
        return step_result<Return>(std::exchange(result_, std::nullopt));
    }

private:
    std::optional<Return> result_;
};
template <>
class promise_result<void> : public frame {
public:
    void return_void() const noexcept {}
    step_result<void> take_result() noexcept {
        if (state != phase::returned) return {};
        state = phase::ended;
        return step_result<void>(true);
    }
};

/// What `co_yield fermata::from(…)` gives to the promise.
template <class Delegate>
class delegation;

template <class Generator, class Yield, class Send, class Return>
class promise : public promise_result<Return> {
public:
    using object = typename yielded<Yield>::object;

    promise() = default;
    promise(const promise&) = delete;
    promise& operator=(const promise&) = delete;
    ~promise() {
        if (this->state == phase::raised) [[unlikely]] {
            this->drop_failure();
        }
    }

    Generator get_return_object() noexcept {
        this->handle = std::coroutine_handle<promise>::from_promise(*this);
        return Generator(*this);
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    // Not before: the destructors of the body's variables still count as executing.
    std::suspend_always final_suspend() noexcept {
        this->value = nullptr;
        if (this->state == phase::active) this->state = phase::returned;
        return {};
    }
    void unhandled_exception() noexcept { this->end_with_failure(); }

    auto yield_value(object& yielded_object) noexcept
        requires(!std::is_rvalue_reference_v<typename yielded<Yield>::reference>)
    {
        return yield(yielded_object, false);
    }
    auto yield_value(std::remove_cv_t<object>&& yielded_object) noexcept
        requires(!std::is_reference_v<Yield> || std::is_rvalue_reference_v<Yield>)
    {
        return yield(yielded_object, true);
    }
    std::suspend_never yield_value(const object&) noexcept
        requires(std::is_rvalue_reference_v<typename yielded<Yield>::reference>)
    {
        static_assert(
            !sizeof(Yield),
            "fermata: co_yield: what this generator yields is handed over, and a variable is not copied: write "
            "co_yield std::move(variable)");
        return {};
    }
    template <class Delegate>
    auto yield_value(delegation<Delegate>&& to) {
        return std::move(to).template bind<Yield, Send>(*this);
    }

    template <class Awaitable>
    std::suspend_never await_transform(Awaitable&&) {
        static_assert(!sizeof(Awaitable),
                      "fermata: co_await cannot stand in a generator: a generator yields to whoever "
                      "steps it, and only a task or an async_generator awaits");
        return {};
    }

    static void* operator new(std::size_t size) { return frame_pool::allocate(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { frame_pool::deallocate(memory, size); }

private:
    auto yield(object& yielded_object, bool rvalue) noexcept {
        this->value = std::addressof(yielded_object);
        if constexpr (!std::is_trivially_copyable_v<object>) this->given_away = rvalue;
        return yield_awaiter<promise, Send>(*this);
    }
};

}  // namespace fermata::detail
