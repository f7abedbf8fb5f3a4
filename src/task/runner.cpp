#include <fermata/loop/detail/signal_watch.hpp>
#include <fermata/task/runner.hpp>

#include <csignal>
#include <memory>
#include <utility>

namespace fermata::inline v0 {

namespace {

loop_options options_of(const run_options& options) {
    loop_options made;
    if (options.virtual_time) made.clock = std::make_unique<virtual_clock>();
    made.debug = options.debug;
    if (options.seed) made.schedule = make_seeded_schedule(*options.seed);
    return made;
}

// ctrl-C while main runs.
class interrupt_watch final : public detail::signal_watch {
public:
    explicit interrupt_watch(detail::task_core& main) noexcept : signal_watch(main.loop(), SIGINT), main_(main) {
        most_ = 2;
        is_waited_for_ = false;
        struct sigaction now{};
        const bool is_default = sigaction(SIGINT, nullptr, &now) == 0 && now.sa_handler == SIG_DFL;
        if (is_default && is_main_thread()) install();
    }

    /// Raises keyboard_interrupt, if it is due. One that has not cancelled main has come as that ended.
    void check() {
        remove();
        if (caught() == 0) return;
        const bool ends_all = caught() > 1 || !has_cancelled_;
        if (ends_all || (main_.done() && main_.cancelled() && main_.uncancel() == 0)) {
            main_.mark_seen();
            throw keyboard_interrupt();
        }
    }

private:
    void heard() noexcept override {
        if (caught() == 1 && !main_.done()) {
            has_cancelled_ = true;
            main_.cancel();
        } else {
            loop().stop();
        }
    }

    detail::task_core& main_;
    bool has_cancelled_ = false;
};

}  // namespace

runner::~runner() { close(); }

event_loop& runner::get_loop() {
    if (closed_) throw runtime_error("Runner is closed");
    if (!loop_) {
        loop_.emplace(options_of(options_));
        loop_->loop().set_instrument(options_.instrument);
        values_ = detail::current_values();
    }
    return loop_->loop();
}

void runner::begin() {
    if (current_loop_or_null()) throw runtime_error("Runner.run() cannot be called from a running event loop");
    get_loop();
}

void runner::run_until_complete(detail::task_core& main) {
    if (main.context().values().get() != values_.get()) main.set_values(values_);
    struct keeping {
        runner& of;
        detail::task_core& main;
        ~keeping() { of.values_ = main.context().values(); }
    } const values{*this, main};
    interrupt_watch ctrl_c(main);
    loop_->run_until_done(main);
    ctrl_c.check();
    if (!main.done()) throw runtime_error("Event loop stopped before Future completed.");
}

void runner::close() {
    if (!loop_ || closed_) return;
    if (loop_->loop().is_running()) throw runtime_error("Cannot close a running event loop");
    closed_ = true;
    loop_->wind_up();
}

}  // namespace fermata::inline v0
