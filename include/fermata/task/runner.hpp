#pragma once

/// \file
/// Python's `asyncio.Runner`.

#include <fermata/loop/event_loop.hpp>
#include <fermata/task/task_handle.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace fermata {

struct run_options {
    bool virtual_time = false;  // time jumps to the next deadline when nothing is ready
    bool debug = false;
};

/// Python's `asyncio.Runner`: one loop for any number of calls of run(). What they leave behind – tasks, timers, the
/// virtual time – is there for the next one. The loop is made when it is first needed. To be used by one thread.
class runner {
public:
    explicit runner(const run_options& options = {}) : options_(options) {}
    /// close(); what that raises goes to the loop's exception handler.
    ~runner();
    runner(const runner&) = delete;
    runner& operator=(const runner&) = delete;

    /// Runs the loop until main has ended. Gives what it returns, raises what it raises. Raises runtime_error
    /// "Runner.run() cannot be called from a running event loop", "Runner is closed", or, where somebody calls the loop's
    /// stop(), "Event loop stopped before Future completed.": main is then left as it is, for the next run() or close().
    template <class T>
    T run(task<T> main);

    /// Its loop. Raises runtime_error "Runner is closed".
    event_loop& get_loop();

    /// Cancels the tasks that are left, waits for them, and tells the loop's exception handler what they raise; then waits
    /// for the threads of to_thread, serving them meanwhile; then closes the loop. Idempotent; nothing if there is no loop.
    /// Raises deadlock_error if a task that is left waits for what cannot come; the loop is closed all the same.
    void close();

private:
    void begin();
    void run_until_complete(detail::future_state& future);
    void run_until_done(detail::future_state& future);
    void cancel_all_tasks();

    run_options options_;
    std::optional<event_loop> loop_;
    bool closed_ = false;
};

// Implementation

template <class T>
T runner::run(task<T> main) {
    begin();
    auto handle = detail::task_access::spawn(*loop_, std::move(main), {});
    run_until_complete(detail::task_access::core_of(handle));
    return static_cast<T>(static_cast<std::add_rvalue_reference_t<T>>(handle.result()));
}

}  // namespace fermata
