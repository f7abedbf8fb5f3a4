#pragma once

// Python's Task without its type, and the frames that it runs.
//
// A task is a chain of coroutine frames, each awaiting the next. The innermost one suspends the task by waiting for
// something; when that is done, the task is scheduled, and its next step resumes the innermost frame. No frame resumes
// another: whoever awaits a coroutine, or ends, names the frame that is to go on, and task_core::step resumes it, in a
// loop. So neither a long loop of awaits nor a deep chain can overflow the stack, in any build mode.

#include <fermata/loop/callback.hpp>
#include <fermata/task/detail/future_state.hpp>

#include <coroutine>
#include <exception>
#include <source_location>
#include <string>

namespace fermata::detail {

class task_core;

/// Whether it is a cancelled_error.
bool is_cancellation(const std::exception_ptr& exception) noexcept;

/// A task in the list of those of its loop that are not done.
struct task_entry : list_node {
    explicit task_entry(task_core& entered) noexcept : task(entered) {}
    task_core& task;
};

/// What a loop keeps for its tasks.
struct loop_tasks final : loop_extension {
    intrusive_list<task_entry> pending;
    intrusive_list<callback> generators;  // async generators that are suspended, to be closed at the end
    int abandoned_generators = 0;         // those that the loop owns, until it has closed them
    bool stop_when_closed = false;        // the loop, when there are none of these left

    ~loop_tasks() override;
    static loop_tasks& of(event_loop& loop);
};

/// What every coroutine frame in a task has.
struct task_frame {
    std::coroutine_handle<> handle;
    task_frame* parent = nullptr;  // who awaits it
    std::exception_ptr failure;
    std::source_location awaits_at;
    bool ended = false;

    task_frame() = default;
    task_frame(const task_frame&) = delete;
    task_frame& operator=(const task_frame&) = delete;

    /// Called by unhandled_exception, from which nothing may escape.
    void fail_with_current_exception() noexcept;
};

/// A task: scheduled as a callback, awaited as a future. It lives in its outermost frame, which goes with it.
class task_core final : public future_state, public callback {
public:
    task_core(event_loop& loop, task_frame& outermost, std::string name);
    ~task_core() override;

    /// The task that is being stepped on this thread, or null.
    static task_core* current() noexcept;

    bool cancel() noexcept override;
    int cancelling() const noexcept { return cancel_requests_; }
    int uncancel() noexcept;

    const std::string& name() const noexcept { return name_; }
    void set_name(std::string name) { name_ = std::move(name); }
    /// The frames from the outermost to the one that waits, while it is suspended.
    const task_frame* innermost() const noexcept { return at_; }

    /// Called by the frame that suspends the task, in its await_suspend: until `what` has scheduled it.
    void wait_for(task_frame& at, awaited& what) noexcept;
    /// The same, for one turn of the loop.
    void wait_a_turn(task_frame& at) noexcept;
    /// Called by a frame that hands over to another.
    void go_on_with(task_frame* next) noexcept { next_ = next; }
    /// Called when the task goes on, in await_resume: raises cancelled_error if it is due.
    void check_cancelled();

    /// Eager start: runs to its first suspension within the caller. Otherwise the loop's next turn does that.
    void start_now() { step(); }
    bool is_task() const noexcept override { return true; }

    void run() override { step(); }
    std::string describe() const override { return "<Task name='" + name_ + "'>"; }

private:
    void destroy() noexcept override;
    void step();
    void end() noexcept;

    task_frame& outermost_;
    task_entry entry_{*this};
    task_frame* at_;
    task_frame* next_ = nullptr;
    awaited* waits_for_ = nullptr;
    std::string name_;
    int cancel_requests_ = 0;
    bool must_cancel_ = false;  // at the next step
    bool raise_ = false;        // at this step
    bool started_ = false;
};

}  // namespace fermata::detail
