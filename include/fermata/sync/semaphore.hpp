#pragma once

/// \file
/// Python's `asyncio.Semaphore` and `asyncio.BoundedSemaphore`.

#include <fermata/sync/waiters.hpp>

#include <cstddef>
#include <limits>
#include <utility>

namespace fermata::inline v0 {

/// Python's `asyncio.Semaphore`: a counter that acquire() takes one from, waiting while it is 0, and release() adds one to.
/// Fair: those who wait are served in the order in which they came, and nobody overtakes them.
///
///     auto guard = co_await s.lock();     // async with s:
///     co_await s.acquire();               // await s.acquire()
///     s.release();
///
/// Where it need not wait, it neither suspends nor allocates; waiting does not allocate. Who is cancelled while it waits
/// raises cancelled_error and has taken nothing; if it had been woken already, the next one is woken instead.
///
/// It must outlive its guards and those who wait for it; of the latter, those who are cancelled may go on after it is
/// gone. Belongs to one loop: waiting in another raises runtime_error "fermata::semaphore is bound to a different event
/// loop". Not thread-safe.
class semaphore {
    class acquire_awaiter;
    class lock_awaiter;

public:
    class guard;

    /// Raises value_error "Semaphore initial value must be >= 0".
    explicit semaphore(std::ptrdiff_t value = 1) : semaphore(value, std::numeric_limits<std::ptrdiff_t>::max()) {}
    semaphore(const semaphore&) = delete;
    semaphore& operator=(const semaphore&) = delete;

    acquire_awaiter acquire() noexcept;
    /// The same, and gives a guard that releases it.
    [[nodiscard]] lock_awaiter lock() noexcept;
    /// Takes one if that needs no waiting.
    [[nodiscard]] bool try_acquire() noexcept;

    /// Adds one, and wakes the first of those who wait. A bounded_semaphore raises value_error "BoundedSemaphore released
    /// too many times".
    void release();

    /// Whether acquire() would wait: the counter is 0, or others are before us.
    bool locked() const noexcept { return value_ == 0 || waiters_.any(); }

protected:
    semaphore(std::ptrdiff_t value, std::ptrdiff_t bound);

private:
    bool wake_up_next() noexcept;

    detail::waiters waiters_{"fermata::semaphore"};
    std::ptrdiff_t value_;
    std::ptrdiff_t bound_;
};

/// Python's `asyncio.BoundedSemaphore`: its release() raises value_error where the counter would exceed its first value.
class bounded_semaphore : public semaphore {
public:
    explicit bounded_semaphore(std::ptrdiff_t value = 1) : semaphore(value, value) {}
};

/// Releases a semaphore when it goes out of scope (a bounded one only where it may be released).
class [[nodiscard]] semaphore::guard {
public:
    explicit guard(semaphore& acquired) noexcept : semaphore_(&acquired) {}
    guard(guard&& other) noexcept : semaphore_(std::exchange(other.semaphore_, nullptr)) {}
    guard& operator=(guard&& other) noexcept {
        guard moved(std::move(other));
        std::swap(semaphore_, moved.semaphore_);
        return *this;
    }
    ~guard() {
        if (semaphore_ && semaphore_->value_ < semaphore_->bound_) semaphore_->release();
    }

    /// Does not release it: somebody else is to.
    void detach() noexcept { semaphore_ = nullptr; }

private:
    semaphore* semaphore_;
};

// Implementation

class semaphore::acquire_awaiter : public detail::waiter {
public:
    explicit acquire_awaiter(semaphore& of) noexcept : semaphore_(of) {}

    bool await_ready() noexcept { return semaphore_.try_acquire(); }
    void await_suspend(detail::suspension here) { wait_in(semaphore_.waiters_, here.frame()); }
    void await_resume() {
        if (has_waited()) take();
    }

protected:
    semaphore& semaphore_;

private:
    void take();
};

class semaphore::lock_awaiter : public acquire_awaiter {
public:
    using acquire_awaiter::acquire_awaiter;

    guard await_resume() {
        acquire_awaiter::await_resume();
        return guard(semaphore_);
    }
};

inline semaphore::acquire_awaiter semaphore::acquire() noexcept { return acquire_awaiter(*this); }
inline semaphore::lock_awaiter semaphore::lock() noexcept { return lock_awaiter(*this); }

}  // namespace fermata::inline v0
