#pragma once

// What every generator's coroutine frame has, whatever its types, and how a chain of delegating generators is driven.
//
// A chain: the *root*, which somebody holds and steps, delegates to a generator, which delegates to another … down to
// the *leaf*, where the chain is suspended. The root knows the leaf, and each frame knows the one that delegates to it:
// a step resumes the leaf whatever the depth, and a frame that ends hands over to its parent. All of it is a loop in
// proceed(): no frame ever resumes another, so neither depth nor the lack of tail calls (g++ at -O0, or under
// sanitizers) can overflow the stack.
//
//   where it stands        | value         | leaf     | phase     | may be resumed
//   created                | null          | null     | created   | yes
//   suspended at its yield | what it gave  | null     | active    | yes, the fast path: nothing but `value` is looked at
//   suspended, delegating  | null          | the leaf | active    | yes
//   executing              | null          | null     | active    | no: value_error
//   delegated to           | null          | null     | active    | no, but by its root (parent is not null)
//   ended                  | null          | null     | the rest  | it gives what it ended with, once

#include <fermata/base/config.hpp>
#include <fermata/base/errors.hpp>

#include <coroutine>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <new>
#include <typeinfo>
#include <utility>

namespace fermata::detail {

// What to raise at the yield where a generator is suspended. It lives in the call of throw_() or close().
class raiser {
public:
    [[noreturn]] void raise() {
        throw_it_(*this);
        std::terminate();
    }

protected:
    explicit raiser(void (*throw_it)(raiser&)) noexcept : throw_it_(throw_it) {}

private:
    void (*throw_it_)(raiser&);
};

// Throws the object itself: half the price of rethrowing an exception_ptr.
template <class Exception>
class object_raiser final : public raiser {
public:
    explicit object_raiser(Exception& exception) noexcept : raiser(&throw_it), exception_(exception) {}

private:
    [[noreturn]] static void throw_it(raiser& self) { throw std::move(static_cast<object_raiser&>(self).exception_); }
    Exception& exception_;
};

template <>
class object_raiser<std::exception_ptr> final : public raiser {
public:
    explicit object_raiser(std::exception_ptr& exception) noexcept : raiser(&throw_it), exception_(exception) {}

private:
    [[noreturn]] static void throw_it(raiser& self) {
        std::rethrow_exception(std::move(static_cast<object_raiser&>(self).exception_));
    }
    std::exception_ptr& exception_;
};

enum class phase : unsigned char {
    created,
    active,
    returned,  // ended, and the return value waits to be taken
    raised,    // ended, and the failure waits to be taken
    ended
};

struct frame {
    const void* value = nullptr;  // what it yielded, while it is suspended there
    raiser* to_raise = nullptr;   // what its next resumption raises, if not null
    void* sent;                   // what its next resumption receives; null is None; set by whoever resumes
    frame* leaf = nullptr;
    frame* parent = nullptr;
    frame** owner;  // set with parent: where that holds it, if it owns it; null if it borrows it
    std::coroutine_handle<> handle;
    alignas(std::exception_ptr) std::byte failure[sizeof(std::exception_ptr)];  // alive in phase::raised only
    phase state;
    bool given_away = false;  // the yielded object was an rvalue: whoever takes it by value may move from it

    // Leaves what is set before it is read as it is: creating a generator is a fast path too.
    frame() noexcept : state(phase::created) {}
    struct no_coroutine {};
    constexpr explicit frame(no_coroutine) noexcept : sent(nullptr), owner(nullptr), failure{}, state(phase::ended) {}
    frame(const frame&) = delete;
    frame& operator=(const frame&) = delete;

    // Resumes a frame of the chain whose root is this one, until the chain yields, or this one ends (null).
    const void* run(frame* from) {
        from->handle.resume();
        if (!from->value) {
            return proceed(from);
        }
        return from == this ? value : suspend_at(from);
    }
    const void* proceed(frame* current);
    const void* suspend_at(frame* yielding) noexcept {
        leaf = yielding;
        given_away = yielding->given_away;
        return std::exchange(yielding->value, nullptr);
    }

    // A step of any chain: null if it has ended, now or before. Where it may not start, a value waits to be received.
    const void* step(void* to_send, bool may_start);

    // Takes the leaf of a suspended chain, which counts as executing from then on.
    frame* take_leaf() noexcept {
        if (value) {
            value = nullptr;
            return this;
        }
        return std::exchange(leaf, nullptr);
    }
    bool suspended() const noexcept { return value || leaf; }
    bool executing() const noexcept { return state == phase::active && !suspended(); }
    bool chain_suspended() const noexcept;

    const void* throw_in(raiser& exception, bool is_exit);
    void close();

    // Out of line, each: inlined, they would make every coroutine save registers for them.
    void end_with_failure() noexcept;
    std::exception_ptr& failure_held() noexcept {
        return *std::launder(reinterpret_cast<std::exception_ptr*>(&failure));
    }
    std::exception_ptr take_failure() noexcept;
    void drop_failure() noexcept;
    [[noreturn]] void raise_pending();

    // Destroys the coroutine. Those that it delegates to and owns go first, from the innermost one, in a loop.
    void destroy() noexcept {
        if (state == phase::active && !value) release_delegates();
        handle.destroy();
    }
    void release_delegates() noexcept;
};

// Stands for "no generator": what a moved-from one holds, so that the fast path need not look for null. Never changed: and
// const, so that compilers see that the fast path does not take it for the frame of a coroutine.
inline constinit const frame nobody{frame::no_coroutine{}};
inline frame* no_frame() noexcept { return const_cast<frame*>(&nobody); }

// Implementation

[[noreturn]] FERMATA_DETAIL_COLD inline void raise_already_executing() {
    throw value_error("generator already executing");
}
[[noreturn]] FERMATA_DETAIL_COLD inline void raise_nothing_to_throw() {
    throw type_error("exceptions must be classes or instances deriving from BaseException, not NoneType");
}
[[noreturn]] FERMATA_DETAIL_COLD inline void raise_not_started() {
    throw type_error("can't send non-None value to a just-started generator");
}

FERMATA_DETAIL_NOINLINE inline const void* frame::proceed(frame* current) {
    for (;;) {
        if (current->value) {
            return current == this ? value : suspend_at(current);
        }
        if (current->state == phase::active) {  // it delegates: its awaiter has left there whom to resume
            current = std::exchange(current->leaf, nullptr);
        } else if (current == this) {
            return nullptr;
        } else {
            current = std::exchange(current->parent, nullptr);
        }
        current->handle.resume();
    }
}

FERMATA_DETAIL_NOINLINE inline const void* frame::step(void* to_send, bool may_start) {
    frame* at = this;
    if (suspended()) {
        at = take_leaf();
    } else if (state == phase::created) {
        if (!may_start) raise_not_started();
        state = phase::active;
    } else if (state == phase::active) {
        raise_already_executing();
    } else {
        return nullptr;
    }
    at->sent = to_send;
    return run(at);
}

inline bool frame::chain_suspended() const noexcept {
    const frame* root = this;
    while (root->parent) root = root->parent;
    return root->suspended();
}

// The type of the exception being handled (or held by a pointer), without the cost of rethrowing it to find out.
template <class Exception>
bool holds(const std::exception_ptr& exception) noexcept {
#if defined(__GLIBCXX__)
    return exception && *exception.__cxa_exception_type() == typeid(Exception);
#else
    try {
        if (exception) std::rethrow_exception(exception);
    } catch (const Exception&) {
        return true;
    } catch (...) {
    }
    return false;
#endif
}

// PEP 479: a StopIteration that escapes a body would look like its end, and becomes a RuntimeError.
inline std::exception_ptr raised_stop_iteration() noexcept {
    try {
        std::throw_with_nested(runtime_error("generator raised StopIteration"));
    } catch (...) {
        return std::current_exception();
    }
}

// Called where the exception is being handled. Nothing may leave unhandled_exception: clang would destroy the body's
// locals twice (llvm #61900).
FERMATA_DETAIL_COLD inline void frame::end_with_failure() noexcept {
    auto* held = ::new (&failure) std::exception_ptr(std::current_exception());
    if (holds<stop_iteration>(*held)) *held = raised_stop_iteration();
    state = phase::raised;
}

inline std::exception_ptr frame::take_failure() noexcept {
    std::exception_ptr taken = std::move(failure_held());
    failure_held().~exception_ptr();
    state = phase::ended;
    return taken;
}

// Closes one delegate: a chain of its own by now. Gives what is to be raised in its parent instead of GeneratorExit (the
// delegate ignored it, or raised something else), or null.
class delegate_closer {
public:
    raiser* close(frame& delegate, raiser* pending) {
        delegate.to_raise = pending ? pending : &raise_exit_;
        if (delegate.run(&delegate))
            return fail(std::make_exception_ptr(runtime_error("generator ignored GeneratorExit")));
        if (delegate.state != phase::raised) {
            delegate.state = phase::ended;  // PEP 380: what it returns is lost
            return nullptr;
        }
        std::exception_ptr left = delegate.take_failure();
        return holds<generator_exit>(left) ? nullptr : fail(std::move(left));
    }

private:
    raiser* fail(std::exception_ptr failure) {
        failure_ = std::move(failure);
        return &raise_failure_;
    }

    generator_exit exit_;
    object_raiser<generator_exit> raise_exit_{exit_};
    std::exception_ptr failure_;
    object_raiser<std::exception_ptr> raise_failure_{failure_};
};

FERMATA_DETAIL_COLD inline void frame::drop_failure() noexcept { take_failure(); }

[[noreturn]] FERMATA_DETAIL_COLD inline void frame::raise_pending() { std::exchange(to_raise, nullptr)->raise(); }

// PEP 380: an exception goes to the leaf; but GeneratorExit closes the delegates, the innermost before the others, and is
// then raised in the root whatever became of it within.
FERMATA_DETAIL_COLD inline const void* frame::throw_in(raiser& exception, bool is_exit) {
    frame* at = take_leaf();
    if (!is_exit) {
        at->to_raise = &exception;
        return run(at);
    }
    delegate_closer closer;
    raiser* pending = nullptr;
    while (at != this) {
        pending = closer.close(*at, pending);
        at = std::exchange(at->parent, nullptr);
    }
    to_raise = pending ? pending : &exception;
    return run(this);
}

// Leaves the frame ended: raised with what close() is to raise, returned, or neither if it let the exit pass.
FERMATA_DETAIL_COLD inline void frame::close() {
    if (executing()) raise_already_executing();
    if (state == phase::created) state = phase::ended;
    if (!suspended()) return;
    generator_exit exit;
    object_raiser<generator_exit> raise_exit(exit);
    if (throw_in(raise_exit, true)) throw runtime_error("generator ignored GeneratorExit");
    if (state != phase::raised) return;
    if (holds<generator_exit>(failure_held())) drop_failure();
}

FERMATA_DETAIL_NOINLINE inline void frame::release_delegates() noexcept {
    if (executing()) {
        std::fputs("fermata: a generator was destroyed while it was executing, or while another delegates to it\n",
                   stderr);
        std::terminate();
    }
    frame* at = std::exchange(leaf, nullptr);
    if (!at || at == this) return;
    // What somebody else owns is given back to him, suspended where it is, with all that it delegates to.
    frame* borrowed = nullptr;
    for (frame* each = at; each != this; each = each->parent) {
        if (!each->owner) borrowed = each;
    }
    if (borrowed) {
        borrowed->leaf = at;
        at = std::exchange(borrowed->parent, nullptr);
    }
    while (at != this) {
        frame* above = std::exchange(at->parent, nullptr);
        *at->owner = nullptr;
        at->handle.destroy();
        at = above;
    }
}

}  // namespace fermata::detail
