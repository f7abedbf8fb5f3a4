#pragma once

// How long, as the kernel is told.

#include <chrono>
#include <ctime>

namespace fermata::inline v0::detail {

/// Of a time that is not negative.
inline timespec timespec_of(std::chrono::nanoseconds time) noexcept {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
    timespec made{};
    made.tv_sec = static_cast<std::time_t>(seconds.count());
    made.tv_nsec = static_cast<long>((time - seconds).count());
    return made;
}

}  // namespace fermata::inline v0::detail
