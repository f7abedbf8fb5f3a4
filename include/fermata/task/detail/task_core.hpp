#pragma once

// Python's Task without its type.

#include <fermata/task/detail/future_state.hpp>
#include <fermata/task/detail/loop_tasks.hpp>
#include <fermata/task/detail/task_frame.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace fermata::detail {

/// Whether it is a cancelled_error.
bool is_cancellation(const std::exception_ptr& exception) noexcept;

/// "Task-1", "Task-2" …: a number, until somebody asks for the name; or a name of its own.
class task_name {
public:
    task_name() noexcept : word_(++tasks_made * 2 + 1) {}
    explicit task_name(std::string_view name);
    task_name(task_name&& other) noexcept : word_(std::exchange(other.word_, 1)) {}
    task_name& operator=(task_name&& other) noexcept {
        std::swap(word_, other.word_);
        return *this;
    }
    ~task_name() {
        if (word_ % 2 == 0) [[unlikely]]
            drop_text();
    }
    std::string text() const;

private:
    FERMATA_DETAIL_COLD void drop_text() noexcept;

    // Of each thread: a loop runs on one, and counting is not to cost an atomic.
    FERMATA_DETAIL_NEAR static constinit thread_local std::uintptr_t tasks_made;

    std::uintptr_t word_;  // odd: twice the number, and 1; even: a std::string*
};

inline constinit thread_local std::uintptr_t task_name::tasks_made = 0;

/// A task: scheduled as a callback, awaited as a future. It lives in its outermost frame, behind the task_frame, and they
/// go together.
class task_core final : public future_state, public task_entry {
public:
    task_core(event_loop& loop, task_name name);

    /// The task that is being stepped on this thread, or null.
    static task_core* current() noexcept { return current_step.task; }

    bool cancel() noexcept override;
    int cancelling() const noexcept { return cancel_requests_; }
    int uncancel() noexcept;

    std::string name() const { return name_.text(); }
    void set_name(task_name name) noexcept { name_ = std::move(name); }

    /// The frame that waits, while it is suspended. The others are found from there outwards.
    task_frame* innermost() const noexcept { return at_; }
    /// What it waits for, if that is something that can be cancelled.
    cancellable* waits_for() const noexcept { return waits_for_; }

    /// Called by the awaiter that suspends the task, in its await_suspend: until `what` has scheduled it.
    void wait_for(task_frame& at, cancellable& what) noexcept {
        at_ = &at;
        waits_for_ = &what;
        if (must_cancel_) [[unlikely]]
            cancel_what_it_waits_for();
    }
    /// The same, until the next turn of the loop.
    void give_way(task_frame& at) noexcept {
        at_ = &at;
        loop().schedule(*this);
    }
    /// The same, until a time of the loop's clock; one that has passed means one turn of the loop.
    void sleep_until(task_frame& at, std::chrono::nanoseconds when);
    /// Called when the task goes on, in await_resume: raises cancelled_error if it is due.
    void check_cancelled() {
        if (raise_) [[unlikely]]
            raise_cancelled();
    }

    /// Eager start: runs to its first suspension within the caller. Otherwise the loop's next turn does that.
    void start_now() noexcept;
    bool is_task() const noexcept override { return true; }
    /// The values of the context variables, from now on.
    void set_values(shared<context_values> values);
    /// Its loop is closed.
    void leave_loop() noexcept;

    void run() noexcept override;
    callback* then() noexcept override { return this; }
    std::string describe() const override { return "<Task name='" + name() + "'>"; }

private:
    ~task_core() override;
    void destroy() noexcept override;
    bool is_to_step_plainly() const noexcept {
        return !(unstarted_ || must_cancel_ || raise_ || sleeping_ || interrupted_);
    }
    void run_otherwise() noexcept;
    void begin_step() noexcept;
    void step() noexcept;
    void settle() noexcept;
    void settle_as_cancelled() noexcept;
    void leave_pending() noexcept;
    task_frame& outermost() noexcept;
    void cancel_what_it_waits_for() noexcept;
    [[noreturn]] void raise_cancelled();

    task_frame* at_;
    cancellable* waits_for_ = nullptr;
    task_name name_;
};

/// The frame of a coroutine that can be a task: where its Task will stand.
struct task_root : task_frame {
    /// Makes a Task of the coroutine: it then owns the frame, and itself has two owners, the loop and who asked.
    task_core& spawn(event_loop& loop, task_name name);

    alignas(task_core) std::byte core[sizeof(task_core)];
};

}  // namespace fermata::detail
