#include <fermata/task/runner.hpp>

#include <memory>
#include <utility>

namespace fermata {

namespace {

loop_options options_of(const run_options& options) {
    loop_options made;
    if (options.virtual_time) made.clock = std::make_unique<virtual_clock>();
    made.debug = options.debug;
    if (options.seed) made.schedule = make_seeded_schedule(*options.seed);
    return made;
}

}  // namespace

runner::~runner() { close(); }

event_loop& runner::get_loop() {
    if (closed_) throw runtime_error("Runner is closed");
    if (!loop_) loop_.emplace(options_of(options_));
    return loop_->loop();
}

void runner::begin() {
    if (current_loop_or_null()) throw runtime_error("Runner.run() cannot be called from a running event loop");
    get_loop();
}

void runner::run_until_complete(detail::future_state& future) {
    loop_->run_until_done(future);
    if (!future.done()) throw runtime_error("Event loop stopped before Future completed.");
}

void runner::close() {
    if (!loop_ || closed_) return;
    if (loop_->loop().is_running()) throw runtime_error("Cannot close a running event loop");
    closed_ = true;
    loop_->wind_up();
}

}  // namespace fermata
