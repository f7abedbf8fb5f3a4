#pragma once

/// \file
/// Python's `asyncio.sleep`.

#include <fermata/task/cancellation.hpp>
#include <fermata/task/detail/delay.hpp>
#include <fermata/task/detail/task_core.hpp>

#include <chrono>

namespace fermata::inline v0 {

namespace detail {

/// The running task. Raises runtime_error "no running event loop" where there is none.
inline task_core& task_that_sleeps() {
    if (!current_step.task) [[unlikely]]
        raise_no_running_loop();
    return *current_step.task;
}

// The task itself is the timer. So a sleep takes nothing but its time in the frame, and allocates nothing.
template <bool Absolute>
class sleep_awaiter {
public:
    explicit sleep_awaiter(std::chrono::nanoseconds time) noexcept : time_(time) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(suspension here) const {
        task_core& task = task_that_sleeps();
        if constexpr (!Absolute) {
            if (time_ <= std::chrono::nanoseconds(0)) return task.give_way(here.frame());
        }
        task.sleep_until(here.frame(), Absolute ? time_ : task.loop().time_after(time_));
    }
    // Inline: a frame more to unwind makes a cancellation a quarter slower.
    FERMATA_DETAIL_INLINE void await_resume() const { current_step.task->check_cancelled(); }

private:
    std::chrono::nanoseconds time_;
};

}  // namespace detail

/// Python's `asyncio.sleep(delay)`: `co_await sleep(20ms)`. A delay of zero or less gives way for exactly one turn of the
/// loop; one that ends beyond the end of time does not end. Raises value_error "Invalid delay: NaN (not a number)" for one
/// in floating point that is none, runtime_error "no running event loop" outside of a task.
template <class Rep, class Period>
detail::sleep_awaiter<false> sleep(const std::chrono::duration<Rep, Period>& delay) {
    return detail::sleep_awaiter<false>(detail::to_nanoseconds(delay));
}

/// Until a time of the loop's clock (event_loop::time). One that has passed gives way for one turn.
inline detail::sleep_awaiter<true> sleep_until(const std::chrono::nanoseconds& when) noexcept {
    return detail::sleep_awaiter<true>(when);
}

}  // namespace fermata::inline v0
