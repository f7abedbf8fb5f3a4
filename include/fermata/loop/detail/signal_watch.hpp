#pragma once

// Signals, as a loop hears of them.

#include <atomic>
#include <csignal>

namespace fermata::inline v0 {
class event_loop;
}

namespace fermata::inline v0::detail {

/// Hears a signal for a loop, from install() on. The handler that the system calls only counts, and wakes the loop, which
/// calls heard() in a turn. A signal is process-wide: the last watch installed hears it. All on the main thread, so that
/// none goes while the handler looks at it; on another thread the handler sends the signal on to the main one.
class signal_watch {
public:
    signal_watch(event_loop& loop, int signal) noexcept : loop_(loop), signal_(signal) {}
    signal_watch(const signal_watch&) = delete;
    signal_watch& operator=(const signal_watch&) = delete;

    /// 0, or an errno.
    int install() noexcept;
    /// The signal has its default effect again, if no other watch hears it by now. Idempotent.
    void remove() noexcept;
    bool installed() const noexcept;

    int signal() const noexcept { return signal_; }
    event_loop& loop() const noexcept { return loop_; }
    /// How often it has come.
    unsigned caught() const noexcept { return caught_.load(); }

    static bool is_main_thread() noexcept;
    /// Called by the loop, when it was interrupted.
    static void hear(event_loop& loop) noexcept;
    /// Whether one of the loop may bring about something: a loop that waits for it is no deadlock.
    static bool may_wake(const event_loop& loop) noexcept;

protected:
    ~signal_watch() { remove(); }

    /// From so many on, the signal has its default effect at once, whatever the loop does.
    unsigned most_ = ~0U;
    /// Whether a loop with nothing else to do waits for it.
    bool is_waited_for_ = true;

private:
    static void on_signal(int signal) noexcept;
    /// May only schedule: it stands within a turn, or even a callback.
    virtual void heard() noexcept = 0;

    event_loop& loop_;
    int signal_;
    std::atomic<unsigned> caught_ = 0;
    unsigned heard_of_ = 0;
};

}  // namespace fermata::inline v0::detail
