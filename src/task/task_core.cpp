#include <fermata/generator/detail/chain.hpp>
#include <fermata/loop/detail/reporting.hpp>
#include <fermata/task/cancellation.hpp>
#include <fermata/task/detail/function_name.hpp>
#include <fermata/task/detail/task_core.hpp>

#include <cstddef>
#include <limits>
#include <new>
#include <utility>

namespace fermata::inline v0::detail {

namespace {

// How much of it frames that resume each other may take.
constexpr std::uintptr_t stack_for_frames = 16 * 1024;

}  // namespace

failure_kind kind_of(const std::exception_ptr& exception) noexcept {
    if (!exception) return failure_kind::error;
    if (holds<cancelled_error>(exception)) return failure_kind::cancellation;
    if (holds<keyboard_interrupt>(exception)) return failure_kind::interrupt;
    try {
        std::rethrow_exception(exception);
    } catch (const cancelled_error&) {  // a class derived from it
        return failure_kind::cancellation;
    } catch (const keyboard_interrupt&) {
        return failure_kind::interrupt;
    } catch (...) {
        return failure_kind::error;
    }
}

void raise_planted() { std::rethrow_exception(*std::exchange(planted_exception, nullptr)); }

// To rethrow it in order to see what it is would double what an exception costs.
void task_frame::fail_with_current_exception() noexcept {
    std::exception_ptr raised = std::current_exception();
    if (holds<stop_iteration>(raised)) {  // PEP 479
        try {
            std::throw_with_nested(runtime_error("coroutine raised StopIteration"));
        } catch (...) {
            raised = std::current_exception();
        }
    }
    current_step.failure.set(std::move(raised));
}

void drop_never_awaited(task_frame& frame) noexcept {
    if (event_loop* loop = current_loop_or_null(); loop && loop->debug()) {
        report(loop, nullptr, [&] {
            const std::string name = function_name_alone(frame.awaits_at);
            const std::string place =
                std::string(frame.awaits_at.file_name()) + ":" + std::to_string(frame.awaits_at.line());
            return error_context{"coroutine '" + name + "' was never awaited", nullptr, place};
        });
    }
    destroy(frame);
}

namespace {

// One within the other, up to so many; what comes then waits until the outermost has gone.
constexpr int most_destroyed_within_each_other = 32;

struct destruction {
    int depth = 0;
    task_frame* left = nullptr;  // linked by awaited_by, which is of no more use
};
// Not near: it would make the library take static thread-local memory of its own, beside that of a module that links it.
constinit thread_local destruction destroying{};

}  // namespace

void destroy(task_frame& frame) noexcept {
    if (destroying.depth == most_destroyed_within_each_other) {
        frame.awaited_by = reinterpret_cast<frame_link*>(destroying.left);
        destroying.left = &frame;
        return;
    }
    ++destroying.depth;
    frame.handle().destroy();
    while (destroying.depth == 1 && destroying.left) {
        task_frame& next = *destroying.left;
        destroying.left = reinterpret_cast<task_frame*>(next.awaited_by);
        next.handle().destroy();
    }
    --destroying.depth;
}

// Names

namespace {

std::string* own_text(std::uintptr_t word) noexcept {
    return reinterpret_cast<std::string*>(word);  // NOLINT(performance-no-int-to-ptr): it was one
}

}  // namespace

task_name::task_name(std::string_view name) : word_(reinterpret_cast<std::uintptr_t>(new std::string(name))) {}

void task_name::drop_text() noexcept { delete own_text(word_); }

std::string task_name::text() const { return word_ % 2 == 0 ? *own_text(word_) : "Task-" + std::to_string(word_ / 2); }

// Beginning and end

task_core& task_root::spawn(event_loop& loop, task_name name, bool eager) {
    task_core* made = nullptr;
    try {
        made = ::new (static_cast<void*>(core)) task_core(loop, std::move(name));
    } catch (...) {  // no memory for what the loop keeps: nobody owns the frame yet
        handle().destroy();
        throw;
    }
    made->acquire();
    if (eager) {
        made->start_now();
        if (made->failed() && is_interrupt(made->failure())) {
            const auto dropped = reference<task_core>::adopt(*made);
            std::rethrow_exception(made->failure());
        }
    } else {
        loop.schedule(*made);
    }
    return *made;
}

// A Task stands where its root keeps room for it: behind the task_frame.
task_frame& task_core::outermost() noexcept {
    static_assert(sizeof(task_root) == sizeof(task_frame) + sizeof(task_core));
    return *std::launder(reinterpret_cast<task_frame*>(reinterpret_cast<std::byte*>(this) - sizeof(task_frame)));
}

task_core::task_core(event_loop& loop, task_name name)
    : future_state(context_in(loop)), at_(&outermost()), name_(std::move(name)) {
    due_ = starts;
    loop_tasks::of(loop).pending().push_back(*this);
    if (loop.instrument()) [[unlikely]]
        set_instrument(loop.instrument());
}

task_core::~task_core() { report_unseen_exception("Task exception was never retrieved"); }

// From the innermost frame outwards: were the outermost destroyed first, each would destroy the next within itself, and a
// long chain overflow the stack.
void task_core::destroy() noexcept {
    task_frame& last = outermost();
    for (task_frame* frame = at_; frame != &last;) {
        frame_link& link = *frame->awaited_by;
        if (task_frame* owned = std::exchange(link.owned, nullptr)) owned->handle().destroy();
        frame = link.awaiting;
    }
    this->~task_core();
    detail::destroy(last);
}

void task_core::leave_loop() noexcept {
    loop().unschedule(*this);
    waits_for_ = nullptr;
    clear_due(sleeps);
    abandon_waiting();
    leave_pending();
}

// Cancellation

bool task_core::cancel() noexcept {
    if (done()) return future_state::cancel();
    // From each task to the one that it waits for, in a loop. (CPython raises RecursionError, if the chain is long.)
    std::size_t passed_on = 0;
    for (task_core* at = this; (at = at->take_cancellation_request());) ++passed_on;
    for (task_core* at = this; passed_on > 0; --passed_on) {
        at->being_cancelled_ = false;
        at = at->waits_for_->as_task();
    }
    return true;
}

// Gives the task that is to be asked next, if it waits for one.
task_core* task_core::take_cancellation_request() noexcept {
    if (is_due(traced)) tell_cancelled();
    if (cancel_requests_ < std::numeric_limits<std::uint16_t>::max()) ++cancel_requests_;
    if (is_due(sleeps)) {
        clear_due(sleeps);
        set_due(interrupted);
        loop().unschedule(*this);
        loop().schedule(*this);
    } else if (being_cancelled_) {
        // Tasks that wait for each other in a circle: it is cut here. (CPython raises RecursionError.)
        set_due(must_cancel);
        loop().unschedule(*this);
        loop().schedule(*this);
    } else {
        being_cancelled_ = true;
        if (task_core* const next = waits_for_ ? waits_for_->as_task() : nullptr; next && !next->done()) return next;
        if (!waits_for_ || !waits_for_->cancel()) set_due(must_cancel);
        being_cancelled_ = false;
    }
    return nullptr;
}

int task_core::uncancel() noexcept {
    if (cancel_requests_ > 0 && --cancel_requests_ == 0) clear_due(must_cancel);
    return cancel_requests_;
}

// Waiting

void task_core::cancel_what_it_waits_for() noexcept {
    if (waits_for_->cancel()) clear_due(must_cancel);
}

void task_core::sleep_until(task_frame& at, std::chrono::nanoseconds when) {
    at_ = &at;
    if (when <= loop().time()) {
        loop().schedule(*this);
        return;
    }
    if (is_due(must_cancel)) {
        clear_due(must_cancel);
        set_due(interrupted);
        loop().schedule(*this);
        return;
    }
    loop().schedule_at(*this, when);
    set_due(sleeps);
}

// Steps

void task_core::run() noexcept {
    if (due_ != 0) [[unlikely]]
        return run_otherwise();
    step();
    current_step.task = nullptr;
    end_step();
}

void task_core::run_otherwise() noexcept {
    if (is_due(sleeps)) {
        // The time has come: the task goes on a turn later, as CPython's, which waits for a future that the timer sets.
        loop().schedule(*this);
        clear_due(sleeps);
        return;
    }
    if ((due_ & ~traced) == looks_again && !waits_for_->is_over()) {
        if (is_due(traced)) tell_suspended();
        return;
    }
    if (begin_step()) {
        if (is_due(traced)) [[unlikely]]
            return run_traced();
        step();
        current_step.task = nullptr;
        end_step();
    }
}

// A step of another task goes on afterwards.
void task_core::start_now() noexcept {
    task_core* const task = current_step.task;
    task_frame* const running = current_step.running;
    const std::uintptr_t stack_end = current_step.stack_end;
    begin_step();
    if (is_due(traced)) tell_resumed();
    step();
    current_step.task = task;
    current_step.running = running;
    current_step.stack_end = stack_end;
    if (outermost().ended()) {
        set_due(eager);
        settle();
    } else if (is_due(traced)) {
        tell_suspended();
    }
}

void task_core::run_traced() noexcept {
    tell_resumed();
    step();
    current_step.task = nullptr;
    if (outermost().ended()) {
        begin_telling_of_end();
        settle();
    } else if (is_due(traced)) {
        tell_suspended();
    }
}

// False if there is none: cancelled before it has started, the body never runs.
FERMATA_DETAIL_INLINE bool task_core::begin_step() noexcept {
    const bool cancelled = (due_ & (must_cancel | interrupted)) != 0;
    const bool first = is_due(starts);
    due_ &= traced;
    if (cancelled) set_due(raises);
    if (!cancelled || !first) return true;
    waits_for_ = nullptr;
    settle_as_cancelled();
    return false;
}

FERMATA_DETAIL_INLINE void task_core::step() noexcept {
    waits_for_ = nullptr;
    current_step.task = this;
    current_step.running = at_;
    current_step.stack_end = stack_position() - stack_for_frames;
    at_->handle().resume();
    if (current_step.next) run_others();
}

// Those that go on where others have ended.
FERMATA_DETAIL_NOINLINE void task_core::run_others() noexcept {
    while (task_frame* on = std::exchange(current_step.next, nullptr)) {
        current_step.running = on;
        on->handle().resume();
    }
}

FERMATA_DETAIL_INLINE void task_core::end_step() noexcept {
    if (outermost().ended()) [[unlikely]]
        settle();
}

void task_core::settle() noexcept {
    at_ = &outermost();
    if (!current_step.failure) [[likely]] {
        if (is_due(must_cancel)) return settle_as_cancelled();  // in its last step
        finish();
    } else {
        std::exception_ptr raised = current_step.failure.take();
        const failure_kind kind = kind_of(raised);
        if (kind == failure_kind::cancellation) return settle_as_cancelled();
        fail(std::move(raised));
        if (kind == failure_kind::interrupt && !is_due(eager)) loop().leave_with(failure());
    }
    leave_pending();
}

void task_core::settle_as_cancelled() noexcept {
    clear_due(must_cancel);
    future_state::cancel();
    leave_pending();
}

// The loop's share goes.
void task_core::leave_pending() noexcept {
    static_cast<task_entry&>(*this).unlink();
    if (is_due(traced)) [[unlikely]]
        tell_finished();
    release();
}

void task_core::set_values(shared<context_values> values) {
    set_context(loop_tasks::of(loop()).make_context(std::move(values)));
}

}  // namespace fermata::inline v0::detail
