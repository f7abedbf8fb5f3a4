#include <fermata/base/detail/type_name.hpp>
#include <fermata/task/cancellation.hpp>
#include <fermata/testing/detail/trial.hpp>

#include <memory>
#include <typeinfo>
#include <utility>
#include <vector>

namespace fermata::inline v0::detail {

// Sees each turn of the loop: counts, and stops it when a limit is exceeded.
class trial::watch final : public schedule {
public:
    watch(const test_options& options, batch_visitor* visitor, std::unique_ptr<schedule> order)
        : order_(std::move(order)), visitor_(visitor), options_(options) {
        if (!order_ && options.seed) order_ = make_seeded_schedule(*options.seed);
    }

    void begin(event_loop& loop) noexcept { loop_ = &loop; }
    /// The limit, or nothing.
    const std::string& exceeded() const noexcept { return exceeded_; }

    void choose(intrusive_list<callback>& ready, intrusive_list<callback>& batch) override {
        if (order_) {
            order_->choose(ready, batch);
        } else {
            batch.splice_back(ready);
        }
        if (visitor_) visitor_->visit(batch);
        ++turns_;
        if (turns_ > options_.turn_limit) {
            stop(std::to_string(options_.turn_limit) + " turns of the loop");
        } else if (loop_->time() > until_) {
            const auto limit = std::chrono::ceil<std::chrono::seconds>(options_.time_limit);
            stop(std::to_string(limit.count()) + " s of the loop's time");
        }
    }

private:
    // What is cancelled then has as much again to come to its end.
    void stop(std::string exceeded) noexcept {
        exceeded_ = std::move(exceeded);
        turns_ = 0;
        until_ = loop_->time() + options_.time_limit;
        loop_->stop();
    }

    std::unique_ptr<schedule> order_;
    batch_visitor* visitor_;
    const test_options options_;
    event_loop* loop_ = nullptr;
    std::size_t turns_ = 0;
    std::chrono::nanoseconds until_ = options_.time_limit;
    std::string exceeded_;
};

trial::trial(const test_options& options, batch_visitor* visitor, std::unique_ptr<schedule> order)
    : runner_(watched(options, visitor, std::move(order))) {
    watch_->begin(loop());
    // Who waits for what never comes turns no more, and would not be found: until the limit, and as long again.
    if (options.real_time) {
        for (const int times : {1, 2})
            loop().call_at(times * (options.time_limit + std::chrono::milliseconds(1)), [] {});
    }
    loop().set_exception_handler([this](event_loop&, const error_context& context) {
        report(context.message, context.source, context.exception);
    });
}

trial::~trial() { wind_up(); }

void trial::report(const std::string& message, const std::string& source, const std::exception_ptr& raised) {
    reported_ += (reported_.empty() ? "" : "; ") + message;
    if (!source.empty()) reported_ += " " + source;
    if (raised) reported_ += ": " + text_of(raised);
}

loop_options trial::watched(const test_options& options, batch_visitor* visitor, std::unique_ptr<schedule> order) {
    auto watching = std::make_unique<watch>(options, visitor, std::move(order));
    watch_ = watching.get();
    loop_options made;
    if (!options.real_time) made.clock = std::make_unique<virtual_clock>();
    made.schedule = std::move(watching);
    return made;
}

void trial::run(task_core& main) {
    drive(main);
    wind_up();
    if (!main.cancelled() && !main.exception()) check_reported();
}

void trial::drive(task_core& main) {
    runner_.run_until_done(main);
    if (!main.done()) fail_endless();
}

void trial::end() {
    wind_up();
    check_reported();
}

void trial::check_reported() const {
    if (!reported_.empty()) throw test_failure("reported to the loop's exception handler: " + reported_);
}

// As run_loop::wind_up, but within the limits: a task that does not end must not hang the test.
void trial::wind_up() noexcept {
    if (std::exchange(wound_up_, true)) return;
    loop().ignore_interrupts();
    std::vector<any_task> left;
    loop_tasks::of(loop()).pending().for_each(
        [&](task_entry& each) { left.push_back(task_access::any(static_cast<task_core&>(each))); });
    for (any_task& each : left) each.cancel();
    bool all_ended = true;
    for (const any_task& each : left) all_ended = ends(each) && all_ended;
    if (all_ended) {
        runner_.wind_up();
    } else {
        loop().close();
    }
}

bool trial::ends(const any_task& cancelled) {
    task_core& core = task_access::core_of(cancelled);
    try {
        if (!core.done()) runner_.run_until_done(core);
    } catch (const deadlock_error&) {  // NOLINT(bugprone-empty-catch): reported below
    }
    if (!core.done()) {
        report("a task did not end when it was cancelled at the end of the test", core.describe(), nullptr);
        return false;
    }
    if (core.cancelled()) return true;
    if (const auto raised = core.exception()) report("a task raised when it was cancelled", core.describe(), raised);
    return true;
}

void trial::fail_endless() {
    if (watch_->exceeded().empty())
        throw test_failure("the event loop was stopped before the test's coroutine had ended");
    throw test_failure("did not end within " + watch_->exceeded() + loop_tasks::of(loop()).describe_waiting());
}

void assertions::check() const {
    if (count_ && count_() > before_) throw test_failure("an assertion failed, see above");
}

std::string text_of(const std::exception_ptr& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception& e) {
        return *e.what() ? e.what() : type_name(typeid(e));
    } catch (const cancelled_error& e) {
        return e.what();
    } catch (const generator_exit& e) {
        return e.what();
    } catch (const keyboard_interrupt& e) {
        return e.what();
    } catch (...) {
        return "an exception that is not a std::exception";
    }
}

std::string whereabouts(const task_core& task) {
    std::string places;
    for (const task_frame* frame = task.innermost(); frame;) {
        std::string place = frame->awaits_at.file_name();
        place += ":" + std::to_string(frame->awaits_at.line());
        places.insert(0, places.empty() ? place : place.append(" > "));
        frame = frame->awaited_by ? frame->awaited_by->awaiting : nullptr;
    }
    return places;
}

}  // namespace fermata::inline v0::detail
