#pragma once

// What every generator's coroutine frame has, whatever its types, and how a chain of delegating generators is driven.
//
// A chain: the *root*, which somebody holds and steps, delegates to a generator, which delegates to another … down to
// the *leaf*, where the chain is suspended. The root knows the leaf, and each frame knows the one that delegates to it:
// a step resumes the leaf whatever the depth, and a frame that ends hands over to its parent. All of it is a loop in
// drive(): no frame ever resumes another, so neither depth nor the lack of tail calls (g++ at -O0, or under
// sanitizers) can overflow the stack.
//
//   where it stands        | value         | leaf     | phase     | may be resumed
//   created                | null          | null     | created   | yes
//   or, if it is sent None | `unstarted`   | null     | active    | yes, as if it were suspended there
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

namespace fermata::inline v0::detail {

enum class phase : unsigned char {
    created,
    active,
    returned,  // ended, and the return value waits to be taken
    raised,    // ended, and the failure waits to be taken
    ended
};

// A failure in a frame: a std::exception_ptr, as bytes. What keeps, drops and raises it does not get to know the frame, so
// that the compiler can follow what becomes of that; and is out of line, else every coroutine would save registers for it.
struct failure_kept {
    alignas(std::exception_ptr) std::byte bytes[sizeof(std::exception_ptr)];

    std::exception_ptr& held() noexcept { return *std::launder(reinterpret_cast<std::exception_ptr*>(&bytes)); }
};
failure_kept keep_failure() noexcept;
void drop(failure_kept failure) noexcept;
[[noreturn]] void raise(failure_kept failure);

struct frame;

// Where the generators are that the parameters of a coroutine own (nesting_promise.hpp).
struct nested_generators {
    void (*take)(nested_generators& self, frame*& list) noexcept;  // takes them out, and puts them into the list
};

// Stands for what a generator yielded that was not started: so starting one is no other case than going on.
inline constexpr char unstarted{};

// What a chain came to: what it yielded, and its leaf, if that is not its root; null and null if the root has ended.
struct driven {
    const void* value;
    frame* leaf;
};

// clang inlines the steps of a generator whose frame it sees whole. It can follow what stands in the frame as long as nobody
// else has its address: so on those paths, a function that it does not see through is given the leaf, the state or the
// failure, and what a chain needs of its root it finds by `parent`.
struct frame {
    const void* value = nullptr;  // what it yielded, while it is suspended there; or `unstarted`
    union {
        raiser* pending = nullptr;  // what its next resumption raises, if it looks here
        failure_kept failure;       // in phase::raised
    };
    frame* leaf = nullptr;
    frame* parent = nullptr;
    union {
        void* sent;                 // what its next resumption receives; null is None; set by whoever resumes
        frame* delegate;            // while it delegates: to whom
        nested_generators* nested;  // until it starts, if it nests
    };
    frame** owner;  // set with parent: where that holds it, if it owns it; null if it borrows it
    phase state;
    bool given_away = false;  // the yielded object was an rvalue: whoever takes it by value may move from it
    bool nests = false;       // has generators in its parameters
    bool raises_from_frame = detail::raises_from_frame;  // which of the two its body's compiler chose (raiser.hpp)

    // Leaves what is set before it is read as it is: creating a generator is a fast path too.
    frame() noexcept : state(phase::created) {}
    struct no_coroutine {};
    constexpr explicit frame(no_coroutine) noexcept : sent(nullptr), owner(nullptr), state(phase::ended) {}
    frame(const frame&) = delete;
    frame& operator=(const frame&) = delete;

    // In the coroutine's frame, where the promise stands behind two pointers (as long as it is not over-aligned).
    static constexpr std::size_t offset = 2 * sizeof(void*);
    std::coroutine_handle<> handle() noexcept {
        return std::coroutine_handle<>::from_address(reinterpret_cast<std::byte*>(this) - offset);
    }

    // The first thing that a body does when it goes on.
    FERMATA_DETAIL_INLINE void raise_pending() {
        if constexpr (detail::raises_from_frame) {
            if (pending) [[unlikely]] {
                std::exchange(pending, nullptr)->raise();
            }
        } else {
            raise_what_is_to_be_raised();
        }
    }
    FERMATA_DETAIL_INLINE void end_with_failure() noexcept {
        failure = keep_failure();
        state = phase::raised;
    }

    // After a frame of a chain has been resumed: resumes others, until the chain yields, or its root has ended.
    static driven drive(frame* at) noexcept;
    FERMATA_DETAIL_INLINE const void* took(driven chain) noexcept {
        leaf = chain.leaf;
        return chain.value;
    }
    // Resumes the chain whose root this is, after its body has begun to delegate.
    FERMATA_DETAIL_INLINE const void* run_delegate() noexcept {
        frame* const at = std::exchange(leaf, nullptr);
        at->handle().resume();
        return took(drive(at));
    }
    // The same where it is suspended, in its leaf.
    FERMATA_DETAIL_INLINE const void* run_leaf(void* to_send) noexcept {
        frame* const at = std::exchange(leaf, nullptr);
        at->sent = to_send;
        at->handle().resume();
        if (!at->value) [[unlikely]] {
            return took(drive(at));
        }
        leaf = at;
        return std::exchange(at->value, nullptr);
    }
    // The same from a frame on, raising something at the yield where that is suspended.
    const void* run(frame* at, raiser& raised_there) noexcept {
        (at->raises_from_frame ? at->pending : to_raise) = &raised_there;
        at->handle().resume();
        return took(drive(at));
    }

    // Takes the leaf of a suspended chain, which counts as executing from then on.
    frame* take_leaf() noexcept {
        if (value) {
            value = nullptr;
            return this;
        }
        return std::exchange(leaf, nullptr);
    }
    bool created() const noexcept { return value == &unstarted || state == phase::created; }
    bool suspended() const noexcept { return (value && value != &unstarted) || leaf; }
    bool executing() const noexcept { return state == phase::active && !value && !leaf; }
    bool chain_suspended() const noexcept;

    const void* throw_in(raiser& exception, bool is_exit);
    void close();
    void end_unstarted() noexcept;
    std::exception_ptr take_failure() noexcept;

    // Destroys the coroutine. Those that it delegates to and owns go first, from the innermost one, in a loop; and so do
    // those in its parameters, if it has not started.
    void destroy() noexcept {
        release_owned();
        handle().destroy();
    }
    FERMATA_DETAIL_INLINE void release_owned() noexcept {
        if (state > phase::active || value) return;
        if (leaf) [[unlikely]] {
            release_delegates(leaf, delegate);
        } else if (state == phase::active) [[unlikely]] {
            destroyed_while_executing();
        } else if (nests) [[unlikely]] {
            release_nested(nested);
        }
    }
    static void release_delegates(frame* at, frame* delegate) noexcept;
    static void release_nested(nested_generators* nested) noexcept;
    [[noreturn]] static void destroyed_while_executing() noexcept;
};

// Stands for "no generator": what a moved-from one holds, so that the fast path need not look for null. Never changed: and
// const, so that compilers see that the fast path does not take it for the frame of a coroutine.
inline constinit const frame nobody{frame::no_coroutine{}};
inline frame* no_frame() noexcept { return const_cast<frame*>(&nobody); }

}  // namespace fermata::inline v0::detail

#include <fermata/generator/detail/chain.hpp>
