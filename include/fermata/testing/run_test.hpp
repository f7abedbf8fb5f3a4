#pragma once

/// \file
/// Running a coroutine as a test: on virtual time, and never without an end.

#include <fermata/base/errors.hpp>
#include <fermata/task/task.hpp>
#include <fermata/testing/detail/trial.hpp>
#include <fermata/testing/test_options.hpp>

#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

/// `run(main, {.virtual_time = true})`, for tests: gives what main returns, raises what it raises, and does not hang.
///
/// - Nothing is ready, and there is no deadline to come: raises deadlock_error, whose text names the tasks that are left,
///   and the awaits where they stand.
/// - It exceeds a limit of the options: raises test_failure "did not end within …", with the same.
/// - Something was reported to the loop's exception handler (what a callback raised, what a task raised and nobody
///   retrieved), and main set no handler of its own: raises test_failure, unless main raises.
///
/// Tasks that are left when main ends are, as by run, cancelled and awaited; that is no failure, but what they raise is,
/// and so is one that does not end.
template <class T>
T run_test(task<T> main, const test_options& options = {});

// Implementation

namespace detail {

template <class T>
T run_trial(trial& with, task<T>&& main) {
    auto handle = task_access::spawn(with.loop(), std::move(main), {});
    with.run(task_access::core_of(handle));
    return static_cast<T>(static_cast<std::add_rvalue_reference_t<T>>(handle.result()));
}

}  // namespace detail

template <class T>
T run_test(task<T> main, const test_options& options) {
    detail::trial trial(options);
    return detail::run_trial(trial, std::move(main));
}

}  // namespace fermata::inline v0
