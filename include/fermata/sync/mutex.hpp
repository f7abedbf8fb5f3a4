#pragma once

/// \file
/// Python's `asyncio.Lock`.

#include <fermata/sync/waiters.hpp>

#include <utility>

namespace fermata::inline v0 {

/// Python's `asyncio.Lock`: not owned by a task, not recursive, fair: those who wait get it in the order in which they
/// came, and who releases it and asks again stands behind them.
///
///     auto guard = co_await m.lock();     // async with m:
///     co_await m.acquire();               // await m.acquire()
///     m.unlock();                         // m.release()
///
/// Taking a free one neither suspends nor allocates; waiting does not allocate. Who is cancelled while it waits raises
/// cancelled_error and has not got it; if it had been woken already, the next in the line is woken instead.
///
/// It must outlive its guards and those who wait for it; of the latter, those who are cancelled may go on after it is
/// gone. Belongs to one loop: waiting in another raises runtime_error "fermata::mutex is bound to a different event
/// loop". Not thread-safe.
class mutex {
    class acquire_awaiter;
    class lock_awaiter;

public:
    class guard;

    mutex() noexcept = default;
    mutex(const mutex&) = delete;
    mutex& operator=(const mutex&) = delete;

    /// Waits until it is free, takes it, and gives a guard that unlocks it.
    [[nodiscard]] lock_awaiter lock() noexcept;
    /// The same, without a guard.
    acquire_awaiter acquire() noexcept;
    /// Takes it if nobody has it and nobody is before us.
    [[nodiscard]] bool try_lock() noexcept;

    /// Wakes the first of those who wait. Raises runtime_error "Lock is not acquired.".
    void unlock();

    bool locked() const noexcept { return locked_; }

private:
    friend class condition;

    // One who was woken or cancelled stands at the front until it goes on, and only then is the next one woken.
    detail::waiters waiters_{"fermata::mutex", detail::waiters::when_settled::keep_their_place};
    bool locked_ = false;
};

/// Unlocks a mutex when it goes out of scope, unless somebody else has done so.
class [[nodiscard]] mutex::guard {
public:
    explicit guard(mutex& locked) noexcept : mutex_(&locked) {}
    guard(guard&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
    guard& operator=(guard&& other) noexcept {
        guard moved(std::move(other));
        std::swap(mutex_, moved.mutex_);
        return *this;
    }
    ~guard() {
        if (mutex_ && mutex_->locked()) mutex_->unlock();
    }

    /// Unlocks it now. Raises runtime_error "Lock is not acquired." if this guard holds none.
    void unlock();
    /// Leaves it locked: somebody else is to unlock it.
    void detach() noexcept { mutex_ = nullptr; }

private:
    mutex* mutex_;
};

// Implementation

class mutex::acquire_awaiter : public detail::waiter {
public:
    explicit acquire_awaiter(mutex& of) noexcept : mutex_(of) {}

    bool await_ready() noexcept { return mutex_.try_lock(); }
    void await_suspend(detail::suspension here) { wait_in(mutex_.waiters_, here.frame()); }
    void await_resume() {
        if (has_waited()) take();
    }

protected:
    mutex& mutex_;

private:
    void take();
};

class mutex::lock_awaiter : public acquire_awaiter {
public:
    using acquire_awaiter::acquire_awaiter;

    guard await_resume() {
        acquire_awaiter::await_resume();
        return guard(mutex_);
    }
};

inline mutex::lock_awaiter mutex::lock() noexcept { return lock_awaiter(*this); }
inline mutex::acquire_awaiter mutex::acquire() noexcept { return acquire_awaiter(*this); }

}  // namespace fermata::inline v0
