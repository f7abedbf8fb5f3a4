#pragma once

// Durations of any unit as nanoseconds, the loop's.

#include <chrono>
#include <ratio>
#include <type_traits>

namespace fermata::inline v0::detail {

/// Raises value_error "Invalid delay: NaN (not a number)".
[[noreturn]] void raise_nan_delay();

/// What is too long for nanoseconds is the longest there is.
template <class Rep, class Period>
constexpr std::chrono::nanoseconds to_nanoseconds(const std::chrono::duration<Rep, Period>& delay) {
    using std::chrono::nanoseconds;
    if constexpr (std::is_floating_point_v<Rep>) {
        if (delay != delay) raise_nan_delay();  // NOLINT(misc-redundant-expression)
    }
    if constexpr (std::is_floating_point_v<Rep> || std::ratio_greater_v<Period, std::nano>) {
        using approximate = std::chrono::duration<double, std::nano>;
        constexpr double longest = 9.2e18;
        if (approximate(delay).count() >= longest) return nanoseconds::max();
        if (approximate(delay).count() <= -longest) return nanoseconds::min();
    }
    return std::chrono::duration_cast<nanoseconds>(delay);
}

}  // namespace fermata::inline v0::detail
