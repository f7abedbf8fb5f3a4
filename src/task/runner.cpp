#include <fermata/task/runner.hpp>

#include <memory>
#include <string>
#include <vector>

namespace fermata {

namespace {

loop_options options_of(const run_options& options) {
    loop_options made;
    if (options.virtual_time) made.clock = std::make_unique<virtual_clock>();
    made.debug = options.debug;
    return made;
}

class stopper final : public detail::callback {
public:
    explicit stopper(event_loop& loop) noexcept : loop_(loop) {}
    void run() override { loop_.stop(); }
    std::string describe() const override { return "<stop>"; }

private:
    event_loop& loop_;
};

}  // namespace

runner::~runner() {
    try {
        close();
    } catch (...) {
        loop_->call_exception_handler({"unhandled exception as a runner was closed", std::current_exception(), ""});
    }
}

event_loop& runner::get_loop() {
    if (closed_) throw runtime_error("Runner is closed");
    if (!loop_) loop_.emplace(options_of(options_));
    return *loop_;
}

void runner::begin() {
    if (current_loop_or_null()) throw runtime_error("Runner.run() cannot be called from a running event loop");
    get_loop();
}

void runner::run_until_complete(detail::future_state& future) {
    stopper stop(*loop_);
    future.add_done_callback(stop);
    loop_->run_forever();
    if (!future.done()) throw runtime_error("Event loop stopped before Future completed.");
}

// However often it is stopped.
void runner::run_until_done(detail::future_state& future) {
    stopper stop(*loop_);
    future.add_done_callback(stop);
    do {
        loop_->run_forever();
    } while (!future.done());
}

void runner::close() {
    if (!loop_ || closed_) return;
    if (loop_->is_running()) throw runtime_error("Cannot close a running event loop");
    closed_ = true;
    struct closing {
        event_loop& loop;
        ~closing() { loop.close(); }
    } const at_the_end{*loop_};
    cancel_all_tasks();
    loop_->shut_down_extensions();
    cancel_all_tasks();  // those that threads have started meanwhile
}

void runner::cancel_all_tasks() {
    std::vector<any_task> left;
    detail::loop_tasks::of(*loop_).pending().for_each([&](detail::task_entry& each) {
        left.push_back(detail::task_access::any(static_cast<detail::task_core&>(each)));
    });
    for (any_task& each : left) each.cancel();
    for (any_task& each : left) {
        if (!each.done()) run_until_done(detail::task_access::core_of(each));
        if (each.cancelled()) continue;
        if (std::exception_ptr raised = each.exception()) {
            loop_->call_exception_handler({"unhandled exception during fermata::run() shutdown", raised, each.name()});
        }
    }
}

}  // namespace fermata
