#pragma once

// What every async generator's coroutine frame has, whatever its types, and how a chain of them is stepped.
//
// As for generators, a chain goes from the *root*, which somebody holds and steps, through those that it delegates to, down
// to the *leaf*, where it is suspended. A step stands in the frame of the task that awaits it, and the leaf learns of it;
// it is handed on to whichever frame of the chain runs. So the root is found from anywhere, and a step costs the same at
// any depth. None of its frames resumes another: the step of the task does (task_core::run_others).
//
//   where it stands      | state   | leaf     | awaited by          | may be stepped
//   created              | created | null     | null                | yes
//   suspended            | active  | the leaf | null                | yes
//   a step is awaited    | active  | null     | who awaits the step | no: "already running"
//   delegated to         | active  | null     | who delegates       | no, but by its root
//   its step was dropped | active  | null     | null                | no: whoever awaited the step was destroyed
//   ended                | ended   | null     | null                | it gives nothing

#include <fermata/generator/generator.hpp>
#include <fermata/task/detail/async_step.hpp>
#include <fermata/task/detail/loop_tasks.hpp>
#include <fermata/task/detail/task_frame.hpp>

#include <coroutine>
#include <string>

namespace fermata::inline v0 {

class any_task;

namespace detail {

class async_closing;
class async_frame;

/// What a frame that delegates waits in.
class async_delegation : frame_link {
public:
    async_delegation(const async_delegation&) = delete;
    async_delegation& operator=(const async_delegation&) = delete;

    bool await_ready() const;
    void await_suspend(suspension here);

protected:
    async_delegation(async_frame& outer, async_frame* delegate, bool is_owned, bool takes_none) noexcept;
    ~async_delegation();
    /// Raises what is to be raised where the delegate has ended.
    void end();

private:
    friend class async_frame;
    friend class async_step;
    void is_over(async_step& s) noexcept;
    void let_go() noexcept;

    async_frame& outer_;
    async_frame*
        delegate_;  // null if there is none, or it was destroyed; frame_link::owned is the same, if it is owned
    bool takes_none_;
};

class async_frame : public task_frame {
public:
    async_frame() noexcept : closer_(*this) {}
    ~async_frame();

    /// Its owner has gone. Suspended, while a loop runs, it is the loop's from now on; otherwise it is destroyed.
    void discard() noexcept;
    generator_state python_state() const noexcept;

    /// Called in await_suspend of a co_yield, and of the final suspension; and when a co_yield goes on: the address of what
    /// was sent, or null for None.
    void yield(const void* object, bool given_away) noexcept;
    void hand_over() noexcept;
    void* received();
    void unhandled_exception() noexcept;

private:
    friend class async_step;
    friend class async_delegation;
    friend class async_closing;
    enum class stage : unsigned char { created, active, ended };

    // Stands in the loop's list of generators that are to be closed at its end; scheduled when its owner goes.
    class closer final : public callback {
    public:
        explicit closer(async_frame& generator) noexcept : generator_(generator) {}
        async_frame& generator() noexcept { return generator_; }
        void run() override;
        void abandon() noexcept override;
        std::string describe() const override { return "<async_generator>"; }

    private:
        async_frame& generator_;
    };

    bool created() const noexcept { return state_ == stage::created; }
    bool ended() const noexcept { return state_ == stage::ended; }
    bool busy() const noexcept { return state_ == stage::active && !leaf_; }
    /// The frame that a step goes on with: itself, if it starts.
    async_frame& resumed();
    void end() noexcept;
    void destroy() noexcept;

    async_step* step_ = nullptr;  // of the frame of the chain that runs, or waits for an await
    async_frame* leaf_ = nullptr;
    async_delegation* delegation_ = nullptr;  // in which it waits
    async_delegation* held_by_ = nullptr;     // in which another waits for it
    async_closing* closing_ = nullptr;        // of the Task that closes it
    closer closer_;
    stage state_ = stage::created;
    bool closed_ = false;     // aclose() was called
    bool abandoned_ = false;  // the loop owns it

    friend any_task close_next_generator(event_loop& loop);
};

/// For run(): a Task that closes the oldest of those that are left; none, if there is none.
any_task close_next_generator(event_loop& loop);

}  // namespace detail

}  // namespace fermata::inline v0
