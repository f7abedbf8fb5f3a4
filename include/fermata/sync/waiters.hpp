#pragma once

/// \file
/// The one wait queue under all primitives of this directory: CPython's `self._waiters`, a deque of futures, without the
/// deque and without the futures. Not thread-safe.

#include <fermata/base/intrusive_list.hpp>
#include <fermata/task/cancellation.hpp>
#include <fermata/task/detail/task_core.hpp>

#include <cstddef>
#include <cstdint>

namespace fermata::inline v0::detail {

class waiters;

/// One who waits: it stands in the frame of the coroutine that awaits, so that waiting allocates nothing. Like CPython's
/// future it is either woken or cancelled, once, and its task then goes on in the next turn of the loop.
///
/// An awaiter derives from it: await_suspend calls wait_in, await_resume calls end_wait, does its primitive's clean-up
/// (CPython's `finally` and `except`), and raises cancelled_error if it was interrupted.
class waiter : public cancellable, public list_node {
public:
    waiter() = default;
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;
    virtual ~waiter() { leave(); }

    /// False if it has been woken (or cancelled) already: then the task is cancelled when it goes on.
    bool cancel() noexcept final;
    trace::awaited as_awaited() const noexcept final;

    /// Puts the running task's waiter at the end of the line, and suspends the task. Raises runtime_error if no task is
    /// running, or if others wait there in another loop.
    void wait_in(waiters& line, task_frame& frame);
    /// The same of one that has is_over(): woken, it may find that another has come before it, and wait once more.
    void wait_until_over(waiters& line, task_frame& frame);

    /// What it came to, and out of the line. Interrupted: cancelled_error is to be raised – now, or after the primitive's
    /// clean-up.
    struct outcome {
        bool interrupted;
        bool woken;  // also if interrupted: a wake-up that is to be passed on
        bool alone;  // the primitive is gone: there is nothing to clean up
    };
    outcome end_wait() noexcept;

    /// Whether wait_in has been called.
    bool has_waited() const noexcept { return line_ != nullptr; }

protected:
    /// For is_over(): whether it was woken, and its line is still there.
    bool is_woken() const noexcept { return state_ == state::woken && linked(); }
    /// For is_over(): to the end of the line.
    void wait_again() noexcept;

private:
    friend waiters;
    enum class state : std::uint8_t { waiting, woken, cancelled };
    task_core& stand_in(waiters& line);
    void leave() noexcept;

    waiters* line_ = nullptr;
    task_core* task_ = nullptr;
    state state_ = state::waiting;
};

/// Where they wait, in the order in which they came. A waiter stays in the queue until its task goes on; the queue may go
/// before that, and then nobody is woken any more.
class waiters {
public:
    /// Whether those who were woken or cancelled, and have not gone on yet, stand in the way of wake_front.
    enum class when_settled { step_aside, keep_their_place };

    /// `of` is for the error's text.
    explicit waiters(const char* of, when_settled rule = when_settled::step_aside) noexcept : of_(of), rule_(rule) {}
    waiters(const waiters&) = delete;
    waiters& operator=(const waiters&) = delete;
    ~waiters() = default;

    /// Whether anybody is there who has not been cancelled: who waits, or was woken and has not gone on yet.
    bool any() const noexcept { return claims_ > 0; }

    /// Wakes the first who waits. False if there is none. With step_aside only.
    bool wake_next() noexcept {
        if (line_.empty()) return false;
        wake(line_.front());
        return true;
    }
    /// Wakes the first in the line, unless that one is settled already. With keep_their_place only.
    void wake_front() noexcept;
    /// All who wait. With step_aside only.
    void wake_all() noexcept;

    /// Raises runtime_error "… is bound to a different event loop", as CPython does: a primitive belongs to the loop in
    /// which somebody first waited for it.
    void bind(event_loop& loop);

private:
    friend waiter;
    void wake(waiter& first) noexcept;
    void step_aside(waiter& settled) noexcept;

    intrusive_list<waiter> line_;
    intrusive_list<waiter> settled_;
    std::size_t claims_ = 0;
    event_loop* loop_ = nullptr;
    const char* of_;
    when_settled rule_;
};

/// Waits in a line, as `await fut`, but tells instead of raising that it was interrupted.
class line_awaiter final : public waiter {
public:
    explicit line_awaiter(waiters& line) noexcept : line_(line) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(suspension here) { wait_in(line_, here.frame()); }
    outcome await_resume() noexcept { return end_wait(); }

private:
    waiters& line_;
};

}  // namespace fermata::inline v0::detail
