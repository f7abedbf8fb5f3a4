#pragma once

/// \file
/// Python's `asyncio.Event`.

#include <fermata/sync/waiters.hpp>

namespace fermata::inline v0 {

/// Python's `asyncio.Event`: a flag, and those who wait until it is set. `co_await e.wait()` of one that is set neither
/// suspends nor allocates; waiting does not allocate. set() wakes all who wait at that time, in the order in which they
/// came, even if clear() follows at once. Who is cancelled while it waits raises cancelled_error.
///
/// It may go before those who wait for it go on; then only cancellation wakes them. Waiting in another loop than others
/// have raises runtime_error "fermata::event is bound to a different event loop". Not thread-safe.
class event {
    class awaiter;

public:
    event() noexcept = default;
    event(const event&) = delete;
    event& operator=(const event&) = delete;

    bool is_set() const noexcept { return set_; }
    void set() noexcept;
    void clear() noexcept { set_ = false; }

    /// Until it is set.
    awaiter wait() noexcept;

private:
    detail::waiters waiters_{"fermata::event"};
    bool set_ = false;
};

// Implementation

class event::awaiter : public detail::waiter {
public:
    explicit awaiter(event& of) noexcept : event_(of) {}

    bool await_ready() const noexcept { return event_.set_; }
    void await_suspend(detail::suspension here) { wait_in(event_.waiters_, here.frame()); }
    void await_resume() {
        if (has_waited() && end_wait().interrupted) throw cancelled_error();
    }

private:
    event& event_;
};

inline event::awaiter event::wait() noexcept { return awaiter(*this); }

}  // namespace fermata::inline v0
