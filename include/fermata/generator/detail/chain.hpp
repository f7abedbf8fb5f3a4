#pragma once

// Implementation of generator/detail/frame.hpp: how a chain of frames is driven, thrown into, closed and destroyed.

#include <fermata/generator/detail/frame.hpp>

#include <cstdio>
#include <exception>
#include <new>
#include <typeinfo>
#include <utility>

namespace fermata::inline v0::detail {

[[noreturn]] FERMATA_DETAIL_COLD inline void raise_already_executing() {
    throw value_error("generator already executing");
}
[[noreturn]] FERMATA_DETAIL_COLD inline void raise_nothing_to_throw() {
    throw type_error("exceptions must be classes or instances deriving from BaseException, not NoneType");
}
[[noreturn]] FERMATA_DETAIL_COLD inline void raise_not_started() {
    throw type_error("can't send non-None value to a just-started generator");
}

// Why a generator cannot be resumed that is not suspended; null if it has ended.
FERMATA_DETAIL_COLD inline const void* not_resumed(phase state) {
    if (state == phase::created) raise_not_started();
    if (state == phase::active) raise_already_executing();
    return nullptr;
}

FERMATA_DETAIL_NOINLINE inline driven frame::drive(frame* at) noexcept {
    for (;;) {
        if (at->value) [[likely]] {
            if (!at->parent) return {at->value, nullptr};
            return {std::exchange(at->value, nullptr), at};
        }
        if (at->leaf) {  // it delegates: its awaiter has left there whom to resume
            at = std::exchange(at->leaf, nullptr);
        } else if (at->parent) {
            at = std::exchange(at->parent, nullptr);
        } else {
            return {nullptr, nullptr};
        }
        at->handle().resume();
    }
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
FERMATA_DETAIL_COLD inline failure_kept keep_failure() noexcept {
    failure_kept kept;
    auto* held = ::new (&kept.bytes) std::exception_ptr(std::current_exception());
    if (holds<stop_iteration>(*held)) *held = raised_stop_iteration();
    return kept;
}

FERMATA_DETAIL_COLD inline void drop(failure_kept failure) noexcept { failure.held().~exception_ptr(); }

[[noreturn]] FERMATA_DETAIL_COLD inline void raise(failure_kept failure) {
    std::rethrow_exception(std::move(failure.held()));  // what it was moved from is null: nothing to destroy
}

inline std::exception_ptr frame::take_failure() noexcept {
    std::exception_ptr taken = std::move(failure.held());
    drop(failure);
    state = phase::ended;
    return taken;
}

// Closes one delegate: a chain of its own by now. Gives what is to be raised in its parent instead of GeneratorExit (the
// delegate ignored it, or raised something else), or null.
class delegate_closer {
public:
    raiser* close(frame& delegate, raiser* instead) {
        if (delegate.run(&delegate, instead ? *instead : raise_exit_))
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

// PEP 380: an exception goes to the leaf; but GeneratorExit closes the delegates, the innermost before the others, and is
// then raised in the root whatever became of it within.
FERMATA_DETAIL_COLD inline const void* frame::throw_in(raiser& exception, bool is_exit) {
    frame* at = take_leaf();
    if (!is_exit) return run(at, exception);
    delegate_closer closer;
    raiser* instead = nullptr;
    while (at != this) {
        frame* const above = std::exchange(at->parent, nullptr);
        instead = closer.close(*at, instead);
        at = above;
    }
    return run(this, instead ? *instead : exception);
}

// Leaves the frame ended: raised with what close() is to raise, returned, or neither if it let the exit pass.
FERMATA_DETAIL_COLD inline void frame::close() {
    if (executing()) raise_already_executing();
    if (created()) end_unstarted();
    if (!suspended()) return;
    generator_exit exit;
    object_raiser<generator_exit> raise_exit(exit);
    if (throw_in(raise_exit, true)) throw runtime_error("generator ignored GeneratorExit");
    if (state != phase::raised) return;
    if (holds<generator_exit>(failure.held())) take_failure();
}

FERMATA_DETAIL_COLD inline void frame::end_unstarted() noexcept {
    if (nests) release_nested(nested);
    value = nullptr;
    state = phase::ended;
}

FERMATA_DETAIL_NOINLINE inline void frame::release_nested(nested_generators* nested) noexcept {
    frame* list = nullptr;  // linked by parent
    nested->take(*nested, list);
    while (frame* at = list) {
        list = std::exchange(at->parent, nullptr);
        if (at->state == phase::created && at->nests) at->nested->take(*at->nested, list);
        at->nests = false;
        at->destroy();
    }
}

[[noreturn]] FERMATA_DETAIL_COLD inline void frame::destroyed_while_executing() noexcept {
    std::fputs("fermata: a generator was destroyed while it was executing, or while another delegates to it\n", stderr);
    std::terminate();
}

FERMATA_DETAIL_NOINLINE inline void frame::release_delegates(frame* at, frame* delegate) noexcept {
    frame* const root = delegate->parent;
    root->leaf = nullptr;
    // What somebody else owns is given back to him, suspended where it is, with all that it delegates to. Found from this
    // end: a chain of borrowed ones is destroyed one by one, and must not be walked whole each time.
    frame* last_owned = root;
    while (last_owned != at && last_owned->delegate->owner) last_owned = last_owned->delegate;
    if (last_owned != at) {
        frame* borrowed = last_owned->delegate;
        if (borrowed == at) {
            at->value = at;  // the root has given out what it yielded: it is not null, and that is enough
        } else {
            borrowed->leaf = at;
        }
        borrowed->parent = nullptr;
        at = last_owned;
    }
    while (at != root) {
        frame* above = std::exchange(at->parent, nullptr);
        *at->owner = nullptr;
        at->handle().destroy();
        at = above;
    }
}

}  // namespace fermata::inline v0::detail
