#pragma once

/// \file
/// Python's `asyncio.Condition`.

#include <fermata/sync/mutex.hpp>
#include <fermata/task/task.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

/// Python's `asyncio.Condition`: with the lock held, tasks wait until others notify them of a change.
///
///     auto guard = co_await c.lock();                           // async with c:
///     co_await c.wait_for([&] { return !items.empty(); });      //     await c.wait_for(lambda: items)
///
/// wait() gives the lock up, and has it again when it ends – also when it is cancelled: it then waits for the lock,
/// notifies another one in its place, and raises cancelled_error. It may end without a notification.
///
/// It must outlive those who wait for it. Not thread-safe.
class condition {
public:
    /// With a lock of its own.
    condition() noexcept : lock_(own_) {}
    /// With this lock, which must outlive it.
    explicit condition(mutex& lock) noexcept : lock_(lock) {}
    condition(const condition&) = delete;
    condition& operator=(const condition&) = delete;

    /// The lock's.
    [[nodiscard]] auto lock() noexcept { return lock_.lock(); }
    auto acquire() noexcept { return lock_.acquire(); }
    [[nodiscard]] bool try_lock() noexcept { return lock_.try_lock(); }
    void unlock() { lock_.unlock(); }
    bool locked() const noexcept { return lock_.locked(); }

    /// Until notified. Raises runtime_error "cannot wait on un-acquired lock".
    task<> wait();

    /// Until predicate() is true; gives what it gave. Looks at it first, and then each time it is notified.
    template <std::invocable Predicate>
    task<std::decay_t<std::invoke_result_t<Predicate&>>> wait_for(Predicate predicate);

    /// Wakes the first n who wait; they go on when they get the lock, which the caller is to give up. Raise runtime_error
    /// "cannot notify on un-acquired lock".
    void notify(std::ptrdiff_t n = 1);
    void notify_all();

private:
    void notify_unchecked(std::ptrdiff_t n) noexcept;
    void check_notify() const;

    mutex own_;
    mutex& lock_;
    detail::waiters waiters_{"fermata::condition"};
};

// Implementation

template <std::invocable Predicate>
task<std::decay_t<std::invoke_result_t<Predicate&>>> condition::wait_for(Predicate predicate) {
    for (;;) {
        auto result = predicate();
        if (result) co_return result;
        co_await wait();
    }
}

}  // namespace fermata::inline v0
