#pragma once

/// \file
/// Raising an exception wherever a program waits, one place at a time.

#include <fermata/base/errors.hpp>
#include <fermata/testing/detail/await_failure.hpp>
#include <fermata/testing/test_options.hpp>

#include <concepts>
#include <cstddef>
#include <exception>
#include <memory>
#include <utility>

namespace fermata::inline v0 {

/// What raise_at_every_await raises, unless it is told otherwise.
class planted_error : public error {
public:
    using error::error;
};

struct raising_options {
    /// What is raised; null: a planted_error "planted by raise_at_every_await".
    std::exception_ptr exception = nullptr;
    test_options test = {};
};

/// Runs the coroutine that `program()` makes, as run_test does: first as it is, and then again and again; in each of these
/// runs one await raises, when it is to go on, as if what it waited for had failed: each await of each of its tasks, until
/// none is left. Those count that may raise: of a sleep, a task or a future, a thread, of I/O. (A lock, a queue and their
/// like raise nothing but cancelled_error: cancel_at_every_await.)
///
/// Each run is to end well, or with that exception: as it is, in an exception group, nested in another one, or as what was
/// reported to the loop's exception handler. The rest is as with fail_every_allocation: the loop must go on, memory (where
/// <fermata/testing/failing_new.hpp> counts it) and descriptors are given back, `check()` is called after each run.
///
/// Anything else ends this with test_failure, the run's exception nested in it: "raised at a.cpp:12, in <Task
/// name='Task-1'> (await 3 of 18): …".
///
/// Gives the number of exceptions. What the first run raises is raised as it is. Not while a loop is running.
///
///     raise_at_every_await([&] { return transfer(from, to); }, [&] { EXPECT_FALSE(from.gate.locked()); });
template <std::invocable Program, std::invocable Check>
std::size_t raise_at_every_await(Program program, Check check, const raising_options& options = {});

// Implementation

template <std::invocable Program, std::invocable Check>
std::size_t raise_at_every_await(Program program, Check check, const raising_options& options) {
    static_assert(detail::is_coroutine<std::invoke_result_t<Program&>>,
                  "fermata: raise_at_every_await: the program must be a coroutine: []() -> task<> { … }");
    detail::await_failure failing(options.exception
                                      ? options.exception
                                      : std::make_exception_ptr(planted_error("planted by raise_at_every_await")));
    return detail::perturb_everywhere(failing, options.test, program, check);
}

}  // namespace fermata::inline v0
