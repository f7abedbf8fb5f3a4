#pragma once

#include <fermata/loop/callback.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

namespace fermata::inline v0::detail {

/// A callback and its deadline, as it stands among others. The deadline stands here: to compare two touches no callback, but
/// to see which of two with the same deadline came first. 16 bytes, of the 200 that a sleeping task is to cost.
struct timer {
    std::chrono::nanoseconds when;
    callback* what;

    bool before(const timer& other) const noexcept {
        if (when != other.when) return when < other.when;
        return what->place().order < other.what->place().order;
    }
};

using timers = std::vector<timer>;

/// Places and orders are of 32 bits.
inline constexpr std::uint32_t most_timers = std::numeric_limits<std::uint32_t>::max();

/// For one more. Raises std::bad_alloc.
void make_room(timers& in);
/// Puts them in order, and counts them, from `order` on.
void number(timers& all, void* holder, std::uint32_t& order) noexcept;

}  // namespace fermata::inline v0::detail
