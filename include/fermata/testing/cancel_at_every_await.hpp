#pragma once

/// \file
/// Cancelling a program wherever that is possible, one place at a time.

#include <fermata/testing/detail/injection.hpp>
#include <fermata/testing/test_options.hpp>

#include <concepts>
#include <cstddef>
#include <exception>

namespace fermata::inline v0 {

struct cancellation_options {
    /// Cancels not only the Task of the program itself, but any that it makes, each in turn. A program that waits for
    /// ever for what a cancelled Task was to do then fails.
    bool any_task = false;
    /// A Task that is cancelled may return all the same.
    bool may_swallow = false;
    test_options test = {};
};

/// Runs the coroutine that `program()` makes, as run_test does: first as it is, counting the turns of its Task (its steps,
/// from one suspension to the next, and the alarms of its sleeps), and then again twice for each turn, cancelling it
///
/// - just before the turn, when what it waited for is there already: a wake-up, a lock, an item must not be lost with it;
/// - just behind the turn, while it waits.
///
/// The first of these is before the body starts, the last when it has ended. After each run, when all Tasks have ended,
/// `check()` is called: are the locks free, is everything destroyed? It raises if not, or makes an assertion fail
/// (options.test.failures).
///
/// The Task that is cancelled is to end with cancelled_error, and the program with that or well. Anything else (a
/// cancellation that is swallowed, another exception, a deadlock, a Task that does not end, a check that fails) ends this
/// with test_failure, which says where the cancellation was, and has the run's exception nested in it: "cancelled <Task
/// name='Task-1'> at a.cpp:12, just before its turn (point 4 of 18): …". What the first run raises is raised as it is.
///
/// Gives the number of the points. The program must do the same in each run, up to the cancellation.
///
///     cancel_at_every_await([&] { return transfer(from, to); }, [&] { EXPECT_FALSE(from.gate.locked()); });
template <std::invocable Program, std::invocable Check>
std::size_t cancel_at_every_await(Program program, Check check, const cancellation_options& options = {});

// Implementation

template <std::invocable Program, std::invocable Check>
std::size_t cancel_at_every_await(Program program, Check check, const cancellation_options& options) {
    detail::injection injected(options.any_task, options.may_swallow);
    const detail::assertions asserted(options.test);
    while (injected.next()) {
        try {
            detail::run_injected(injected, options.test, program());
            check();
            asserted.check();
        } catch (...) {
            injected.fail(std::current_exception());
        }
    }
    return injected.cancellations();
}

}  // namespace fermata::inline v0
