#pragma once

/// \file
/// What the runs of a test have in common.

#include <fermata/base/errors.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace fermata::inline v0 {

/// A test failed for a reason that is not an exception of the program's own. Where it is one, it is nested in this.
class test_failure : public error {
public:
    using error::error;
};

struct test_options {
    /// A random schedule instead of FIFO (make_seeded_schedule). Of explore_schedules: the first one; none: 1.
    std::optional<std::uint64_t> seed = {};
    /// Beyond these a run does not end: virtual time, and turns of the loop (for loops that let no time pass).
    std::chrono::nanoseconds time_limit = std::chrono::hours(24);
    std::size_t turn_limit = 1'000'000;
    /// The clock is the real one: for I/O between tasks of which some sleep; virtual time stands still while I/O is under
    /// way. Then there is no deadlock_error, but the time limit, which is to be short.
    bool real_time = false;
    /// How many assertions have failed so far, where a test framework counts them instead of raising (with GoogleTest:
    /// gtest_failures). Asked after each run; one more, and the run has failed.
    std::size_t (*failures)() = nullptr;
};

}  // namespace fermata::inline v0
