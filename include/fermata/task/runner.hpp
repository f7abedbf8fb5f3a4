#pragma once

/// \file
/// Python's `asyncio.Runner`.

#include <fermata/loop/event_loop.hpp>
#include <fermata/task/detail/run_loop.hpp>
#include <fermata/task/task_handle.hpp>

#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

struct run_options {
    bool virtual_time = false;  // time jumps to the next deadline when nothing is ready
    bool debug = false;
    // A random schedule (make_seeded_schedule) instead of FIFO: to find, or to replay, what only some orders bring about.
    std::optional<std::uint64_t> seed = {};
    // Is told what the tasks do (fermata/trace.hpp), until the loop is closed. It must live as long.
    trace::instrument* instrument = nullptr;
};

/// Python's `asyncio.Runner`: one loop for any number of calls of run(). What they leave behind – tasks, timers, the
/// virtual time, what main has set context variables to – is there for the next one. The loop is made when it is first
/// needed, and what context variables have then is what the first main finds. To be used by one thread.
class runner {
public:
    explicit runner(const run_options& options = {}) : options_(options) {}
    /// close(); ends the program if the loop is running.
    ~runner();
    runner(const runner&) = delete;
    runner& operator=(const runner&) = delete;

    /// Runs the loop until main has ended. Gives what it returns, raises what it raises. Raises runtime_error
    /// "Runner.run() cannot be called from a running event loop", "Runner is closed", or, where somebody calls the loop's
    /// stop(), "Event loop stopped before Future completed.": main is then left as it is, for the next run() or close(). So it
    /// is where a task or a callback raises keyboard_interrupt, which run() then raises.
    ///
    /// ctrl-C, where SIGINT has its default effect and this is the main thread: the first SIGINT cancels main, in the loop's
    /// next turn, and run() raises keyboard_interrupt when main has ended of it (what main raises instead is raised; what it
    /// returns, having caught it, is returned). The second makes run() raise it without waiting for main. A third, meanwhile
    /// or while close() cleans up, has its default effect: so a program that is stuck in a callback, where CPython raises
    /// KeyboardInterrupt in the middle, can be ended by ctrl-C too.
    template <class T>
    T run(task<T> main);

    /// Its loop. Raises runtime_error "Runner is closed".
    event_loop& get_loop();

    /// Cancels the tasks that are left, and waits for them; closes the async generators that are left; waits for the
    /// threads of to_thread, serving them meanwhile; then closes the loop. What they raise goes to the loop's exception
    /// handler, as "unhandled exception during fermata::run() shutdown". Idempotent; nothing if there is no loop. Raises
    /// runtime_error "Cannot close a running event loop".
    void close();

private:
    void begin();
    void run_until_complete(detail::task_core& main);

    run_options options_;
    std::optional<detail::run_loop> loop_;
    detail::shared<detail::context_values> values_;  // of context variables: all mains have one context
    bool closed_ = false;
};

// Implementation

template <class T>
T runner::run(task<T> main) {
    begin();
    auto handle = detail::task_access::spawn(loop_->loop(), std::move(main), {});
    run_until_complete(detail::task_access::core_of(handle));
    return static_cast<T>(static_cast<std::add_rvalue_reference_t<T>>(handle.result()));
}

}  // namespace fermata::inline v0
