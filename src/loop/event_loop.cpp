#include <fermata/loop/detail/poll_set.hpp>
#include <fermata/loop/detail/reporting.hpp>
#include <fermata/loop/detail/signal_watch.hpp>
#include <fermata/loop/event_loop.hpp>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <thread>
#include <utility>

namespace fermata::inline v0 {

using std::chrono::nanoseconds;

namespace {

constexpr const char* wrong_thread = "Non-thread-safe operation invoked on an event loop other than the current one";

// Without memory, as it may be that which was lacking.
void print_text_of(const std::exception_ptr& exception) noexcept {
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception& e) {
        std::fprintf(stderr, ": %s", e.what());
    } catch (const generator_exit& e) {
        std::fprintf(stderr, ": %s", e.what());
    } catch (const keyboard_interrupt& e) {
        std::fprintf(stderr, ": %s", e.what());
    } catch (...) {
        std::fputs(": an exception that is not a std::exception", stderr);
    }
}

}  // namespace

void report_error(const error_context& context) noexcept {
    std::fprintf(stderr, "%s%s%s", context.message.c_str(), context.source.empty() ? "" : " ", context.source.c_str());
    if (context.exception) print_text_of(context.exception);
    std::fputc('\n', stderr);
}

void detail::raise_no_running_loop() { throw runtime_error("no running event loop"); }

// What other threads have asked for. The flag spares the loop the mutex in the turns in which nobody has.
struct event_loop::foreign_calls {
    std::mutex mutex;
    detail::intrusive_list<detail::callback> calls;
    std::atomic<bool> any = false;
    std::atomic<std::thread::id> runs_in;
    std::atomic<int> expected_wakes = 0;
    bool closed = false;
    // For signal handlers.
    std::atomic<fermata::port*> port = nullptr;
    std::atomic<bool> interrupted = false;
};

event_loop::event_loop(loop_options options)
    : clock_(options.clock ? std::move(options.clock) : std::make_unique<real_clock>()),
      port_only_wakes_(!options.port),
      port_(options.port ? std::move(options.port) : make_idle_port()),
      schedule_(std::move(options.schedule)),
      foreign_(std::make_unique<foreign_calls>()),
      debug_(options.debug) {
    foreign_->port.store(port_.get());
    set_debug(debug_);
}

event_loop::~event_loop() {
    if (running_) {
        std::fputs("fermata: an event loop was destroyed while it was running\n", stderr);
        std::terminate();
    }
    close();
}

// Scheduling

// The loop and the handle that is given back each have a share of the call.
callback_handle event_loop::add_soon(call c) {
    check_open();
    check_thread();
    c->acquire();
    ready_.push_back(*c.get());
    return callback_handle(std::move(c));
}

callback_handle event_loop::add_at(call c, nanoseconds when) {
    check_open();
    check_thread();
    timers_.add(*c.get(), when);
    c->when_ = when;
    c->acquire();
    return callback_handle(std::move(c));
}

callback_handle event_loop::add_foreign(call c) {
    c->acquire();
    if (!schedule_threadsafe(*c.get())) {
        c->release();
        throw runtime_error("Event loop is closed");
    }
    return callback_handle(std::move(c));
}

// The loop is woken while the mutex is held: what is scheduled may be the last thing that it runs, and close() takes the
// mutex, so the port is not gone before this thread has left it.
bool event_loop::schedule_threadsafe(detail::callback& c) noexcept {
    // From the loop's own thread it has its place among the calls of call_soon, behind those of other threads.
    if (detail::running_loop == this) {
        take_foreign_calls();
        ready_.push_back(c);
        return true;
    }
    const std::lock_guard guard(foreign_->mutex);
    if (foreign_->closed) return false;
    foreign_->calls.push_back(c);
    foreign_->any.store(true, std::memory_order_release);
    port_->wake();
    return true;
}

void event_loop::expect_wake(int more) noexcept {
    foreign_->expected_wakes.fetch_add(more, std::memory_order_release);
    if (more > 0 || detail::running_loop == this) return;
    // It may be waiting for just that.
    const std::lock_guard guard(foreign_->mutex);
    if (!foreign_->closed) port_->wake();
}

// What has woken the old one is in the list of foreign calls, where each turn looks first.
void event_loop::set_port(std::unique_ptr<fermata::port> chosen) {
    if (polled_) polled_->watch(chosen->descriptor());
    const std::lock_guard guard(foreign_->mutex);
    port_.swap(chosen);
    port_only_wakes_ = false;
    foreign_->port.store(port_.get());
}

// Without the mutex, which the interrupted thread itself may have.
void event_loop::interrupt() noexcept {
    foreign_->interrupted.store(true);
    foreign_->any.store(true);
    foreign_->port.load()->wake();
}

void event_loop::unschedule(detail::callback& c) noexcept {
    if (debug_) [[unlikely]]
        require_own_thread(c);
    if (c.is_timer()) {
        timers_.remove(c);
    } else {
        c.unlink();
    }
}

nanoseconds event_loop::time_after(nanoseconds delay) const noexcept {
    const nanoseconds now = time();
    return delay > nanoseconds::max() - now ? nanoseconds::max() : now + delay;
}

// A call that another thread has just handed in may still be in their list.
void event_loop::give_up(detail::scheduled_call& c) noexcept {
    {
        const std::lock_guard guard(foreign_->mutex);
        unschedule(c);
    }
    c.abandon();
}

void event_loop::check_open() const {
    if (closed_) throw runtime_error("Event loop is closed");
}

bool event_loop::is_on_foreign_thread() const noexcept {
    const std::thread::id runs_in = foreign_->runs_in.load(std::memory_order_relaxed);
    return runs_in != std::thread::id() && runs_in != std::this_thread::get_id();
}

void event_loop::refuse_foreign_thread() const {
    if (is_on_foreign_thread()) throw runtime_error(wrong_thread);
}

// To go on would be to corrupt the list of what is ready, and the exception handler is the other thread's.
void event_loop::require_own_thread(const detail::callback& c) const noexcept {
    if (!is_on_foreign_thread()) return;
    std::fprintf(stderr, "fermata: %s: %s\n", wrong_thread, c.describe().c_str());
    std::terminate();
}

void event_loop::watch_scheduling(detail::callback& c) noexcept {
    if (debug_) require_own_thread(c);
    if (instrument_) c.tell_scheduled(*instrument_);
}

void event_loop::set_instrument(trace::instrument* chosen) noexcept {
    if (chosen == instrument_) return;
    if (chosen && chosen->loop_) chosen->loop_->set_instrument(nullptr);
    if (trace::instrument* const before = std::exchange(instrument_, nullptr)) {
        before->detached(*this);
        before->loop_ = nullptr;
    }
    instrument_ = chosen;
    set_debug(debug_);
    if (chosen) {
        chosen->loop_ = this;
        chosen->attached(*this);
    }
    for (auto& each : extensions_) {
        if (each) each->instrumented(chosen);
    }
}

// Running

void event_loop::begin_running() {
    check_open();
    if (running_) throw runtime_error("This event loop is already running");
    if (detail::running_loop) throw runtime_error("Cannot run the event loop while another loop is running");
    foreign_->runs_in.store(std::this_thread::get_id(), std::memory_order_relaxed);
    running_ = true;
    detail::running_loop = this;
}

void event_loop::end_running() noexcept {
    running_ = time_stands_ = false;
    detail::running_loop = nullptr;
    foreign_->runs_in.store(std::thread::id(), std::memory_order_relaxed);
}

void event_loop::run_forever() {
    begin_running();
    struct ending {
        event_loop& loop;
        ~ending() {
            loop.stopping_ = false;
            loop.end_running();
        }
    } const at_the_end{*this};
    do {
        turn(true);
    } while (!stopping_);
    raise_interrupt();
}

int event_loop::descriptor() {
    if (!polled_) {
        auto made = std::make_unique<detail::poll_set>();
        made->watch(port_->descriptor());
        polled_ = std::move(made);
    }
    return polled_->descriptor();
}

void event_loop::run_ready() {
    begin_running();
    struct ending {
        event_loop& loop;
        ~ending() { loop.end_running(); }
    } const at_the_end{*this};
    turn(false);
    port_->flush();
    raise_interrupt();
}

// The clock is asked in the turns in which somebody wants to know, and once.
nanoseconds event_loop::look_at_clock() const noexcept {
    now_ = clock_->now();
    time_stands_ = running_;
    return now_;
}

// Then there is nothing to wait for. A port that does I/O is asked in each turn what has come meanwhile.
bool event_loop::has_only_to_run() const noexcept {
    return port_only_wakes_ && !ready_.empty() && !foreign_->any.load(std::memory_order_relaxed);
}

void event_loop::turn(bool may_wait) {
    if (!may_wait || !has_only_to_run()) wait_for_something(may_wait);
    time_stands_ = false;
    if (!timers_.empty()) take_due_timers();
    run_batch();
}

void event_loop::wait_for_something(bool may_wait) {
    take_foreign_calls();
    if (instrument_ && ready_.empty()) [[unlikely]]
        return wait_and_tell(may_wait);
    port_->wait(how_long_to_wait(may_wait));
    take_foreign_calls();
}

FERMATA_DETAIL_COLD void event_loop::wait_and_tell(bool may_wait) {
    instrument_->loop_waits(*this);
    port_->wait(how_long_to_wait(may_wait));
    take_foreign_calls();
    time_stands_ = false;
    if (instrument_) instrument_->loop_goes_on(*this);
}

std::optional<nanoseconds> event_loop::time_to_wait() const noexcept {
    if (!ready_.empty() || stopping_ || foreign_->any.load(std::memory_order_acquire)) return nanoseconds(0);
    if (timers_.empty()) return std::nullopt;
    return std::max(nanoseconds(0), timers_.earliest_time() - clock_->now());
}

std::optional<nanoseconds> event_loop::how_long_to_wait(bool may_wait) {
    if (!may_wait || !ready_.empty()) return nanoseconds(0);
    // What threads are to hand in comes in real time: a virtual clock must not run away from it. To be asked first: a thread
    // hands in something, and then is expected no more.
    const bool expected = foreign_->expected_wakes.load(std::memory_order_acquire) > 0 || port_->expects();
    const std::optional<nanoseconds> timeout = time_to_wait();
    if (expected) return timeout;
    if (timeout && *timeout > nanoseconds(0) && clock_->skip_to(timers_.earliest_time())) return nanoseconds(0);
    if (!timeout && (debug_ || clock_->skip_to(clock_->now())) && !detail::signal_watch::may_wake(*this)) {
        std::string text = "the event loop has nothing left to run or to wait for, and was not stopped";
        for (auto& each : extensions_) {
            if (each) text += each->describe_waiting();
        }
        throw deadlock_error(text);
    }
    return timeout;
}

void event_loop::take_foreign_calls() noexcept {
    if (!foreign_->any.load(std::memory_order_relaxed)) return;
    {
        const std::lock_guard guard(foreign_->mutex);
        ready_.splice_back(foreign_->calls);
        foreign_->any.store(false);
    }
    // Asked last: a signal that comes meanwhile sets both again.
    if (foreign_->interrupted.exchange(false) && !closed_) detail::signal_watch::hear(*this);
}

void event_loop::take_due_timers() noexcept {
    const nanoseconds now = time();
    while (!timers_.empty() && timers_.earliest_time() <= now) {
        detail::callback& due = timers_.earliest();
        timers_.remove(due);
        ready_.push_back(due);
    }
}

// What is scheduled meanwhile goes to ready_, and runs in the next turn; what is cancelled meanwhile leaves the batch.
void event_loop::run_batch() noexcept {
    if (schedule_) {
        schedule_->choose(ready_, batch_);
    } else {
        batch_.splice_back(ready_);
    }
    while (!batch_.empty()) {
        try {
            do {
                detail::callback& next = batch_.pop_front();
                if (debug_) [[unlikely]] {
                    run_watched(next);
                } else {
                    next.run();
                }
            } while (!batch_.empty());
        } catch (...) {
            // Where it came from is known in debug mode only: describing each callback costs more than running it.
            report_raised("");
        }
    }
}

// What is left of the batch is what runs next.
bool event_loop::leave_with(std::exception_ptr interrupt) noexcept {
    if (!running_ || ignores_interrupts_) return false;
    if (!left_with_) left_with_ = std::move(interrupt);
    batch_.splice_back(ready_);
    ready_.splice_back(batch_);
    stopping_ = true;
    return true;
}

void event_loop::raise_interrupt() {
    if (!left_with_) return;
    stopping_ = false;
    std::rethrow_exception(std::exchange(left_with_, nullptr));
}

// Called where it is caught. A keyboard_interrupt is raised where the loop was started instead.
void event_loop::report_raised(const std::string& by) noexcept {
    const std::exception_ptr raised = std::current_exception();
    try {
        throw;
    } catch (const keyboard_interrupt&) {
        if (leave_with(raised)) return;
    } catch (...) {  // NOLINT(bugprone-empty-catch): reported below
    }
    detail::report(this, raised, [&] { return error_context{"Exception in callback", raised, by}; });
}

void event_loop::run_watched(detail::callback& c) noexcept {
    std::string description;
    try {
        description = c.describe();
    } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): then it goes without one
    }
    const auto begin = std::chrono::steady_clock::now();
    try {
        c.run();
    } catch (...) {
        report_raised(description);
    }
    const auto took = std::chrono::steady_clock::now() - begin;
    if (took < slow_callback_duration) return;
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.3f", std::chrono::duration<double>(took).count());
    detail::report(this, nullptr, [&] {
        return error_context{"Executing " + description + " took " + seconds + " seconds", nullptr, description};
    });
}

void event_loop::close() {
    if (running_) throw runtime_error("Cannot close a running event loop");
    closed_ = true;
    {
        const std::lock_guard guard(foreign_->mutex);
        foreign_->closed = true;
    }
    for (auto& each : extensions_) {
        if (each) each->close();
    }
    take_foreign_calls();
    set_instrument(nullptr);
    take_all_timers();
    // A call that is forgotten may, as its function is destroyed, cancel others: one at a time.
    while (!ready_.empty()) ready_.pop_front().abandon();
}

void event_loop::shut_down_extensions() {
    for (auto& each : extensions_) {
        if (each) each->shut_down();
    }
}

void event_loop::take_all_timers() noexcept {
    while (!timers_.empty()) {
        detail::callback& next = timers_.earliest();
        timers_.remove(next);
        ready_.push_back(next);
    }
}

// Errors

void event_loop::set_handler(detail::shared<handler_base> chosen) noexcept { handler_ = std::move(chosen); }

void event_loop::reset_exception_handler() noexcept { handler_ = {}; }

void event_loop::call_exception_handler(const error_context& context) noexcept {
    const detail::shared<handler_base> chosen = handler_;
    if (!chosen) return report_error(context);
    try {
        chosen->handle(*this, context);
    } catch (const keyboard_interrupt&) {
        if (!leave_with(std::current_exception())) report_error(context);
    } catch (...) {
        const std::exception_ptr raised = std::current_exception();
        detail::report(nullptr, raised,
                       [&] { return error_context{"Unhandled error in exception handler", raised, ""}; });
        report_error(context);
    }
}

}  // namespace fermata::inline v0
