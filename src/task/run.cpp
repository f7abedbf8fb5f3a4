#include <fermata/task/run.hpp>

#include <memory>
#include <vector>

namespace fermata::detail {

namespace {

loop_options options_of(const run_options& options) {
    if (current_loop_or_null()) throw runtime_error("fermata::run() cannot be called from a running event loop");
    loop_options made;
    if (options.virtual_time) made.clock = std::make_unique<virtual_clock>();
    made.debug = options.debug;
    if (options.seed) made.schedule = make_seeded_schedule(*options.seed);
    return made;
}

class stopper final : public callback {
public:
    explicit stopper(event_loop& loop) noexcept : loop_(loop) {}
    void run() override { loop_.stop(); }
    std::string describe() const override { return "<stop>"; }

private:
    event_loop& loop_;
};

}  // namespace

run_loop::run_loop(const run_options& options) : loop_(options_of(options)) {}

run_loop::~run_loop() {
    cancel_all_tasks();
    loop_.close();
}

void run_loop::run_until_done(future_state& future) {
    stopper stop(loop_);
    future.add_done_callback(stop);
    loop_.run_forever();
}

void run_loop::cancel_all_tasks() noexcept {
    std::vector<any_task> left;
    loop_tasks::of(loop_).pending().for_each(
        [&](task_entry& each) { left.push_back(task_access::any(static_cast<task_core&>(each))); });
    for (any_task& each : left) each.cancel();
    for (any_task& each : left) {
        try {
            if (!each.done()) run_until_done(task_access::core_of(each));
        } catch (const deadlock_error&) {
        }
        if (!each.done()) {
            loop_.call_exception_handler({"a task did not end when fermata::run() cancelled it", nullptr, each.name()});
            continue;
        }
        if (each.cancelled()) continue;
        if (std::exception_ptr raised = each.exception()) {
            loop_.call_exception_handler({"unhandled exception during fermata::run() shutdown", raised, each.name()});
        }
    }
}

}  // namespace fermata::detail
