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
#include <fermata/generator/detail/raiser.hpp>

#include <coroutine>
#include <cstddef>
#include <exception>
#include <new>
#include <utility>

namespace fermata::detail {

enum class phase : unsigned char {
    created,
    active,
    returned,  // ended, and the return value waits to be taken
    raised,    // ended, and the failure waits to be taken
    ended
};

struct frame {
    const void* value = nullptr;  // what it yielded, while it is suspended there
    union {
        void* sent;       // what its next resumption receives; null is None; set by whoever resumes
        frame* delegate;  // while it delegates: to whom
        // Until it starts, if it nests: takes the generators out of its parameters, and puts them into the list.
        void (*take_nested)(frame& self, frame*& list) noexcept;
    };
    frame* leaf = nullptr;
    frame* parent = nullptr;
    frame** owner;  // set with parent: where that holds it, if it owns it; null if it borrows it
    std::coroutine_handle<> handle;
    alignas(std::exception_ptr) std::byte failure[sizeof(std::exception_ptr)];  // alive in phase::raised only
    phase state;
    bool given_away = false;  // the yielded object was an rvalue: whoever takes it by value may move from it
    bool nests = false;       // has generators in its parameters (nesting_promise.hpp)

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
    // The same, raising something at the yield where that frame is suspended.
    const void* run(frame* from, raiser& raised_there) {
        to_raise = &raised_there;
        return run(from);
    }
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
    void end_unstarted() noexcept;

    // Out of line, each: inlined, they would make every coroutine save registers for them.
    void end_with_failure() noexcept;
    std::exception_ptr& failure_held() noexcept {
        return *std::launder(reinterpret_cast<std::exception_ptr*>(&failure));
    }
    std::exception_ptr take_failure() noexcept;
    void drop_failure() noexcept;

    // Destroys the coroutine. Those that it delegates to and owns go first, from the innermost one, in a loop; and so do
    // those in its parameters, if it has not started.
    void destroy() noexcept {
        if (may_own()) release_owned();
        handle.destroy();
    }
    bool may_own() const noexcept { return state <= phase::active && !value; }
    void release_owned() noexcept;
    void release_delegates() noexcept;
    void release_nested() noexcept;
};

// Stands for "no generator": what a moved-from one holds, so that the fast path need not look for null. Never changed: and
// const, so that compilers see that the fast path does not take it for the frame of a coroutine.
inline constinit const frame nobody{frame::no_coroutine{}};
inline frame* no_frame() noexcept { return const_cast<frame*>(&nobody); }

}  // namespace fermata::detail

#include <fermata/generator/detail/chain.hpp>
