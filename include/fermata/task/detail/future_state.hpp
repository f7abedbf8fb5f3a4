#pragma once

// Python's Future without its type.

#include <fermata/base/errors.hpp>
#include <fermata/base/intrusive_list.hpp>
#include <fermata/loop/callback.hpp>
#include <fermata/loop/event_loop.hpp>
#include <fermata/task/detail/context.hpp>
#include <fermata/task/detail/reference.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace fermata::inline v0::detail {

/// Python's Future, but for its result: pending, then cancelled or finished. Who waits for it is scheduled when it is
/// done, in the order in which they came, as CPython's callbacks are. Counts its owners; the last to go destroys it. Not
/// thread-safe.
///
/// It is a callback of its own, for whatever it does in a turn to come: a Task's next step. In one object with one table
/// of virtual functions, because a million tasks are to fit in 200 MB.
// NOLINTNEXTLINE(*-virtual-class-destructor): only its last owner may destroy it
class future_state : public callback {
public:
    void acquire() noexcept { ++owners_; }
    void release() noexcept {
        if (--owners_ == 0) destroy();
    }
    /// Whether somebody else holds it too.
    bool is_shared() const noexcept { return owners_ > 1; }

    /// Undefined when the loop is gone.
    event_loop& loop() const noexcept { return *context_->loop(); }
    bool is_of(const event_loop& loop) const noexcept { return context_->loop() == &loop; }
    const detail::context& context() const noexcept { return *context_; }
    const reference<detail::context>& share_context() const noexcept { return context_; }
    bool done() const noexcept { return status_ != status::pending; }
    bool cancelled() const noexcept { return status_ == status::cancelled; }
    bool failed() const noexcept { return status_ == status::finished && exception_; }

    bool cancel() noexcept override;
    /// Raise invalid_state_error "invalid state" if it is done already.
    void finish();
    void fail(std::exception_ptr exception);
    /// Its exception, if it has one, is not reported as unseen.
    void mark_seen() noexcept { seen_ = true; }
    /// What it has failed with, which stays unseen. Undefined if it has not.
    const std::exception_ptr& failure() const noexcept { return exception_; }

    /// Whether awaiting it must leave the result where it is: others may still ask for it.
    virtual bool result_is_shared() const noexcept { return is_shared(); }
    /// A future of the user's own may be given a result; a Task gives itself its own.
    virtual bool is_task() const noexcept { return false; }
    /// A shield's is that of what it shields.
    virtual bool is_shield() const noexcept { return false; }

    void run() override {}
    std::string describe() const override;

    /// Schedules c when it is done: at once, if it is. Taken out of its list, c is removed.
    void add_done_callback(callback& c) noexcept {
        if (done()) {
            loop().schedule(c);
        } else {
            waiting_.push_back(c);
        }
    }
    /// Calls visit(callback&) with each that is to be scheduled.
    template <class Visit>
    void for_each_waiting(Visit visit) {
        if (!done()) waiting_.for_each(visit);
    }

    /// The first of them, or null.
    callback* first_waiting() noexcept { return done() || waiting_.empty() ? nullptr : &waiting_.front(); }
    trace::awaited as_awaited() const noexcept override { return {"future"}; }

    /// Raises what there is instead of a result: cancelled_error, the exception, or invalid_state_error "Result is not
    /// set.".
    void check_result() {
        if (status_ != status::finished || exception_) [[unlikely]]
            raise_what_is_no_result();
    }
    /// Null if it finished well. Raises cancelled_error, or invalid_state_error "Exception is not set.".
    std::exception_ptr exception();

protected:
    /// In the context of the running task, or of the loop.
    explicit future_state(event_loop& loop);
    explicit future_state(reference<detail::context> in) noexcept : context_(std::move(in)), waiting_() {}
    ~future_state() override {
        if (done()) {
            std::destroy_at(&exception_);
        } else {
            abandon_waiting();
            std::destroy_at(&waiting_);
        }
    }

    void set_context(reference<detail::context> chosen) noexcept { context_ = std::move(chosen); }
    /// It is pending, and will not be done: those that wait for it are told.
    void abandon_waiting() noexcept;
    /// Reports an exception that nobody has asked for, as the future goes.
    void report_unseen_exception(const char* message) noexcept {
        if (done() && exception_ && !seen_) [[unlikely]]
            report(message);
    }

private:
    enum class status : std::uint8_t { pending, cancelled, finished };
    void settle(status as) noexcept;
    void settle(status as, std::exception_ptr exception) noexcept;
    [[noreturn]] void raise_what_is_no_result();
    void report(const char* message) noexcept;
    virtual void destroy() noexcept = 0;

    reference<detail::context> context_;
    // Who waits, while it is pending; what it raised, when it is done.
    union {
        intrusive_list<callback> waiting_;  // NOLINT(readability-identifier-naming): private
        std::exception_ptr exception_;      // NOLINT(readability-identifier-naming)
    };
    std::uint32_t owners_ = 1;

protected:
    // A Task's, here where there is room for them.
    std::uint16_t cancel_requests_ = 0;
    std::uint8_t due_ = 0;  // what its next turn is to see to, see task_core
    bool being_cancelled_ : 1 = false;

private:
    status status_ : 2 = status::pending;
    bool seen_ : 1 = false;
};

}  // namespace fermata::inline v0::detail
