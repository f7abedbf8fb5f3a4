#pragma once

/// \file
/// The timers of a loop, the earliest first; those with the same deadline in the order in which they were added.

#include <fermata/loop/detail/timer_rung.hpp>
#include <fermata/loop/timer_heap.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fermata::inline v0::detail {

/// A thousand timers are in a heap. Of more, only those that are due next are; the others lie in buckets by their deadlines,
/// in no order, until their bucket's time has come. So to add, and to remove, touches few callbacks, however many there are:
/// what is not due soon is O(1). It borrows the callbacks; while one is here it is in no list.
///
/// The most that one call does is to move all of a bucket, or all that lie beyond the last bucket, into narrower ones, or to
/// sort as many as have one deadline. Each move divides the time by 16 or more, so that none is moved often.
class timer_queue {
public:
    /// Counts those that come from `added`; what it has counted matters where it overflows only.
    explicit timer_queue(std::uint32_t added = 0) noexcept : added_(added) {}
    timer_queue(const timer_queue&) = delete;
    timer_queue& operator=(const timer_queue&) = delete;

    bool empty() const noexcept { return near_.empty(); }

    /// Raises std::bad_alloc, and then no timer has come or gone.
    void add(callback& c, std::chrono::nanoseconds when) {
        if (when > near_last_ || near_.size() >= near_limit_ || added_ == most_timers) [[unlikely]]
            return add_otherwise(c, when);
        near_.add(c, when, added_);
        ++added_;
    }
    /// It must be here.
    void remove(callback& c) noexcept {
        if (c.holder() != &near_) [[unlikely]]
            return static_cast<timer_bucket*>(c.holder())->remove(c);
        near_.remove(c);
        if (near_.empty() && near_last_ != std::chrono::nanoseconds::max()) [[unlikely]]
            refill();
    }

    /// Undefined if empty.
    callback& earliest() const noexcept { return near_.earliest(); }
    std::chrono::nanoseconds earliest_time() const noexcept { return near_.earliest_time(); }

private:
    static constexpr std::size_t few = 1024;

    void add_otherwise(callback& c, std::chrono::nanoseconds when);
    void count_again() noexcept;
    timer_bucket& bucket_of(std::chrono::nanoseconds when) noexcept;
    void spread_near() noexcept;
    void refill() noexcept;
    void bring_near(timers& from, std::chrono::nanoseconds last) noexcept;
    bool spread(timers& from, std::chrono::nanoseconds last) noexcept;

    timer_heap near_;  // all that are due at near_last_ or earlier; empty only if there are none at all
    std::chrono::nanoseconds near_last_ = std::chrono::nanoseconds::max();
    std::size_t near_limit_ = few;
    std::uint32_t added_;
    std::vector<timer_rung> rungs_;  // each divides what a bucket of the one before had; the last is the next in time
    timer_bucket beyond_;            // of all of them
};

}  // namespace fermata::inline v0::detail
