#pragma once

/// \file
/// Python's `loop.add_signal_handler`, and waiting for signals.

#include <fermata/os/detail/signal_handlers.hpp>
#include <fermata/task/task.hpp>

#include <concepts>
#include <initializer_list>
#include <memory>
#include <utility>

namespace fermata::inline v0 {

// How signals come: the handler that the system calls counts, and wakes the loop; what is yours runs in a turn of the loop, where
// it may do anything. No signal is blocked, in no thread, and children inherit nothing of it; other threads may be the ones that
// the system interrupts (their system calls go on, or fail with EINTR where these always do), and none is killed, as the signal
// has a handler. Signals that come faster than the loop turns are heard of once, as the system itself has it.
//
// A signal is process-wide: the last who asks for it has it. Only on the main thread, as in Python; all raise runtime_error "signal
// handlers work on the main thread only" elsewhere, "no running event loop" where none runs, value_error "invalid signal number
// 99", and runtime_error "sig 9 cannot be caught".

/// `loop.add_signal_handler(sig, callback)`: the running loop calls it each time. Replaces the one that there was. What it raises
/// goes to the loop's exception handler. Taken back when the loop closes.
template <std::invocable Callback>
void add_signal_handler(int signal, Callback callback) {
    detail::add_signal_handler(
        std::make_shared<detail::signal_handler_of<Callback>>(current_loop(), signal, std::move(callback)));
}

/// `loop.remove_signal_handler(sig)`: the signal has its default effect again. False where there was no handler.
bool remove_signal_handler(int signal);

/// Hears these signals while it lives, one after the other, lost none of those between two calls of next():
///
///     signal_receiver received{SIGTERM, SIGHUP};
///     for (;;) {
///         int signal = co_await received.next();
///
/// As `trio.open_signal_receiver`; asyncio has but handlers. Then, or when the loop closes, each has the effect that it has by
/// default. On a virtual clock time goes on meanwhile.
class signal_receiver {
public:
    explicit signal_receiver(std::initializer_list<int> signals);

    /// The number of the next that comes; of several that have come, the lowest. Cancellation loses none.
    [[nodiscard]] task<int> next() { return next_of(received_); }

private:
    static task<int> next_of(std::shared_ptr<detail::received_signals> received);

    std::shared_ptr<detail::received_signals> received_;
};

}  // namespace fermata::inline v0
