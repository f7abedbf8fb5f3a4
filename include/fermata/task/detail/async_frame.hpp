#pragma once

// What every async generator's coroutine frame has, whatever its types, and how a chain of them is stepped.
//
// As for generators, a chain goes from the *root*, which somebody holds and steps, through those that it delegates to, down
// to the *leaf*, where it is suspended. A step stands in the frame of the task that awaits it, and the leaf learns of it;
// it is handed on to whichever frame of the chain runs. So the root is found from anywhere, and a step costs the same at
// any depth. No frame resumes another: task_core::step does.
//
//   where it stands      | state   | leaf     | parent              | may be stepped
//   created              | created | null     | null                | yes
//   suspended            | active  | the leaf | null                | yes
//   a step is awaited    | active  | null     | who awaits the step | no: "already running"
//   delegated to         | active  | null     | who delegates       | no, but by its root
//   its step was dropped | active  | null     | null                | no: whoever awaited the step was destroyed
//   ended                | ended   | null     | null                | it gives nothing

#include <fermata/generator/generator.hpp>
#include <fermata/task/detail/task_promise.hpp>

#include <coroutine>
#include <exception>
#include <string>

namespace fermata {

class any_task;

namespace detail {

class async_frame;

/// `anext`, `asend`, `athrow` or `aclose` of an async generator, and what it came to.
class async_step {
public:
    async_step(const async_step&) = delete;
    async_step& operator=(const async_step&) = delete;

    bool await_ready();
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiting) {
        begin(awaiting.promise());
    }

protected:
    enum class kind : unsigned char { anext, athrow, aclose };
    /// The generator may be null: it counts as closed.
    async_step(async_frame* root, kind what) noexcept : root_(root), kind_(what) {}
    ~async_step();

    /// What next() sends: None, or what starts a generator that cannot be sent None.
    void send_nothing(bool is_none) noexcept { may_continue_ = is_none; }
    /// What asend() sends; null is None.
    void send(void* value) noexcept {
        sent_ = value;
        may_start_ = value == nullptr;
    }
    void raise(raiser& exception, bool is_exit) noexcept {
        thrown_ = &exception;
        is_exit_ = is_exit;
    }

    /// What it yielded, or null. Raises what the body raised.
    const void* result();
    /// The same of aclose(), for which it is an error to yield.
    void result_of_close();
    /// Whether it ended with this step.
    bool ended() const noexcept { return ended_; }
    bool given_away() const noexcept { return given_away_; }

private:
    friend class async_frame;
    friend class async_delegation;
    void begin(task_frame& awaiting);
    void end() noexcept;
    void is_ignored(async_frame& leaf) noexcept;

    async_frame* root_;
    async_frame* closing_ = nullptr;  // while GeneratorExit goes up the chain: whom it is raised in
    void* sent_ = nullptr;
    raiser* thrown_ = nullptr;    // what athrow() and aclose() raise in the root
    raiser* to_raise_ = nullptr;  // what the frame that goes on raises
    const void* yielded_ = nullptr;
    std::exception_ptr failure_;  // of the frame that has ended, for who waits for it
    kind kind_;
    bool is_exit_ = false;
    bool may_start_ = true;
    bool may_continue_ = true;
    bool given_away_ = false;
    bool ended_ = false;
    bool awaited_ = false;
    bool running_ = false;
};

/// What a frame that delegates waits in.
class async_delegation {
public:
    async_delegation(const async_delegation&) = delete;
    async_delegation& operator=(const async_delegation&) = delete;

    bool await_ready() const;
    void await_suspend(std::coroutine_handle<>);

protected:
    async_delegation(async_frame& outer, async_frame* delegate, bool owned, bool takes_none) noexcept
        : outer_(outer), delegate_(delegate), owned_(owned), takes_none_(takes_none) {}
    ~async_delegation();
    /// Raises what is to be raised where the delegate has ended.
    void end();

private:
    friend class async_frame;
    friend class async_step;
    void is_over(async_step& s) noexcept;

    async_frame& outer_;
    async_frame* delegate_;  // null if there is none, or it was destroyed
    bool owned_;
    bool takes_none_;
};

class async_frame : public awaiting_frame {
public:
    async_frame() noexcept : closer_(*this) {}

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
    void release_delegates() noexcept;

    async_step* step_ = nullptr;  // of the frame of the chain that runs, or waits for an await
    async_frame* leaf_ = nullptr;
    async_delegation* delegation_ = nullptr;  // in which it waits
    async_delegation* held_by_ = nullptr;     // in which another waits for it
    closer closer_;
    stage state_ = stage::created;
    bool closed_ = false;     // aclose() was called
    bool abandoned_ = false;  // the loop owns it
    bool claimed_ = false;    // a Task is to close it

    friend any_task close_next_generator(event_loop& loop);
};

/// For run(): a Task that closes the oldest of those that are left and that no Task is about to close; none, if there is none.
any_task close_next_generator(event_loop& loop);

}  // namespace detail

}  // namespace fermata
