#pragma once

/// \file
/// The time that a loop lives in.

#include <chrono>

namespace fermata::inline v0 {

/// Tells an event loop the time: nanoseconds since the clock was made, never going back. An injected object, so that a
/// test of an hour of sleeps takes milliseconds.
class clock {
public:
    virtual ~clock() = default;

    /// Thread-safe where the clock's time is the machine's.
    virtual std::chrono::nanoseconds now() const noexcept = 0;

    /// Called by a loop that has nothing to run before `deadline`. True if time has been moved there: then nobody waits
    /// for it.
    virtual bool skip_to(std::chrono::nanoseconds deadline) noexcept = 0;

protected:
    clock() = default;
    clock(const clock&) = default;
    clock& operator=(const clock&) = default;
};

/// The machine's monotonic clock (`time.monotonic()`).
class real_clock final : public clock {
public:
    std::chrono::nanoseconds now() const noexcept override { return std::chrono::steady_clock::now() - start_; }
    bool skip_to(std::chrono::nanoseconds) noexcept override { return false; }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// A clock that stands still while anything is ready, and then jumps to the next deadline. It starts at zero. Not
/// thread-safe.
class virtual_clock final : public clock {
public:
    std::chrono::nanoseconds now() const noexcept override { return now_; }
    bool skip_to(std::chrono::nanoseconds deadline) noexcept override {
        if (deadline > now_) now_ = deadline;
        return true;
    }

private:
    std::chrono::nanoseconds now_{0};
};

}  // namespace fermata::inline v0
