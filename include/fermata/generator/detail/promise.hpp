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

namespace fermata::inline v0::detail {

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

// A frame as that with which its own co_yield waits. clang keeps nothing for it: it knows where the frame is.
template <class Send>
class yielding_frame : public frame {
public:
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    FERMATA_DETAIL_INLINE Send await_resume() {
        this->raise_pending();
        if constexpr (is_optional<Send>) {
            if (!this->sent) return std::nullopt;
        }
        if constexpr (!std::is_void_v<Send>) {
            return static_cast<Send&&>(*static_cast<std::remove_reference_t<Send>*>(this->sent));
        }
    }
};

// What co_yield waits with otherwise. g++ would keep a reference in the frame, and compute it at each step, which takes two
// instructions; the handle is the frame's address as it is. Where nothing is received, this keeps nothing at all.
template <class Promise, class Send>
class yield_awaiter : public std::suspend_always {
public:
    explicit yield_awaiter(Promise& promise) noexcept
        : handle_(std::coroutine_handle<Promise>::from_promise(promise)) {}

    Send await_resume() const { return handle_.promise().await_resume(); }

private:
    std::coroutine_handle<Promise> handle_;
};
template <class Promise>
class yield_awaiter<Promise, void> : public std::suspend_always {
public:
    explicit yield_awaiter(Promise&) noexcept {}

    void await_resume() const { raise_what_is_to_be_raised(); }
};

template <class Send, class Return>
class promise_result : public yielding_frame<Send> {
public:
    void return_value(Return result) { result_.emplace(std::move(result)); }
    step_result<Return> take_result() {
        if (this->state != phase::returned) return {};
        this->state = phase::ended;
        return step_result<Return>(std::exchange(result_, std::nullopt));
    }

private:
    std::optional<Return> result_;
};
template <class Send>
class promise_result<Send, void> : public yielding_frame<Send> {
public:
    void return_void() const noexcept {}
    step_result<void> take_result() noexcept {
        if (this->state != phase::returned) return {};
        this->state = phase::ended;
        return step_result<void>(true);
    }
};

/// What `co_yield fermata::from(…)` gives to the promise.
template <class Delegate>
class delegation;

template <class Generator, class Yield, class Send, class Return>
class promise : public promise_result<Send, Return> {
public:
    using object = typename yielded<Yield>::object;

    promise() noexcept {
        if constexpr (std::is_void_v<Send>) {
            this->value = &unstarted;
            this->state = phase::active;
        }
    }
    promise(const promise&) = delete;
    promise& operator=(const promise&) = delete;
    ~promise() {
        if (this->state == phase::raised) [[unlikely]] {
            drop(this->failure);
        }
    }

    Generator get_return_object() noexcept {
        static_assert(alignof(promise) <= frame::offset,
                      "fermata: a generator cannot return what is over-aligned: no coroutine "
                      "frame is; return a pointer to it");
        return Generator(*this);
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    // Not before: the destructors of the body's variables still count as executing.
    std::suspend_always final_suspend() noexcept {
        this->value = nullptr;  // they are, and so the compiler knows it
        this->leaf = nullptr;
        if (this->state == phase::active) this->state = phase::returned;
        return {};
    }
    void unhandled_exception() noexcept { this->end_with_failure(); }

    decltype(auto) yield_value(object& yielded_object) noexcept
        requires(!std::is_rvalue_reference_v<typename yielded<Yield>::reference>)
    {
        return yield(yielded_object, false);
    }
    decltype(auto) yield_value(std::remove_cv_t<object>&& yielded_object) noexcept
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
    decltype(auto) yield(object& yielded_object, bool rvalue) noexcept {
        this->value = std::addressof(yielded_object);
        if constexpr (!std::is_trivially_copyable_v<object>) this->given_away = rvalue;
        if constexpr (raises_from_frame) {
            return static_cast<yielding_frame<Send>&>(*this);
        } else {
            return yield_awaiter<promise, Send>(*this);
        }
    }
};

}  // namespace fermata::inline v0::detail
