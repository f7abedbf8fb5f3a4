#pragma once

// What ends the wait of a port, whichever that is.

#include <atomic>

namespace fermata::inline v0::detail {

/// An eventfd that is written to once, until that has been taken.
class wake_event {
public:
    /// Whether the port reads it itself, or has the kernel read it, which would not wait for one that does not block.
    enum class reader : unsigned char { port, kernel };

    /// Raises std::system_error "eventfd: …".
    explicit wake_event(reader by);
    ~wake_event();
    wake_event(const wake_event&) = delete;
    wake_event& operator=(const wake_event&) = delete;

    int descriptor() const noexcept { return descriptor_; }

    /// Thread-safe, and safe in a signal handler.
    void wake() noexcept;
    bool woken() const noexcept { return woken_.load(std::memory_order_acquire); }
    /// A busy loop asks in each turn: no system call, and no more than a load, where nobody has woken it.
    void take() noexcept {
        if (woken()) clear();
    }
    /// The kernel has read it. What was handed in before a wake() that wrote nothing is seen from here on.
    void was_read() noexcept { woken_.exchange(false, std::memory_order_acq_rel); }

private:
    void clear() noexcept;

    int descriptor_;
    std::atomic<bool> woken_ = false;
};

}  // namespace fermata::inline v0::detail
