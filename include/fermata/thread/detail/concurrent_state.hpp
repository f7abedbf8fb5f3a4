#pragma once

// What a concurrent_future and the task share.

#include <fermata/base/detail/shared.hpp>
#include <fermata/loop/callback.hpp>
#include <fermata/loop/event_loop.hpp>
#include <fermata/task/task_handle.hpp>
#include <fermata/thread/detail/thread_call.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace fermata::inline v0::detail {

struct concurrent_access;

/// As a callback, it is called when the task is done.
class concurrent_state : public shared_object, private callback, private loop_guest {
public:
    explicit concurrent_state(event_loop& loop) noexcept : loop_(&loop) {}

    // From any thread.
    bool done() noexcept;
    bool cancelled() noexcept;
    bool cancel_both() noexcept;
    using limit = std::optional<std::chrono::nanoseconds>;
    void check_result(limit timeout);
    std::exception_ptr exception(limit timeout);
    /// The loop will not run the coroutine.
    void refuse() noexcept;

protected:
    // On the loop's thread.
    void follow(future_state& task) noexcept;
    virtual any_task& task() noexcept = 0;
    virtual void take_result() = 0;
    /// What the task raised is to be nobody's but this object's, when other threads get to see it.
    virtual void drop_task() noexcept = 0;

private:
    enum class status : std::uint8_t { pending, cancelled, finished };
    // A thread of to_thread that waits: on a virtual clock the loop must not wait for it meanwhile.
    struct blocked_call;
    // Asks the task to cancel, on the loop's thread.
    class canceller final : public callback {
    public:
        explicit canceller(concurrent_state& of) noexcept : of_(of) {}
        void run() override;
        void abandon() noexcept override { of_.release(); }
        std::string describe() const override { return "<cancel() of a concurrent_future>"; }

    private:
        concurrent_state& of_;
    };

    void run() override;
    void leave_loop() noexcept override;
    std::string describe() const override { return "<concurrent_future>"; }
    void take_over() noexcept;
    void settle(status as, std::exception_ptr raised) noexcept;
    void settle_locked(status as) noexcept;
    void ask_to_cancel() noexcept;
    void wait(std::unique_lock<std::mutex>& lock, limit timeout);

    std::mutex mutex_;
    std::condition_variable settled_;
    event_loop* loop_;  // null when there is nothing left to ask of it
    blocked_call* blocked_ = nullptr;
    std::exception_ptr exception_;
    canceller canceller_{*this};
    status status_ = status::pending;
    bool started_ = false;
};

template <class T>
class typed_concurrent_state final : public concurrent_state, public task_result<T> {
public:
    using concurrent_state::concurrent_state;

    void start(event_loop& loop, fermata::task<T>&& coroutine) {
        handle_ = task_access::spawn(loop, std::move(coroutine), {});
        follow(task_access::core_of(handle_));
    }

private:
    any_task& task() noexcept override { return handle_; }
    void take_result() override {
        if constexpr (std::is_void_v<T>) {
            handle_.result();
        } else {
            this->return_value(std::move(handle_.result()));
        }
    }
    void drop_task() noexcept override { handle_ = {}; }

    task_handle<T> handle_;  // of the loop's thread
};

/// What the loop calls to start the coroutine. Goes without having been called if the loop is closed.
template <class T>
class concurrent_start {
public:
    concurrent_start(shared<typed_concurrent_state<T>> state, task<T>&& coroutine) noexcept
        : state_(std::move(state)), coroutine_(std::move(coroutine)) {}
    concurrent_start(concurrent_start&&) noexcept = default;
    concurrent_start& operator=(concurrent_start&&) = delete;
    ~concurrent_start() {
        if (state_) state_->refuse();
    }

    void operator()() { std::exchange(state_, {})->start(current_loop(), std::move(coroutine_)); }

private:
    shared<typed_concurrent_state<T>> state_;
    task<T> coroutine_;
};

}  // namespace fermata::inline v0::detail
