#include <fermata/task/async_generator.hpp>

#include <fermata/task/task_handle.hpp>

#include <cstdio>
#include <utility>

namespace fermata::inline v0::detail {

namespace {

// GeneratorExit for those that are closed because one that delegates to them is. It has no state: all threads share it.
constinit generator_exit an_exit;
constinit object_raiser<generator_exit> raise_exit(an_exit);

void raise_failure() {
    if (current_step.failure) current_step.failure.raise();
}

template <class Error>
std::exception_ptr with_cause(const char* text) noexcept {
    try {
        std::throw_with_nested(Error(text));
    } catch (...) {
        return std::current_exception();
    }
}

}  // namespace

// Steps

bool async_step::await_ready() {
    static constexpr const char* already_running[] = {"anext(): asynchronous generator is already running",
                                                      "athrow(): asynchronous generator is already running",
                                                      "aclose(): asynchronous generator is already running"};
    if (std::exchange(awaited_, true)) {
        throw runtime_error(kind_ == kind::anext ? "cannot reuse already awaited __anext__()/asend()"
                                                 : "cannot reuse already awaited aclose()/athrow()");
    }
    if (!root_ || root_->ended()) return true;
    if (root_->busy()) throw runtime_error(already_running[static_cast<int>(kind_)]);
    const bool created = root_->created();
    if (kind_ == kind::anext) {
        if (created && !may_start_) throw type_error("can't send non-None value to a just-started async generator");
        if (!created && !may_continue_) {
            throw type_error("this async generator waits for a value: next() can only start it, call asend()");
        }
        return false;
    }
    if (root_->closed_) throw stop_async_iteration();
    if (kind_ == kind::aclose) root_->closed_ = true;
    if (!created) return false;
    root_->end();
    if (kind_ == kind::athrow) thrown_->raise();
    return true;
}

// The awaiting task goes on with the leaf. PEP 380: an exception is raised there; but GeneratorExit closes the delegates, the
// innermost before the others, and is then raised in the root whatever became of it within.
void async_step::await_suspend(suspension here) {
    async_frame& first = root_->resumed();
    running_ = true;
    awaiting = &here.frame();
    root_->awaited_by = this;
    to_raise_ = thrown_;
    if (is_exit_ && &first != root_) {
        closing_ = &first;
        first.closed_ = true;
        to_raise_ = &raise_exit;
    }
    first.step_ = this;
    current_step.next = &first;
}

// The awaiting task goes on.
void async_step::end() noexcept {
    running_ = false;
    root_->awaited_by = nullptr;
    current_step.next = awaiting;
}

// The frame that awaits it is destroyed: nobody is there to go on with.
async_step::~async_step() {
    if (running_) root_->awaited_by = nullptr;
}

const void* async_step::result() {
    raise_failure();
    return yielded_;
}

void async_step::result_of_close() {
    failure_on_its_way& failure = current_step.failure;
    if (failure && holds<generator_exit>(failure.get())) failure.forget();
    raise_failure();
    if (yielded_) throw runtime_error("async generator ignored GeneratorExit");
}

// One that is being closed has yielded, itself or through what it delegates to. It is left suspended there, and who
// delegates to it learns of it.
void async_step::is_ignored(async_frame& leaf) noexcept {
    async_frame& ignoring = *closing_;
    async_frame& outer = ignoring.held_by_->outer_;
    ignoring.leaf_ = &leaf;
    ignoring.awaited_by = nullptr;
    current_step.failure.set(std::make_exception_ptr(runtime_error("async generator ignored GeneratorExit")));
    closing_ = &outer;
    outer.step_ = this;
    current_step.next = &outer;
}

// Delegation

async_delegation::async_delegation(async_frame& outer, async_frame* delegate, bool is_owned, bool takes_none) noexcept
    : outer_(outer), delegate_(delegate), takes_none_(takes_none) {
    if (is_owned) owned = delegate;
}

bool async_delegation::await_ready() const {
    if (!delegate_ || delegate_->ended()) return true;
    if (delegate_->busy()) throw runtime_error("anext(): asynchronous generator is already running");
    if (!takes_none_ && !delegate_->created()) {
        throw type_error("the async generator delegated to waits for a value, and yield from starts with None");
    }
    return false;
}

void async_delegation::await_suspend(suspension here) {
    async_frame& first = delegate_->resumed();
    delegate_->closer_.unlink();  // who delegates closes it
    awaiting = &here.frame();
    delegate_->awaited_by = this;
    delegate_->held_by_ = this;
    outer_.delegation_ = this;
    first.step_ = std::exchange(outer_.step_, nullptr);
    first.step_->sent_ = nullptr;
    current_step.next = &first;
}

// The delegate has ended. If it was being closed, the next to be is who delegates.
void async_delegation::is_over(async_step& s) noexcept {
    outer_.step_ = &s;
    if (s.closing_ != delegate_) return;
    s.closing_ = &outer_;
    if (&outer_ != s.root_) outer_.closed_ = true;
    if (failure_on_its_way& failure = current_step.failure) {
        if (!holds<generator_exit>(failure.get())) return;
        failure.forget();
    }
    s.to_raise_ = &outer_ == s.root_ ? s.thrown_ : &raise_exit;
}

void async_delegation::end() {
    let_go();
    async_step& s = *outer_.step_;
    if (s.to_raise_) std::exchange(s.to_raise_, nullptr)->raise();
    raise_failure();
}

void async_delegation::let_go() noexcept {
    outer_.delegation_ = nullptr;
    if (!delegate_) return;
    delegate_->held_by_ = nullptr;
    delegate_->awaited_by = nullptr;
}

async_delegation::~async_delegation() {
    if (outer_.delegation_ == this) let_go();
    if (owned && delegate_) delegate_->discard();
}

// Frames

async_frame& async_frame::resumed() {
    if (!created()) return *std::exchange(leaf_, nullptr);
    loop_tasks::of(current_step.task->loop()).generators().left.push_back(closer_);
    state_ = stage::active;
    return *this;
}

void async_frame::end() noexcept {
    closer_.unlink();
    state_ = stage::ended;
}

generator_state async_frame::python_state() const noexcept {
    if (created()) return generator_state::created;
    if (ended()) return generator_state::closed;
    return leaf_ ? generator_state::suspended : generator_state::running;
}

void async_frame::yield(const void* object, bool given_away) noexcept {
    async_step& s = *std::exchange(step_, nullptr);
    if (s.closing_ && s.closing_ != s.root_) return s.is_ignored(*this);
    s.root_->leaf_ = this;
    s.yielded_ = object;
    s.given_away_ = given_away;
    s.end();
}

void async_frame::hand_over() noexcept {
    async_step& s = *std::exchange(step_, nullptr);
    end();
    if (!held_by_) {
        s.ended_ = true;
        return s.end();
    }
    held_by_->is_over(s);
    current_step.next = &held_by_->outer_;
}

void* async_frame::received() {
    if (step_->to_raise_) std::exchange(step_->to_raise_, nullptr)->raise();
    return step_->sent_;
}

// Nothing may leave unhandled_exception: clang would destroy the body's locals twice (llvm #61900).
void async_frame::unhandled_exception() noexcept {
    try {
        throw;
    } catch (const stop_iteration&) {  // PEP 479
        current_step.failure.set(with_cause<runtime_error>("async generator raised StopIteration"));
    } catch (const stop_async_iteration&) {
        current_step.failure.set(with_cause<runtime_error>("async generator raised StopAsyncIteration"));
    } catch (...) {
        current_step.failure.set(std::current_exception());
    }
}

// The end of the owner

// Owns a generator that nobody else does, for the Task that closes it. Until that has begun the generator stands in the
// loop's list still, and another Task may take it over: one that is cancelled before its first step runs nothing, and may be
// kept for long.
class async_closing {
public:
    explicit async_closing(async_frame& generator) noexcept : generator_(&generator) {
        if (generator.closing_) generator.closing_->generator_ = nullptr;
        generator.closing_ = this;
    }
    async_closing(async_closing&& other) noexcept : generator_(std::exchange(other.generator_, nullptr)) {
        if (generator_) generator_->closing_ = this;
    }
    async_closing& operator=(async_closing&&) = delete;
    async_closing(const async_closing&) = delete;
    ~async_closing() {
        if (!generator_) return;
        generator_->closing_ = nullptr;
        if (generator_->closer_.linked()) return;
        if (event_loop* loop = current_loop_or_null()) forget_one(*loop);
        generator_->destroy();
    }
    /// Null if it was taken over, or destroyed with the loop.
    async_frame* begin() const noexcept {
        if (generator_) generator_->closer_.unlink();
        return generator_;
    }
    void forget() noexcept { generator_ = nullptr; }

private:
    static void forget_one(event_loop& loop) noexcept {
        started_generators& generators = loop_tasks::of(loop).generators();
        if (--generators.abandoned == 0 && generators.stop_when_closed) loop.stop();
    }

    async_frame* generator_;
};

namespace {

class closing_step final : public async_step {
public:
    explicit closing_step(async_frame& generator) noexcept : async_step(&generator, kind::aclose) {
        raise(raise_exit, true);
    }
    void await_resume() { result_of_close(); }
};

// The parameter lives as long as the Task has handles; the generator does not.
task<> close_owned(async_closing given) {
    const async_closing owned = std::move(given);
    if (async_frame* generator = owned.begin()) co_await closing_step(*generator);
}

task<> close_borrowed(async_frame& generator) { co_await closing_step(generator); }

}  // namespace

void async_frame::closer::run() {
    event_loop& loop = current_loop();
    loop_tasks::of(loop).generators().left.push_back(*this);
    task_access::spawn(loop, close_owned(async_closing(generator_)), {});
}

void async_frame::closer::abandon() noexcept {
    if (generator_.abandoned_) generator_.destroy();
}

any_task close_next_generator(event_loop& loop) {
    intrusive_list<callback>& left = loop_tasks::of(loop).generators().left;
    if (left.empty()) return {};
    async_frame& next = static_cast<async_frame::closer&>(left.front()).generator();
    if (!next.abandoned_) next.closer_.unlink();
    const task_handle<> closing =
        task_access::spawn(loop, next.abandoned_ ? close_owned(async_closing(next)) : close_borrowed(next), {});
    return task_access::any(task_access::core_of(closing));
}

void async_frame::discard() noexcept {
    if (held_by_) {  // what delegates to it keeps it
        held_by_->owned = this;
        return;
    }
    event_loop* loop = current_loop_or_null();
    if (awaited_by) {
        if (loop) {
            std::fputs("fermata: an async generator was destroyed while a step of it was awaited\n", stderr);
            std::terminate();
        }
        static_cast<async_step*>(awaited_by)->forget();  // neither will go on
    }
    if (state_ != stage::active || !leaf_ || closed_ || !loop) return destroy();
    abandoned_ = true;
    closer_.unlink();
    ++loop_tasks::of(*loop).generators().abandoned;
    loop->schedule(closer_);
}

// Those that it delegates to and owns go first, from the innermost one, in a loop. One that it borrows is given back to its
// owner, suspended where it is, with all that it delegates to.
void async_frame::destroy() noexcept {
    async_frame* at = this;
    while (at->delegation_ && at->delegation_->owned) at = at->delegation_->delegate_;
    if (at->delegation_) {
        at->delegation_->delegate_->leaf_ = leaf_;
        at->delegation_->let_go();
    }
    while (at != this) {
        async_frame& outer = at->held_by_->outer_;
        at->handle().destroy();
        at = &outer;
    }
    handle().destroy();
}

async_frame::~async_frame() {
    if (closing_) closing_->forget();
    if (!held_by_) return;
    held_by_->delegate_ = nullptr;
    held_by_->owned = nullptr;
    held_by_->outer_.delegation_ = nullptr;
}

}  // namespace fermata::inline v0::detail
