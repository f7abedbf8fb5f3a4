#pragma once

/// \file
/// Python's `asyncio.timeout`, `timeout_at`, and `TimeoutError`.

#include <fermata/base/errors.hpp>
#include <fermata/loop/callback.hpp>
#include <fermata/task/task_handle.hpp>
#include <fermata/task/with.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <string>

namespace fermata::inline v0 {

/// Python's `TimeoutError`.
class timeout_error : public error {
public:
    using error::error;
};

/// Python's `asyncio.Timeout`, entered by `with`: cancels the task when the deadline comes, and turns the cancelled_error
/// that leaves the body into timeout_error (with the cancelled_error nested in it). A body that swallows the cancellation
/// goes on, and no error is raised; nor is one that awaits nothing stopped. A cancellation from elsewhere wins.
///
///     co_await with(timeout(50ms), [&](timeout& limit) -> task<> { limit.reschedule(current_loop().time() + 1s); … });
///
/// May be moved until it is entered. Not thread-safe.
class timeout {
public:
    /// From now; std::nullopt: never, until it is rescheduled. Raises runtime_error "no running event loop".
    explicit timeout(std::optional<std::chrono::nanoseconds> delay);
    timeout(timeout&& other) noexcept;
    timeout(const timeout&) = delete;
    timeout& operator=(const timeout&) = delete;
    ~timeout();

    /// The deadline, in the time of the loop; none: never.
    std::optional<std::chrono::nanoseconds> when() const noexcept { return when_; }
    /// Raises runtime_error "Timeout has not been entered", or "Cannot change state of finished Timeout" (or "expiring",
    /// "expired").
    void reschedule(std::optional<std::chrono::nanoseconds> when);
    /// Whether the deadline came while the body ran.
    bool expired() const noexcept { return state_ == state::expiring || state_ == state::expired; }

    /// Raise runtime_error "Timeout has already been entered", "Timeout should be used inside a task".
    void aenter();
    void aexit(const std::exception_ptr& raised);

private:
    friend timeout timeout_at(std::optional<std::chrono::nanoseconds> when);
    struct absolute {
        std::optional<std::chrono::nanoseconds> when;
    };
    explicit timeout(absolute deadline) noexcept : when_(deadline.when) {}

    enum class state { created, active, expiring, expired, finished };
    class alarm final : public detail::callback {
    public:
        explicit alarm(timeout& of) noexcept : of_(of) {}
        void run() override { of_.expire(); }
        std::string describe() const override { return "<timeout>"; }

    private:
        timeout& of_;
    };
    void expire() noexcept;
    void schedule();
    void stop() noexcept;

    std::optional<std::chrono::nanoseconds> when_;
    alarm alarm_{*this};
    any_task task_;
    event_loop* loop_ = nullptr;
    int cancelling_ = 0;
    state state_ = state::created;
};

/// Python's `asyncio.timeout_at(when)`: at a time of the loop's clock; std::nullopt: never. One that has passed comes in the
/// next turn of the loop.
timeout timeout_at(std::optional<std::chrono::nanoseconds> when);

}  // namespace fermata::inline v0
