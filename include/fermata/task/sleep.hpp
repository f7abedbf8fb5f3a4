#pragma once

/// \file
/// Python's `asyncio.sleep`.

#include <fermata/task/cancellation.hpp>
#include <fermata/task/detail/task_core.hpp>

#include <chrono>
#include <coroutine>
#include <string>

namespace fermata {

namespace detail {

// A timer that stands in the frame of the one who sleeps: no allocation.
class sleep_awaiter final : public timer, public awaited {
public:
    sleep_awaiter(std::chrono::nanoseconds until, bool absolute) noexcept : until_(until), absolute_(absolute) {}
    ~sleep_awaiter() override { withdraw(); }

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> sleeping) {
        begin(sleeping.promise());
    }
    void await_resume() {
        task_->check_cancelled();
        if (cancelled_) throw cancelled_error();
    }

    void run() override;
    std::string describe() const override;
    bool cancel() noexcept override;

private:
    void begin(task_frame& frame);
    void withdraw() noexcept;

    std::chrono::nanoseconds until_;
    task_core* task_ = nullptr;
    bool absolute_;
    bool over_ = false;
    bool cancelled_ = false;
};

}  // namespace detail

/// Python's `asyncio.sleep(delay)`: `co_await sleep(20ms)`. A delay of zero or less gives way for exactly one turn of the
/// loop. Raises runtime_error "no running event loop" outside of a task.
inline detail::sleep_awaiter sleep(std::chrono::nanoseconds delay) noexcept { return {delay, false}; }

/// Until a time of the loop's clock (event_loop::time). One that has passed gives way for one turn.
inline detail::sleep_awaiter sleep_until(std::chrono::nanoseconds when) noexcept { return {when, true}; }

}  // namespace fermata
