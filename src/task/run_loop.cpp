#include <fermata/task/detail/async_frame.hpp>
#include <fermata/task/detail/run_loop.hpp>

#include <exception>
#include <string>

namespace fermata::inline v0::detail {

namespace {

class stopper final : public callback {
public:
    explicit stopper(event_loop& loop) noexcept : loop_(loop) {}
    void run() override { loop_.stop(); }
    std::string describe() const override { return "<stop>"; }

private:
    event_loop& loop_;
};

}  // namespace

void run_loop::run_until_done(future_state& future) {
    if (future.done()) return;
    stopper stop(loop_);
    future.add_done_callback(stop);
    loop_.run_forever();
}

void run_loop::wind_up() noexcept {
    bool all_ended = cancel_all_tasks();
    if (close_generators() && all_ended) all_ended = cancel_all_tasks();
    try {
        loop_.shut_down_extensions();
    } catch (...) {
        loop_.call_exception_handler(
            {"unhandled exception during fermata::run() shutdown", std::current_exception(), ""});
    }
    if (all_ended) cancel_all_tasks();  // those that threads have started meanwhile
    loop_.close();
}

// Whoever calls stop() meanwhile stops nothing. False: they wait for what cannot come.
bool run_loop::wait_for_all(const std::vector<any_task>& tasks) noexcept {
    try {
        for (const any_task& each : tasks) {
            while (!each.done()) run_until_done(task_access::core_of(each));
        }
        return true;
    } catch (const deadlock_error&) {
        return false;
    }
}

void run_loop::report(const any_task& ended) noexcept {
    const std::string source = task_access::core_of(ended).describe();
    if (!ended.done()) {
        loop_.call_exception_handler({"a task did not end when fermata::run() cancelled it", nullptr, source});
    } else if (!ended.cancelled()) {
        if (std::exception_ptr raised = ended.exception()) {
            loop_.call_exception_handler({"unhandled exception during fermata::run() shutdown", raised, source});
        }
    }
}

// False: some do not end, and have been reported.
bool run_loop::cancel_all_tasks() noexcept {
    auto& pending = loop_tasks::of(loop_).pending();
    bool all_ended = true;
    while (all_ended && !pending.empty()) {
        std::vector<any_task> left;
        pending.for_each([&](task_entry& each) { left.push_back(task_access::any(static_cast<task_core&>(each))); });
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
        const any_task closing = close_next_generator(loop_);
        if (!closing && generators.abandoned == 0) return true;
        try {
            if (closing) {
                run_until_done(task_access::core_of(closing));
            } else {
                generators.stop_when_closed = true;
                loop_.run_forever();
                generators.stop_when_closed = false;
            }
        } catch (const deadlock_error&) {
            loop_.call_exception_handler({"an asynchronous generator did not end when fermata::run() closed it",
                                          std::current_exception(), "<async_generator>"});
            return true;
        }
        if (!closing || closing.cancelled()) continue;
        if (std::exception_ptr raised = closing.exception()) {
            loop_.call_exception_handler(
                {"an error occurred during closing of asynchronous generator <async_generator>", raised, ""});
        }
    }
}

}  // namespace fermata::inline v0::detail
