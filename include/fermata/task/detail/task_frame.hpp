#pragma once

// The coroutine frames that a task runs.
//
// A task is a chain of frames, each awaiting the next. The innermost one suspends the task by waiting for something; when
// that is done, the task is scheduled, and its next step resumes the innermost frame. No frame resumes another: whoever
// awaits a coroutine, or ends, names the frame that is to go on, and the step resumes it, in a loop. So neither a long loop
// of awaits nor a deep chain can overflow the stack, in any build mode.

#include <coroutine>
#include <exception>
#include <source_location>

namespace fermata::detail {

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

/// Destroys the frame of a coroutine that has not started, and reports it in debug mode.
void drop_never_awaited(task_frame& frame) noexcept;

/// The step that a thread is in.
struct task_step {
    task_core* task;
    task_frame* next;            // the frame that goes on
    task_frame* running;         // the one that does
    std::exception_ptr failure;  // of the frame that has just ended
};
inline constinit thread_local task_step* current_step = nullptr;

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

}  // namespace fermata::detail
