#pragma once

/// \file
/// Python's `asyncio.run`.

#include <fermata/loop/event_loop.hpp>
#include <fermata/task/task_handle.hpp>

#include <utility>

namespace fermata {

struct run_options {
    bool virtual_time = false;  // time jumps to the next deadline when nothing is ready
    bool debug = false;
};

namespace detail {

/// The loop of a run(): made, driven until a task is done, and wound up.
class run_loop {
public:
    explicit run_loop(const run_options& options);
    /// Cancels the tasks that are left, waits for them, closes the async generators that are left, and reports what they
    /// raise.
    ~run_loop();
    run_loop(const run_loop&) = delete;
    run_loop& operator=(const run_loop&) = delete;

    event_loop& loop() noexcept { return loop_; }
    void run_until_done(future_state& future);

private:
    void cancel_all_tasks() noexcept;
    bool close_generators() noexcept;
    event_loop loop_;
};

}  // namespace detail

/// Python's `asyncio.run(main)`: runs a new loop until main has ended, then cancels what is left and waits for it, and
/// closes the async generators that are left. Gives what main returns, raises what it raises. Raises runtime_error "fermata::run() cannot be called from a running event
/// loop".
template <class T>
T run(task<T> main, const run_options& options = {}) {
    detail::run_loop runner(options);
    auto handle = detail::task_access::spawn(runner.loop(), std::move(main), {});
    runner.run_until_done(detail::task_access::core_of(handle));
    return static_cast<T>(static_cast<std::add_rvalue_reference_t<T>>(handle.result()));
}

}  // namespace fermata
