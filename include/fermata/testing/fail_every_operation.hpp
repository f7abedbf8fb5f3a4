#pragma once

/// \file
/// Having the kernel fail a program wherever it can, one place at a time.

#include <fermata/task/task.hpp>
#include <fermata/testing/detail/operation_failure.hpp>
#include <fermata/testing/test_options.hpp>

#include <concepts>
#include <cstddef>

namespace fermata::inline v0 {

struct operation_options {
    test_options test = {};
};

/// Runs the coroutine that `program()` makes, as run_test does: first as it is, and then again and again; in each of these
/// runs one operation – of reading, writing, accepting, connecting, on files – meets one fault: each operation each fault
/// that its kind knows, until none is left. The faults:
///
/// - it ends with an error, without being done: accept with EMFILE, ENFILE, ENOMEM or ECONNABORTED, open with EMFILE,
///   ENOENT, EACCES or EIO, connect with ECONNREFUSED, ETIMEDOUT or ENETUNREACH, what reads with ECONNRESET, ETIMEDOUT or
///   ENOMEM, what writes with EPIPE, ECONNRESET or ENOBUFS, what works on a file with EIO, and writes there with ENOSPC;
///   who waits for a child with ENOMEM;
/// - it is interrupted: EINTR, EAGAIN; it moves a single byte; it begins three turns of the loop late; it is told three
///   turns late. Of these nobody is to hear: the run must end as if they were not.
///
/// After an error the run is to end well, or with a std::system_error of that errno: as it is, in an exception group, nested
/// in another exception, or as what was reported to the loop's exception handler. The rest is as with
/// fail_every_allocation: the loop must go on, memory (where <fermata/testing/failing_new.hpp> counts it) and descriptors
/// are given back, `check()` is called after each run.
///
/// Anything else ends this with test_failure, the run's exception nested in it: "operation 12 of 30 (read) ended with
/// ECONNRESET: …; FERMATA_FAIL_OPERATION=12.1 repeats it". With that variable in the environment it is the only one.
///
/// Gives the number of faults. What the first run raises is raised as it is. Streams in memory make no operations, and calls
/// that do not wait (socket, bind, close …) are none. Not while a loop is running.
///
///     fail_every_operation([&] { return fetch(url); }, [] {}, {.test = {.time_limit = 10s, .real_time = true}});
template <std::invocable Program, std::invocable Check>
std::size_t fail_every_operation(Program program, Check check, const operation_options& options = {});

// Implementation

template <std::invocable Program, std::invocable Check>
std::size_t fail_every_operation(Program program, Check check, const operation_options& options) {
    static_assert(detail::is_coroutine<std::invoke_result_t<Program&>>,
                  "fermata: fail_every_operation: the program must be a coroutine: []() -> task<> { … }");
    detail::operation_failure failing;
    return detail::perturb_everywhere(failing, options.test, program, check);
}

}  // namespace fermata::inline v0
