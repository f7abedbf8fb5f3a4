#pragma once

// The loop of a runner: driven until a task is done, and wound up at its end.

#include <fermata/loop/event_loop.hpp>
#include <fermata/task/task_handle.hpp>

#include <span>
#include <utility>
#include <vector>

namespace fermata::inline v0::detail {

class run_loop {
public:
    explicit run_loop(loop_options options) : loop_(std::move(options)) {}
    run_loop(const run_loop&) = delete;
    run_loop& operator=(const run_loop&) = delete;

    event_loop& loop() noexcept { return loop_; }

    /// Returns before that, if the loop is stopped. Raises deadlock_error, and keyboard_interrupt.
    void run_until_done(future_state& future);

    /// Cancels the tasks that are left, and what these create as they end, and waits until none is left; then closes the
    /// async generators that are left, and waits for the threads, serving them meanwhile. What goes wrong is reported to the
    /// loop's exception handler: what the tasks raise, and those that do not end although nothing can come that they could
    /// wait for. Then closes the loop.
    void wind_up() noexcept;
    /// The first part of it. False if there are some that do not end.
    bool cancel_all_tasks() noexcept;

private:
    void drive(future_state& future);
    bool close_generators() noexcept;
    std::vector<any_task> pending_tasks() noexcept;
    bool wait_for_all(std::span<const any_task> tasks) noexcept;
    void report(const any_task& ended) noexcept;

    event_loop loop_;
    bool interrupted_ = false;  // the last time it ran
};

}  // namespace fermata::inline v0::detail
