#pragma once

// The coroutine frames that a task runs.
//
// A task is a chain of frames, each awaiting the next. The innermost one suspends the task by waiting for something; when
// that is done, the task is scheduled, and its next step resumes the innermost frame. Whoever ends names the frame that is to
// go on, and the step resumes it, in a loop. Whoever awaits a coroutine resumes that one itself, for most end without having
// to wait; but where the step has used up its share of the stack, it names it too. So neither a long loop of awaits nor a
// deep chain can overflow the stack, in any build mode.

#include <fermata/base/config.hpp>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <source_location>
#include <utility>

namespace fermata::inline v0::detail {

class task_core;  // NOLINT(*-virtual-class-destructor): see future_state
struct task_frame;

/// Between a frame and the one that it awaits: stands in the former, as a part of the awaiter.
struct frame_link {
    task_frame* awaiting = nullptr;
    task_frame* owned = nullptr;  // the one that is awaited, if it goes with the awaiter
};

/// What every coroutine frame in a task has: the beginning of its promise.
struct task_frame {
    frame_link* awaited_by = nullptr;  // null: the outermost
    std::source_location awaits_at;    // where it was suspended last; where it was made, before it has started

    task_frame() = default;
    task_frame(const task_frame&) = delete;
    task_frame& operator=(const task_frame&) = delete;

    /// Right for every promise that begins with this and is not over-aligned.
    std::coroutine_handle<> handle() noexcept { return std::coroutine_handle<task_frame>::from_promise(*this); }
    bool ended() noexcept { return handle().done(); }

    /// Called by unhandled_exception, from which nothing may escape: leaves the exception to the step, for the frame that
    /// goes on.
    void fail_with_current_exception() noexcept;
};

/// Destroys its coroutine. The parameters go with it, and among them may be a coroutine, or the last handle of a Task, whose
/// frame goes then too: a long chain of them is destroyed in a loop.
void destroy(task_frame& frame) noexcept;

/// Destroys the frame of a coroutine that has not started, and reports it in debug mode.
void drop_never_awaited(task_frame& frame) noexcept;

/// What the frame that has just ended has raised, if anything, until the one that goes on raises it. It has no destructor:
/// a thread_local that has one is reached by a call.
class failure_on_its_way {
public:
    explicit operator bool() const noexcept { return there_; }

    /// Undefined, as are those below, if there is none.
    std::exception_ptr& get() noexcept { return *std::launder(reinterpret_cast<std::exception_ptr*>(place_)); }
    void forget() noexcept {
        there_ = false;
        std::destroy_at(&get());
    }
    std::exception_ptr take() noexcept {
        std::exception_ptr taken = std::move(get());
        forget();
        return taken;
    }
    [[noreturn]] FERMATA_DETAIL_COLD void raise() { std::rethrow_exception(take()); }

    void set(std::exception_ptr raised) noexcept {
        if (there_) forget();
        ::new (static_cast<void*>(place_)) std::exception_ptr(std::move(raised));
        there_ = true;
    }

private:
    alignas(std::exception_ptr) std::byte place_[sizeof(std::exception_ptr)] = {};
    bool there_ = false;
};

/// The step that a thread is in.
struct task_step {
    task_core* task = nullptr;      // null: none
    task_frame* next = nullptr;     // the frame that goes on
    task_frame* running = nullptr;  // the one that does
    std::uintptr_t stack_end = 0;   // from there on no frame resumes another
    failure_on_its_way failure;     // of the frame that has just ended

    /// Whether `inner`, which `outer` awaits, has ended, so that outer goes on at once; otherwise outer is suspended.
    FERMATA_DETAIL_INLINE bool runs_within(task_frame& outer, task_frame& inner) noexcept;
};
FERMATA_DETAIL_NEAR inline constinit thread_local task_step current_step{};

/// Where the stack ends, about.
FERMATA_DETAIL_INLINE std::uintptr_t stack_position() noexcept {
    return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

bool task_step::runs_within(task_frame& outer, task_frame& inner) noexcept {
    if (stack_position() < stack_end) [[unlikely]] {
        next = &inner;
        return false;
    }
    running = &inner;
    inner.handle().resume();
    if (next != &outer) return false;
    next = nullptr;
    running = &outer;
    return true;
}

/// What await_suspend of every awaiter takes, made of the coroutine's handle: the frame that suspends, where it does.
class suspension {
public:
    template <class Promise>
    suspension(std::coroutine_handle<Promise> suspended,  // NOLINT(google-explicit-constructor)
               std::source_location at = std::source_location::current()) noexcept
        : frame_(suspended.promise()) {
        frame_.awaits_at = at;
    }
    task_frame& frame() const noexcept { return frame_; }

private:
    task_frame& frame_;
};

}  // namespace fermata::inline v0::detail
