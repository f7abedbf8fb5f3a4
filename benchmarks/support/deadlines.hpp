#pragma once

// What all programs that measure loops have to do the same way.

#include <cstdint>

namespace measured {

/// N sleeps within a second, of different lengths, in no order: how long the i-th is, in nanoseconds.
inline std::int64_t delay_of(long i, long n) { return 1 + 1'000'000'000 * (i * 7'919 % n) / n; }

/// How many turns each of N tasks takes: together some 100,000, and each so many that making the tasks does not show.
inline long turns_of(long n) { return 100 + 100'000 / n; }

}  // namespace measured
