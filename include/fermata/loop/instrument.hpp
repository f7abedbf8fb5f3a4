#pragma once

/// \file
/// What a loop tells of what its tasks do, to who asks.

namespace fermata::inline v0 {

class event_loop;

namespace trace {

class task_view;

/// What a task waits for: a word for it ("sleep", "fermata::mutex", "read"), and, if that is a task, its id.
struct awaited {
    const char* what;
    const void* task = nullptr;
};

/// Who has a task go on: another task, a timer of its own, or a callback of the loop: I/O, a thread, a future.
enum class waker : unsigned char { task, timer, callback };

/// How a task ends. Abandoned: its loop was closed before.
enum class ending : unsigned char { returned, raised, cancelled, abandoned };

/// Tracepoints: derive from it, override what is to be known, and give it to a loop, with run_options::instrument or
/// event_loop::set_instrument. Where a loop has none, nothing of this costs anything that can be measured.
///
/// Called on the loop's thread, in the order in which things happen, in the middle of them: a hook must not await, create or
/// cancel tasks, nor schedule anything, and must not raise. A task is created, woken (for its first step too), resumed, then
/// suspended or finished; one that gives way or is cancelled may be woken before it is suspended. Of tasks that are there when
/// the instrument comes, `task_created` is told then.
class instrument {
public:
    instrument() = default;
    instrument(const instrument&) = delete;
    instrument& operator=(const instrument&) = delete;
    /// Leaves its loop.
    virtual ~instrument();

    virtual void task_created(const task_view& task) noexcept;
    /// It is to be resumed soon. `by`: the task, if it is a task that does it; maybe itself.
    virtual void task_woken(const task_view& task, waker how, const task_view* by) noexcept;
    virtual void task_resumed(const task_view& task) noexcept;
    /// The view tells what for, and where.
    virtual void task_suspended(const task_view& task) noexcept;
    /// `cancel()` was called.
    virtual void task_cancelled(const task_view& task, const task_view* by) noexcept;
    virtual void task_finished(const task_view& task, ending how) noexcept;

    /// Nothing is ready: the loop looks for what comes next, and waits for it. Then it goes on.
    virtual void loop_waits(event_loop& loop) noexcept;
    virtual void loop_goes_on(event_loop& loop) noexcept;

    /// It was given to a loop; it was taken from it, or the loop is closed.
    virtual void attached(event_loop& loop) noexcept;
    virtual void detached(event_loop& loop) noexcept;

    /// The loop that it is of, or null.
    event_loop* loop() const noexcept { return loop_; }

private:
    friend class fermata::event_loop;
    event_loop* loop_ = nullptr;
};

}  // namespace trace

}  // namespace fermata::inline v0
