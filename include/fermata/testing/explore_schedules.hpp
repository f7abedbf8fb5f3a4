#pragma once

/// \file
/// Looking for the order of events in which a program fails.

#include <fermata/testing/run_test.hpp>

#include <concepts>
#include <cstddef>
#include <exception>

namespace fermata::inline v0 {

/// Runs the coroutine that `program()` makes, as run_test does, under that many random schedules (make_seeded_schedule):
/// the seeds options.seed (none: 1), and the numbers after it. All that a run needs should be made in it.
///
/// Stops at the first run that raises, deadlocks, exceeds a limit, or in which an assertion fails (options.failures), and
/// raises test_failure "failed with seed 17, schedule 17 of 1000: …; replay with FERMATA_SEED=17", the run's own exception
/// nested in it. With FERMATA_SEED in the environment it runs that schedule only; if that is no number, value_error.
/// Raises value_error if `schedules` is 0.
///
///     explore_schedules(1000, []() -> task<> { … });
template <std::invocable Program>
void explore_schedules(std::size_t schedules, Program program, const test_options& options = {});

// Implementation

namespace detail {

class exploration {
public:
    exploration(std::size_t schedules, const test_options& options);

    /// Goes on to the next seed. False if that was the last.
    bool next() noexcept;
    /// Those of the run that is next.
    const test_options& options() const noexcept { return options_; }

    /// Raises test_failure, with what was raised nested in it.
    [[noreturn]] void fail(const std::exception_ptr& raised) const;

private:
    test_options options_;
    std::size_t schedules_;
    std::size_t tried_ = 0;
};

}  // namespace detail

template <std::invocable Program>
void explore_schedules(std::size_t schedules, Program program, const test_options& options) {
    detail::exploration exploring(schedules, options);
    const detail::assertions asserted(options);
    while (exploring.next()) {
        try {
            run_test(program(), exploring.options());
            asserted.check();
        } catch (...) {
            exploring.fail(std::current_exception());
        }
    }
}

}  // namespace fermata::inline v0
