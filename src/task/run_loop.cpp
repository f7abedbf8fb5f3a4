#include <fermata/loop/detail/reporting.hpp>
#include <fermata/task/detail/async_frame.hpp>
#include <fermata/task/detail/run_loop.hpp>

#include <exception>
#include <new>
#include <span>
#include <string>

namespace fermata::inline v0::detail {

namespace {

constexpr const char* at_shutdown = "unhandled exception during fermata::run() shutdown";

class stopper final : public callback {
public:
    explicit stopper(event_loop& loop) noexcept : loop_(loop) {}
    void run() override { loop_.stop(); }
    std::string describe() const override { return "<stop>"; }

private:
    event_loop& loop_;
};

void say(event_loop& loop, const char* what, const char* of_whom = "") noexcept {
    const std::exception_ptr raised = std::current_exception();
    report(&loop, raised, [&] { return error_context{what, raised, of_whom}; });
}

}  // namespace

void run_loop::run_until_done(future_state& future) {
    interrupted_ = false;
    try {
        drive(future);
    } catch (const keyboard_interrupt&) {
        interrupted_ = true;
        if (future.done()) future.mark_seen();
        throw;
    }
}

void run_loop::drive(future_state& future) {
    if (future.done()) return;
    stopper stop(loop_);
    future.add_done_callback(stop);
    loop_.run_forever();
}

void run_loop::wind_up() noexcept {
    loop_.ignore_interrupts();
    bool all_ended = cancel_all_tasks();
    if (close_generators() && all_ended) all_ended = cancel_all_tasks();
    try {
        loop_.shut_down_extensions();
    } catch (...) {
        say(loop_, at_shutdown);
    }
    if (all_ended) cancel_all_tasks();  // those that threads have started meanwhile
    loop_.close();
}

// Whoever calls stop() meanwhile stops nothing. False: they wait for what cannot come, or the loop itself has failed.
bool run_loop::wait_for_all(std::span<const any_task> tasks) noexcept {
    try {
        for (const any_task& each : tasks) {
            while (!each.done()) drive(task_access::core_of(each));
        }
        return true;
    } catch (const deadlock_error&) {
        return false;
    } catch (...) {
        say(loop_, at_shutdown);
        return false;
    }
}

void run_loop::report(const any_task& ended) noexcept {
    if (ended.done() && ended.cancelled()) return;
    const std::exception_ptr raised = ended.done() ? ended.exception() : nullptr;
    if (ended.done() && !raised) return;
    if (interrupted_ && is_interrupt(raised)) return;  // which is being raised
    const char* const what = ended.done() ? at_shutdown : "a task did not end when fermata::run() cancelled it";
    detail::report(&loop_, raised, [&] { return error_context{what, raised, task_access::core_of(ended).describe()}; });
}

// As many of them as there is memory for: the others come next.
std::vector<any_task> run_loop::pending_tasks() noexcept {
    std::vector<any_task> tasks;
    try {
        loop_tasks::of(loop_).pending().for_each(
            [&](task_entry& each) { tasks.push_back(task_access::any(static_cast<task_core&>(each))); });
    } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): see above
    }
    return tasks;
}

// False: some do not end, and have been reported.
bool run_loop::cancel_all_tasks() noexcept {
    auto& pending = loop_tasks::of(loop_).pending();
    bool all_ended = true;
    while (all_ended && !pending.empty()) {
        any_task first = task_access::any(static_cast<task_core&>(pending.front()));
        std::vector<any_task> all = pending_tasks();
        const std::span<any_task> left = all.empty() ? std::span<any_task>(&first, 1) : std::span<any_task>(all);
        for (any_task& each : left) each.cancel();
        all_ended = wait_for_all(left);
        for (const any_task& each : left) report(each);
    }
    return all_ended;
}

// CPython's shutdown_asyncgens, but one after the other: a generator often owns another, which goes when it is closed, and
// must not be in the middle of its own closing then.
bool run_loop::close_generators() noexcept {
    started_generators& generators = loop_tasks::of(loop_).generators();
    if (generators.left.empty() && generators.abandoned == 0) return false;
    for (;;) {
        any_task closing;
        try {
            closing = close_next_generator(loop_);
            if (!closing && generators.abandoned == 0) return true;
            if (closing) {
                drive(task_access::core_of(closing));
            } else {
                generators.stop_when_closed = true;
                loop_.run_forever();
                generators.stop_when_closed = false;
            }
        } catch (...) {
            say(loop_, "an asynchronous generator did not end when fermata::run() closed it", "<async_generator>");
            return true;
        }
        if (!closing || closing.cancelled()) continue;
        if (std::exception_ptr raised = closing.exception()) {
            detail::report(&loop_, raised, [&] {
                return error_context{"an error occurred during closing of asynchronous generator <async_generator>",
                                     raised, ""};
            });
        }
    }
}

}  // namespace fermata::inline v0::detail
