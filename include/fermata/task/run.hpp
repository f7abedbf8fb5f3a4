#pragma once

/// \file
/// Python's `asyncio.run`.

#include <fermata/loop/event_loop.hpp>
#include <fermata/task/task_handle.hpp>

#include <cstdint>
#include <optional>
#include <utility>

namespace fermata {

struct run_options {
    bool virtual_time = false;  // time jumps to the next deadline when nothing is ready
    bool debug = false;
    // A random schedule (make_seeded_schedule) instead of FIFO: to find, or to replay, what only some orders bring about.
    std::optional<std::uint64_t> seed = {};
};

namespace detail {

/// The loop of a run(): made, driven until a task is done, and wound up.
class run_loop {
public:
    explicit run_loop(const run_options& options);
    explicit run_loop(loop_options options) : loop_(std::move(options)) {}
    /// Cancels the tasks that are left, and closes the loop.
    ~run_loop();
    run_loop(const run_loop&) = delete;
    run_loop& operator=(const run_loop&) = delete;

    event_loop& loop() noexcept { return loop_; }
    /// Returns before that, if the loop is stopped. Raises deadlock_error.
    void run_until_done(future_state& future);
    /// Cancels the tasks that are left, waits for them, and reports what they raise, and those that do not end.
    void cancel_all_tasks() noexcept;

private:
    event_loop loop_;
};

}  // namespace detail

/// Python's `asyncio.run(main)`: runs a new loop until main has ended, then cancels what is left and waits for it. Gives
/// what main returns, raises what it raises. Raises runtime_error "fermata::run() cannot be called from a running event
/// loop".
template <class T>
T run(task<T> main, const run_options& options = {}) {
    detail::run_loop runner(options);
    auto handle = detail::task_access::spawn(runner.loop(), std::move(main), {});
    runner.run_until_done(detail::task_access::core_of(handle));
    return static_cast<T>(static_cast<std::add_rvalue_reference_t<T>>(handle.result()));
}

}  // namespace fermata
