#pragma once

/// \file
/// All that the loop knows of the operating system.

#include <chrono>
#include <memory>
#include <optional>

namespace fermata::inline v0 {

/// Where a loop waits when it has nothing to run. An I/O backend is a port that also hands in what has been completed.
class port {
public:
    virtual ~port() = default;
    port(const port&) = delete;
    port& operator=(const port&) = delete;

    /// Returns when wake() has been called since the last wait, when there is something to hand in, or after `timeout`
    /// (none: never; zero: looks, and does not wait). May return early. Called by the loop's thread only.
    virtual void wait(std::optional<std::chrono::nanoseconds> timeout) = 0;

    /// Ends a wait, this or the next. Thread-safe, and safe in a signal handler.
    virtual void wake() noexcept = 0;

    /// Whether something has been asked for that a wait will hand in: the loop has that to wait for.
    virtual bool expects() const noexcept { return false; }
    /// Passes on what has been asked for, and waits for nothing: a foreign loop is about to wait instead.
    virtual void flush() noexcept {}

    /// A file descriptor that is readable when a wait would return at once, for a foreign loop to poll. A port may have to
    /// know of that before it is asked for anything else: then it raises runtime_error where it is too late.
    virtual int descriptor() = 0;

protected:
    port() = default;
};

/// The port of a loop that does no I/O: an eventfd. Raises std::system_error if there is none to be had.
std::unique_ptr<port> make_idle_port();

}  // namespace fermata::inline v0
