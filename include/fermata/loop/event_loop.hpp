#pragma once

/// \file
/// Python's event loop: it runs callbacks, in order, on one thread, and knows nothing of tasks.

#include <fermata/base/config.hpp>
#include <fermata/base/errors.hpp>
#include <fermata/loop/callback.hpp>
#include <fermata/loop/clock.hpp>
#include <fermata/loop/instrument.hpp>
#include <fermata/loop/port.hpp>
#include <fermata/loop/schedule.hpp>
#include <fermata/loop/timer_queue.hpp>

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <string>

namespace fermata::inline v0 {

namespace detail {
class poll_set;
}

/// A loop has nothing left to wait for, and was not told to stop.
class deadlock_error : public runtime_error {
public:
    using runtime_error::runtime_error;
};

/// What an exception handler is given: Python's context dict.
struct error_context {
    std::string message;
    std::exception_ptr exception;  // null where there is none
    std::string source;            // what raised it, in debug mode: "<callback at main.cpp:12>"
};

/// What the default exception handler does: writes it to standard error.
void report_error(const error_context& context) noexcept;

/// What a layer above keeps with a loop.
class loop_extension {
public:
    loop_extension() = default;
    loop_extension(const loop_extension&) = delete;
    loop_extension& operator=(const loop_extension&) = delete;
    virtual ~loop_extension() = default;

    /// Called by a runner that is about to close the loop, which is open and not running: waits for what is under way.
    virtual void shut_down() {}
    /// Told when the loop is closed, before what it has scheduled is forgotten.
    virtual void close() noexcept = 0;
    /// For deadlock_error: what is waiting, and where.
    virtual std::string describe_waiting() { return ""; }
    /// The loop has been given an instrument; null: it was taken from it.
    virtual void instrumented(trace::instrument*) noexcept {}
};

/// Whose extension it is. A runner shuts them down in this order; they are destroyed in the opposite one.
enum class extension_slot : unsigned char { tasks, generators, threads, children, signals };

struct loop_options {
    std::unique_ptr<fermata::clock> clock = {};        // none: a real_clock
    std::unique_ptr<fermata::port> port = {};          // none: the idle port
    std::unique_ptr<fermata::schedule> schedule = {};  // none: FIFO
    bool debug = false;
};

/// Python's `asyncio.AbstractEventLoop`, without its I/O. A turn of the loop waits (on its port) until something is ready
/// or due, moves the timers that are due behind what is ready, and runs that batch; what is scheduled meanwhile runs in
/// the next. Order: FIFO; timers by deadline, then by creation (CPython's heap leaves that to chance).
///
/// Time is the clock's, in nanoseconds since it was made. Once it has been asked for in a turn, it stands still to its end.
///
/// Thread-safety: call_soon_threadsafe, and nothing else. In debug mode a call from another thread than the one that runs
/// the loop raises runtime_error "Non-thread-safe operation invoked on an event loop other than the current one"; what
/// cannot raise (to set an event, to release a mutex) ends the program with these words, before anything is corrupted.
/// On a closed loop all that schedules raises runtime_error "Event loop is closed".
class event_loop {
public:
    explicit event_loop(loop_options options = {});
    /// Closes the loop. It must not be running.
    ~event_loop();
    event_loop(const event_loop&) = delete;
    event_loop& operator=(const event_loop&) = delete;

    /// `loop.call_soon(f)`: f runs in the next turn. f is any callable, may be move-only, and is destroyed when it has run
    /// or is cancelled. What it raises goes to the exception handler, but for keyboard_interrupt, which leaves the loop.
    template <std::invocable Function>
    callback_handle call_soon(Function f, std::source_location at = std::source_location::current());

    /// `loop.call_later(delay, f)` and `loop.call_at(when, f)`. A delay of zero or less: the next turn, behind what is
    /// ready by then.
    template <std::invocable Function>
    callback_handle call_later(std::chrono::nanoseconds delay, Function f,
                               std::source_location at = std::source_location::current());
    template <std::invocable Function>
    callback_handle call_at(std::chrono::nanoseconds when, Function f,
                            std::source_location at = std::source_location::current());

    /// `loop.call_soon_threadsafe(f)`: from any thread; wakes the loop. The calls of one thread keep their order. The loop
    /// must live until the call has returned, or until f runs.
    template <std::invocable Function>
    callback_handle call_soon_threadsafe(Function f, std::source_location at = std::source_location::current());

    /// `loop.run_forever()`: until stop() is called. Raises runtime_error "This event loop is already running", or "Cannot
    /// run the event loop while another loop is running"; and deadlock_error where nothing is ready or due and nothing can
    /// come: on a virtual clock, and in debug mode on a real one. A keyboard_interrupt that a callback raises, or that a Task
    /// ends with, is raised here at once; what was to run after it stays ready, for the next time.
    void run_forever();
    /// `loop.stop()`: run_forever returns at the end of this turn (or of its first, if it is not running).
    void stop() noexcept { stopping_ = true; }
    bool is_running() const noexcept { return running_; }

    /// `loop.close()`: forgets what is scheduled. Idempotent. Raises runtime_error "Cannot close a running event loop".
    void close();
    bool is_closed() const noexcept { return closed_; }

    std::chrono::nanoseconds time() const noexcept { return time_stands_ ? now_ : look_at_clock(); }

    /// Where it waits. The first I/O gives it another one.
    fermata::port& port() const noexcept { return *port_; }
    /// On the loop's thread, not while it waits. Raises what that port's descriptor() does, if a foreign loop polls.
    void set_port(std::unique_ptr<fermata::port> chosen);

    /// Being driven by a foreign loop: when descriptor() is readable, or after time_to_wait() (zero: at once; none: when
    /// the descriptor says so), call run_ready(), which runs one turn and waits for nothing. The descriptor is the loop's and
    /// stays the same. Ask for it before the loop first does I/O: io_uring is used in another way then, and afterwards
    /// this raises runtime_error. Raises std::system_error where there is no descriptor to be had.
    int descriptor();
    bool is_polled() const noexcept { return polled_ != nullptr; }
    std::optional<std::chrono::nanoseconds> time_to_wait() const noexcept;
    void run_ready();

    /// `loop.set_exception_handler(f)`: f(event_loop&, const error_context&). What it raises is reported by the default
    /// handler, which writes to standard error.
    template <std::invocable<event_loop&, const error_context&> Handler>
    void set_exception_handler(Handler handler);
    void reset_exception_handler() noexcept;
    void call_exception_handler(const error_context& context) noexcept;

    /// Debug mode also reports callbacks that take longer than slow_callback_duration, through the exception handler:
    /// "Executing <callback at file:line> took 0.120 seconds".
    bool debug() const noexcept { return debug_; }
    void set_debug(bool debug) noexcept {
        debug_ = debug;
        is_watched_ = debug_ || instrument_;
    }
    std::chrono::nanoseconds slow_callback_duration = std::chrono::milliseconds(100);

    /// Who is told what the tasks do, or null: see loop/instrument.hpp. It leaves the loop that it was of.
    trace::instrument* instrument() const noexcept { return instrument_; }
    void set_instrument(trace::instrument* chosen) noexcept;

    /// For the layers above, which carry their own callbacks: schedules one that is in no list, without allocating.
    void schedule(detail::callback& c) noexcept {
        if (is_watched_) [[unlikely]]
            watch_scheduling(c);
        ready_.push_back(c);
    }
    /// The same with all that are in a list, in their order.
    void schedule_all(detail::intrusive_list<detail::callback>& from) noexcept {
        if (from.empty()) return;
        if (is_watched_) [[unlikely]]
            from.for_each([this](detail::callback& c) { watch_scheduling(c); });
        ready_.splice_back(from);
    }
    void schedule_at(detail::callback& c, std::chrono::nanoseconds when) { timers_.add(c, when); }
    /// Takes it back, wherever it stands.
    void unschedule(detail::callback& c) noexcept;
    /// time() + delay; the end of time, where that is beyond it.
    std::chrono::nanoseconds time_after(std::chrono::nanoseconds delay) const noexcept;
    /// From any thread; wakes the loop. False if it is closed, and then c is not taken.
    bool schedule_threadsafe(detail::callback& c) noexcept;
    /// For those who are about to change what the loop will run, and may raise: in debug mode, on another thread than the
    /// loop's, raises runtime_error as call_soon does.
    void check_thread() const {
        if (debug_) [[unlikely]]
            refuse_foreign_thread();
    }
    /// Something outside (a thread) will call call_soon_threadsafe: the loop is not deadlocked meanwhile, and virtual time
    /// stands still. From any thread.
    void expect_wake(int more) noexcept;
    /// For a signal handler on the loop's thread (see loop/detail/signal_watch.hpp): the loop asks what has come.
    void interrupt() noexcept;
    std::unique_ptr<loop_extension>& extension(extension_slot of = extension_slot::tasks) noexcept {
        return extensions_[static_cast<std::size_t>(of)];
    }
    void shut_down_extensions();
    /// Where a keyboard_interrupt is caught: it is raised by run_forever() or run_ready(), when the callback that runs now has
    /// returned. False if none runs, or it is to be ignored.
    bool leave_with(std::exception_ptr interrupt) noexcept;
    /// For a loop that winds up: from now on a keyboard_interrupt is an error as any other.
    void ignore_interrupts() noexcept { ignores_interrupts_ = true; }

private:
    struct foreign_calls;
    class handler_base;
    template <class Handler>
    class handler;
    friend class callback_handle;

    friend class detail::scheduled_call;

    using call = detail::shared<detail::scheduled_call>;
    callback_handle add_soon(call c);
    callback_handle add_at(call c, std::chrono::nanoseconds when);
    callback_handle add_foreign(call c);
    void give_up(detail::scheduled_call& c) noexcept;
    void set_handler(detail::shared<handler_base> chosen) noexcept;

    void check_open() const;
    bool is_on_foreign_thread() const noexcept;
    void refuse_foreign_thread() const;
    void require_own_thread(const detail::callback& c) const noexcept;
    void watch_scheduling(detail::callback& c) noexcept;
    void begin_running();
    void end_running() noexcept;
    std::chrono::nanoseconds look_at_clock() const noexcept;
    bool has_only_to_run() const noexcept;
    void turn(bool may_wait);
    void wait_for_something(bool may_wait);
    void wait_and_tell(bool may_wait);
    std::optional<std::chrono::nanoseconds> how_long_to_wait(bool may_wait);
    void take_foreign_calls() noexcept;
    void take_due_timers() noexcept;
    void take_all_timers() noexcept;
    void run_batch() noexcept;
    void report_raised(const std::string& by) noexcept;
    void run_watched(detail::callback& c) noexcept;
    void raise_interrupt();

    std::unique_ptr<fermata::clock> clock_;
    bool port_only_wakes_;  // it does no I/O
    std::unique_ptr<fermata::port> port_;
    std::unique_ptr<detail::poll_set> polled_;
    std::unique_ptr<fermata::schedule> schedule_;
    detail::intrusive_list<detail::callback> ready_;
    detail::intrusive_list<detail::callback> batch_;
    detail::timer_queue timers_;
    mutable std::chrono::nanoseconds now_{0};  // of this turn, once somebody has asked for it
    mutable bool time_stands_ = false;
    std::unique_ptr<foreign_calls> foreign_;
    detail::shared<handler_base> handler_;
    std::array<std::unique_ptr<loop_extension>, 5> extensions_;
    bool running_ = false;
    bool stopping_ = false;
    bool closed_ = false;
    bool debug_ = false;
    bool is_watched_ = false;  // debug mode, or an instrument
    bool ignores_interrupts_ = false;
    trace::instrument* instrument_ = nullptr;
    std::exception_ptr left_with_;
};

namespace detail {
FERMATA_DETAIL_NEAR inline constinit thread_local event_loop* running_loop = nullptr;
[[noreturn]] void raise_no_running_loop();
}  // namespace detail

/// `asyncio.get_running_loop()`: the loop that this thread is running. Raises runtime_error "no running event loop".
inline event_loop& current_loop() {
    if (!detail::running_loop) [[unlikely]]
        detail::raise_no_running_loop();
    return *detail::running_loop;
}
/// The same, or null.
inline event_loop* current_loop_or_null() noexcept { return detail::running_loop; }

}  // namespace fermata::inline v0

#include <fermata/loop/detail/event_loop.hpp>
