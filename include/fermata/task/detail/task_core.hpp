#pragma once

// Python's Task without its type.

#include <fermata/base/config.hpp>
#include <fermata/task/cancellation.hpp>
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

namespace fermata::inline v0::detail {

/// Those that are no error of a task's.
enum class failure_kind : std::uint8_t { error, cancellation, interrupt };
failure_kind kind_of(const std::exception_ptr& exception) noexcept;
/// Whether it is a cancelled_error; a keyboard_interrupt.
inline bool is_cancellation(const std::exception_ptr& exception) noexcept {
    return kind_of(exception) == failure_kind::cancellation;
}
inline bool is_interrupt(const std::exception_ptr& exception) noexcept {
    return kind_of(exception) == failure_kind::interrupt;
}

/// What an await raises in place of cancelled_error: of a test's, see testing/raise_at_every_await.hpp.
FERMATA_DETAIL_NEAR inline constinit thread_local const std::exception_ptr* planted_exception = nullptr;
[[noreturn]] FERMATA_DETAIL_COLD void raise_planted();

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
    bool has_started() const noexcept { return !is_due(starts); }
    bool sleeps_now() const noexcept { return is_due(sleeps); }
    /// Its coroutine.
    task_frame& outermost() noexcept;

    /// Called by the awaiter that suspends the task, in its await_suspend: until `what` has scheduled it.
    void wait_for(task_frame& at, cancellable& what) noexcept {
        at_ = &at;
        waits_for_ = &what;
        if (is_due(must_cancel)) [[unlikely]]
            cancel_what_it_waits_for();
    }
    /// The same, where another may come before this one: who has scheduled the task does not decide that it goes on, but
    /// what.is_over() at its next turn does.
    void wait_until(task_frame& at, cancellable& what) noexcept {
        clear_due(raises);  // what nobody has asked for in this step
        set_due(looks_again);
        wait_for(at, what);
    }
    /// The same, until the next turn of the loop.
    void give_way(task_frame& at) noexcept {
        at_ = &at;
        loop().schedule(*this);
    }
    /// The same, until a time of the loop's clock; one that has passed means one turn of the loop.
    void sleep_until(task_frame& at, std::chrono::nanoseconds when);
    /// Called when the task goes on, in await_resume: raises cancelled_error if it is due.
    FERMATA_DETAIL_INLINE void check_cancelled() {
        if (!is_due(raises)) return;
        clear_due(raises);
        if (planted_exception) [[unlikely]]
            raise_planted();
        throw cancelled_error();  // in the frame itself: each call that an exception leaves costs a fifth of its price
    }

    /// The same, and tells instead of raising.
    bool take_cancellation() noexcept {
        const bool cancelled = is_due(raises);
        clear_due(raises);
        return cancelled;
    }

    /// For tests: in its next turn the await raises planted_exception.
    void raise_planted_exception() noexcept { set_due(must_cancel); }

    /// Eager start: runs to its first suspension within the caller. Otherwise the loop's next turn does that.
    void start_now() noexcept;
    bool is_task() const noexcept override { return true; }
    task_core* as_task() noexcept override { return this; }
    /// The values of the context variables, from now on.
    void set_values(shared<context_values> values);
    /// Its loop is closed.
    void leave_loop() noexcept;

    void run() noexcept override;
    callback* then() noexcept override { return this; }
    trace::awaited as_awaited() const noexcept override { return {"task", this}; }
    /// From now on it is told what the task does; null: no more.
    void set_instrument(trace::instrument* told) noexcept;
    void tell_scheduled(trace::instrument& told) noexcept override;
    std::string describe() const override { return "<Task name='" + name() + "'>"; }

private:
    ~task_core() override;
    void destroy() noexcept override;
    // What its next turn is to see to; mostly nothing.
    enum due : std::uint8_t {
        starts = 1,
        must_cancel = 2,   // at the next step
        raises = 4,        // at this step
        sleeps = 8,        // the turn is the timer's
        interrupted = 16,  // its sleep was cancelled
        looks_again = 32,  // whether what it waits for is over
        traced = 64,       // the loop's instrument is to be told: of each turn
        eager = 128        // it has ended in its eager start: who has started it hears of an interrupt
    };
    bool is_due(due what) const noexcept { return (due_ & what) != 0; }
    void set_due(due what) noexcept { due_ |= what; }
    void clear_due(int what) noexcept { due_ &= static_cast<std::uint8_t>(~what); }

    void run_otherwise() noexcept;
    bool begin_step() noexcept;
    void step() noexcept;
    void run_others() noexcept;
    void end_step() noexcept;
    void settle() noexcept;
    void settle_as_cancelled() noexcept;
    void leave_pending() noexcept;
    void run_traced() noexcept;
    void tell_resumed() noexcept;
    void tell_suspended() noexcept;
    void tell_cancelled() noexcept;
    void begin_telling_of_end() noexcept;
    void tell_finished() noexcept;
    void cancel_what_it_waits_for() noexcept;
    task_core* take_cancellation_request() noexcept;

    task_frame* at_;
    cancellable* waits_for_ = nullptr;
    task_name name_;
};

/// The context of what is made in a loop: that of the running task, or, where none runs there, the loop's.
inline const reference<context>& context_in(event_loop& loop) {
    if (const task_core* task = task_core::current(); task && task->is_of(loop)) [[likely]]
        return task->share_context();
    return loop_tasks::of(loop).own_context();
}

/// The frame of a coroutine that can be a task: where its Task will stand.
struct task_root : task_frame {
    /// Makes a Task of the coroutine, and schedules or starts it: it then owns the frame, and itself has two owners, the
    /// loop and who asked.
    task_core& spawn(event_loop& loop, task_name name, bool eager);

    alignas(task_core) std::byte core[sizeof(task_core)];
};

}  // namespace fermata::inline v0::detail
