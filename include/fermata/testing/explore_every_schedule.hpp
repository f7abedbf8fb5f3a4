#pragma once

/// \file
/// Every order of events that a program can meet, one after the other.

#include <fermata/testing/detail/schedule_search.hpp>
#include <fermata/testing/run_test.hpp>
#include <fermata/testing/test_options.hpp>

#include <concepts>
#include <cstddef>
#include <exception>
#include <optional>
#include <string_view>

namespace fermata::inline v0 {

struct exploration_options {
    /// How often a schedule may choose another callback than FIFO would; none: as often as it likes. Most errors need one
    /// or two such choices, and there are few schedules with so few: of n turns among k callbacks about (n·k)^deviations.
    std::optional<std::size_t> deviations = {};
    /// Whether the Tasks of these two names have nothing in common: neither changes, wakes, cancels or looks at what the
    /// other one does. Of schedules that differ only in the order of two neighbouring steps of such Tasks one is enough, and
    /// is run. Names that the program gives: those that are numbers differ from run to run. Not asked if deviations are
    /// bounded (a schedule that is left out may stand for one that is within the bound).
    bool (*independent)(std::string_view, std::string_view) = nullptr;
    /// If there are more schedules, it fails: not all of them have been seen.
    std::size_t schedule_limit = 1'000'000;
    /// Of each run. A seed is refused.
    test_options test = {};
};

/// Runs the coroutine that `program()` makes, as run_test does, under every order in which a loop can run its callbacks:
/// whatever is ready may be the next, each time. First in FIFO order, then depth first: as before up to the last choice
/// that has an alternative left, there the next alternative, and FIFO from there. Gives the number of schedules. What it
/// does not vary: when timers are due (time passes when nothing is ready; those due at one time come in every order), what
/// threads and the kernel do, and the order of what runs between two awaits, which nothing can interrupt.
///
/// Stops at the first run that raises, deadlocks, exceeds a limit, or in which an assertion fails (options.test.failures), and
/// raises test_failure "failed in schedule 17: …; replay with FERMATA_SCHEDULE=0,2,1", the run's own exception nested in it,
/// and a line for each choice that was not FIFO's. With FERMATA_SCHEDULE in the environment it runs that one only (and
/// gives 1); if that is no list of numbers, value_error.
///
/// The program must make all that a run needs, and do the same whenever the same choices are made: where it does not,
/// test_failure "the program is not deterministic: …". One that waits by asking again and again (`while (!ready) co_await
/// sleep(0ns)`) has endless schedules, in which nobody else runs: they exceed the limit of turns, unless deviations are
/// bounded. Raises test_failure "there are more than 1000000 schedules: …" if there are, and value_error if the limit is 0
/// or options.test.seed is set.
///
///     const std::size_t schedules = explore_every_schedule([]() -> task<> { … });
template <std::invocable Program>
std::size_t explore_every_schedule(Program program, const exploration_options& options = {});

// Implementation

template <std::invocable Program>
std::size_t explore_every_schedule(Program program, const exploration_options& options) {
    detail::schedule_search search(options);
    const detail::assertions asserted(options.test);
    while (search.next()) {
        try {
            detail::run_searched(search, options.test, program());
            asserted.check();
        } catch (...) {
            search.fail(std::current_exception());
        }
        search.check_repeated();
    }
    return search.schedules();
}

}  // namespace fermata::inline v0
