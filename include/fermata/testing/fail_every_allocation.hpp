#pragma once

/// \file
/// Running a program out of memory wherever that is possible, one place at a time.

#include <fermata/base/frame_pool.hpp>
#include <fermata/testing/detail/allocation_failure.hpp>
#include <fermata/testing/test_options.hpp>

#include <concepts>
#include <cstddef>

namespace fermata::inline v0 {

struct allocation_options {
    test_options test = {};
};

/// Runs the coroutine that `program()` makes, as run_test does: first as it is, and then again and again; in the first of
/// these runs the first allocation fails, in the second the second, and so on, until no allocation is left that could.
/// What counts are the allocations of the calling thread by operator new, those of coroutine frames among them. One source
/// of the test program must include <fermata/testing/failing_new.hpp>, which has them fail.
///
/// Each run is to end well, or with std::bad_alloc (or a std::system_error of ENOMEM): as it is, in an exception group,
/// nested in another exception, or as what was reported to the loop's exception handler. The loop must go on then: it
/// runs another task. When all has ended, the run must have given back what it took: memory, and file descriptors. (What it
/// keeps on purpose, as a cache does, is no more when the run is repeated.) After each run `check()` is called; it raises if
/// something is not as it should be, or makes an assertion fail (options.test.failures).
///
/// Anything else ends this with test_failure, the run's exception nested in it: "allocation 17 of 40 (48 bytes) failed: …;
/// FERMATA_FAIL_ALLOCATION=17 repeats it". With that variable in the environment it is the only one that fails. Where
/// std::terminate is called, as when an exception leaves what is noexcept, standard error says the same.
///
/// A program that is no coroutine but a plain function is just called: it may call run() itself.
///
/// Gives the number of allocations that have failed. Raises runtime_error where <fermata/testing/failing_new.hpp> is
/// missing; what the first run raises is raised as it is. Not while a loop is running.
///
///     fail_every_allocation([&] { return transfer(from, to); }, [&] { EXPECT_FALSE(from.gate.locked()); });
template <std::invocable Program, std::invocable Check>
std::size_t fail_every_allocation(Program program, Check check, const allocation_options& options = {});

// Implementation

template <std::invocable Program, std::invocable Check>
std::size_t fail_every_allocation(Program program, Check check, const allocation_options& options) {
    const detail::frame_pool::bypass all_frames_are_allocated;
    detail::allocation_failure failing;
    return detail::perturb_everywhere(failing, options.test, program, check);
}

}  // namespace fermata::inline v0
