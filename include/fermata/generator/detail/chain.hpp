#pragma once

// Implementation of generator/detail/frame.hpp: how a chain of frames is driven, thrown into, closed and destroyed.

#include <fermata/generator/detail/frame.hpp>

#include <cstdio>
#include <exception>
#include <new>
#include <typeinfo>
#include <utility>

namespace fermata::detail {

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
        if (delegate.run(&delegate, pending ? *pending : raise_exit_))
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

// PEP 380: an exception goes to the leaf; but GeneratorExit closes the delegates, the innermost before the others, and is
// then raised in the root whatever became of it within.
FERMATA_DETAIL_COLD inline const void* frame::throw_in(raiser& exception, bool is_exit) {
    frame* at = take_leaf();
    if (!is_exit) return run(at, exception);
    delegate_closer closer;
    raiser* pending = nullptr;
    while (at != this) {
        pending = closer.close(*at, pending);
        at = std::exchange(at->parent, nullptr);
    }
    return run(this, pending ? *pending : exception);
}

// Leaves the frame ended: raised with what close() is to raise, returned, or neither if it let the exit pass.
FERMATA_DETAIL_COLD inline void frame::close() {
    if (executing()) raise_already_executing();
    if (state == phase::created) end_unstarted();
    if (!suspended()) return;
    generator_exit exit;
    object_raiser<generator_exit> raise_exit(exit);
    if (throw_in(raise_exit, true)) throw runtime_error("generator ignored GeneratorExit");
    if (state != phase::raised) return;
    if (holds<generator_exit>(failure_held())) drop_failure();
}

FERMATA_DETAIL_COLD inline void frame::end_unstarted() noexcept {
    if (nests) release_nested();
    state = phase::ended;
}

FERMATA_DETAIL_NOINLINE inline void frame::release_owned() noexcept {
    if (state == phase::active) return release_delegates();
    if (nests) release_nested();
}

inline void frame::release_nested() noexcept {
    frame* list = nullptr;  // linked by parent
    take_nested(*this, list);
    nests = false;
    while (frame* at = list) {
        list = std::exchange(at->parent, nullptr);
        if (at->state == phase::created && at->nests) at->take_nested(*at, list);
        at->nests = false;
        at->destroy();
    }
}

inline void frame::release_delegates() noexcept {
    if (executing()) {
        std::fputs("fermata: a generator was destroyed while it was executing, or while another delegates to it\n",
                   stderr);
        std::terminate();
    }
    frame* at = std::exchange(leaf, nullptr);
    if (!at || at == this) return;
    // What somebody else owns is given back to him, suspended where it is, with all that it delegates to. Found from this
    // end: a chain of borrowed ones is destroyed one by one, and must not be walked whole each time.
    frame* last_owned = this;
    while (last_owned != at && last_owned->delegate->owner) last_owned = last_owned->delegate;
    if (last_owned != at) {
        frame* borrowed = last_owned->delegate;
        borrowed->leaf = at;
        borrowed->parent = nullptr;
        at = last_owned;
    }
    while (at != this) {
        frame* above = std::exchange(at->parent, nullptr);
        *at->owner = nullptr;
        at->handle.destroy();
        at = above;
    }
}

}  // namespace fermata::detail
