#pragma once

// A call that a thread makes for a task.

#include <fermata/base/detail/shared.hpp>
#include <fermata/base/intrusive_list.hpp>
#include <fermata/loop/callback.hpp>
#include <fermata/task/detail/context.hpp>
#include <fermata/task/detail/task_core.hpp>
#include <fermata/task/task.hpp>

#include <exception>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace fermata::inline v0::detail {

class thread_pool;

/// What needs a loop and may outlive it.
class loop_guest : public list_node {
public:
    /// The loop is being closed. It has left the loop's list.
    virtual void leave_loop() noexcept = 0;

protected:
    loop_guest() = default;
    ~loop_guest() = default;
};

/// Shared by the coroutine that awaits it, and by what has it at the time: the pool's queue, then a thread, then the loop,
/// as the callback that wakes who waits. It outlives the coroutine if that is cancelled.
class thread_call : public shared_object, public callback {
public:
    // On the loop's thread.
    /// Hands it to the pool of the loop, and suspends the task. The function is called in the context that the task has now.
    void begin(task_frame& frame, loop_guest& awaiter);
    /// What is awaited is over: raises what there is to raise.
    void end();
    /// Nobody waits any more.
    void leave() noexcept;
    bool cancel() noexcept override;
    void run() override;
    void abandon() noexcept override { release(); }
    std::string describe() const override { return "<call in a thread>"; }

    // On a thread of the pool.
    /// Calls the function, and destroys it.
    void execute() noexcept;
    /// Goes back to the loop: gives up the thread's share.
    void deliver() noexcept;
    /// The call that this thread is making, or null.
    static thread_call* current() noexcept;
    event_loop& loop() const noexcept;
    /// The thread waits for the loop, and the loop need not wait for the thread: or no longer.
    void set_blocked(bool blocked) noexcept;

protected:
    virtual void invoke() = 0;
    virtual void forget() noexcept = 0;

private:
    friend class thread_pool;

    thread_pool* pool_ = nullptr;
    task_core* task_ = nullptr;
    shared<context_values> context_;
    std::exception_ptr failure_;
    // Of the loop's thread:
    bool over_ = false;
    bool cancelled_ = false;
    // Guarded by the pool's mutex:
    bool queued_ = false;
    bool awaited_ = false;
    bool blocked_ = false;
};

template <class Function, class... Arguments>
using thread_result = std::remove_cvref_t<std::invoke_result_t<Function, Arguments...>>;

template <class Result>
class typed_thread_call : public thread_call, public task_result<Result> {};

template <class Function, class... Arguments>
class thread_call_of final : public typed_thread_call<thread_result<Function, Arguments...>> {
public:
    using result_type = thread_result<Function, Arguments...>;

    template <class... From>
    explicit thread_call_of(From&&... from) : parts_(std::in_place, std::forward<From>(from)...) {}

private:
    void invoke() override {
        if constexpr (std::is_void_v<result_type>) {
            std::apply(call, std::move(*parts_));
        } else {
            this->return_value(std::apply(call, std::move(*parts_)));
        }
    }
    void forget() noexcept override { parts_.reset(); }

    static std::invoke_result_t<Function, Arguments...> call(Function&& function, Arguments&&... arguments) {
        return std::apply(std::move(function), std::tuple<Arguments&&...>(std::move(arguments)...));
    }

    std::optional<std::tuple<Function, Arguments...>> parts_;
};

class thread_call_awaiter final : public loop_guest {
public:
    explicit thread_call_awaiter(thread_call& call) noexcept : call_(call) {}
    thread_call_awaiter(const thread_call_awaiter&) = delete;
    thread_call_awaiter& operator=(const thread_call_awaiter&) = delete;
    ~thread_call_awaiter() { call_.leave(); }

    bool await_ready() const noexcept { return false; }
    void await_suspend(suspension here) { call_.begin(here.frame(), *this); }
    void await_resume() { call_.end(); }
    void leave_loop() noexcept override { call_.leave(); }

private:
    thread_call& call_;
};

template <class Result>
task<Result> in_a_thread(shared<typed_thread_call<Result>> call) {
    co_await thread_call_awaiter(*call.get());
    if constexpr (!std::is_void_v<Result>) co_return call->take();
}

}  // namespace fermata::inline v0::detail
