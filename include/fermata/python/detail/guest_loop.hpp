#pragma once

// A fermata loop that asyncio's drives: its guest. There is one for each asyncio loop that awaits C++ tasks.

#include <fermata/loop/event_loop.hpp>
#include <fermata/python/errors.hpp>
#include <fermata/task/task.hpp>

#include <chrono>
#include <memory>

namespace fermata::inline v0::python::detail {

/// With the GIL, on the loop's thread. asyncio waits, and it does that without the GIL: for the guest's descriptor, and for
/// its next deadline. The guest's turns are calls of asyncio's.
class guest_loop : public std::enable_shared_from_this<guest_loop> {
public:
    /// The guest of the asyncio loop that runs; made where there is none yet. Raises RuntimeError "no running event loop".
    static std::shared_ptr<guest_loop> of_running_asyncio();
    /// The guest that is the current loop. Raises runtime_error if that is nobody's guest.
    static std::shared_ptr<guest_loop> of_current_loop();

    explicit guest_loop(const py::object& host);
    guest_loop(const guest_loop&) = delete;
    guest_loop& operator=(const guest_loop&) = delete;

    event_loop& loop() noexcept { return loop_; }
    /// asyncio's.
    py::object host() const { return host_(); }

    /// Runs what is ready, unless it is running, and arms.
    void run();
    /// Has asyncio call run() when it is due. To be called when something has been scheduled from outside of a turn.
    void arm();

private:
    void attach();
    void arm_timer(std::chrono::nanoseconds timeout);
    task<> end_all_tasks();
    void close();

    event_loop loop_;
    py::weakref host_;
    py::object context_;   // what its calls run in: no task's
    py::object run_soon_;  // what asyncio calls
    py::object run_timer_;
    py::object soon_;  // the handle of that call, while it is to come
    py::object timer_;
    std::chrono::nanoseconds timer_due_{0};
    py::object guard_;
};

}  // namespace fermata::inline v0::python::detail
