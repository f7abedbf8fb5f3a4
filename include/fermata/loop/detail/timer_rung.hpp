#pragma once

#include <fermata/loop/detail/timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fermata::inline v0::detail {

/// Timers in no order. What leaves is replaced by the last.
class timer_bucket {
public:
    timer_bucket() = default;
    timer_bucket(const timer_bucket&) = delete;
    timer_bucket& operator=(const timer_bucket&) = delete;
    ~timer_bucket();

    bool empty() const noexcept { return all_.empty(); }

    /// Raises std::bad_alloc, and then has changed nothing. Does not, if there is room.
    void add(callback& c, std::chrono::nanoseconds when, std::uint32_t order);
    void remove(callback& c) noexcept;
    void make_room_for(std::size_t n) { all_.reserve(n); }

    timers& all() noexcept { return all_; }
    void count_again(std::uint32_t& order) noexcept { number(all_, this, order); }

private:
    timers all_;
};

/// A time, divided into buckets of the same width, which are emptied one after another.
class timer_rung {
public:
    /// From first to last, in at most so many buckets, a power of two. Raises std::bad_alloc.
    timer_rung(std::chrono::nanoseconds first, std::chrono::nanoseconds last, std::size_t most_buckets);

    std::chrono::nanoseconds last() const noexcept { return last_; }

    /// `when` is neither after last(), nor in what next() has passed.
    timer_bucket& bucket_of(std::chrono::nanoseconds when) noexcept { return buckets_[number_of(when)]; }
    /// Moves all of these here. Raises std::bad_alloc, and then has changed nothing.
    void take(timers& from);
    /// Passes the next bucket that is not empty, and gives it; null, if there is none.
    timer_bucket* next() noexcept;
    /// The last time of what has been passed.
    std::chrono::nanoseconds passed() const noexcept;

    void count_again(std::uint32_t& order) noexcept;

private:
    std::size_t number_of(std::chrono::nanoseconds when) const noexcept {
        return static_cast<std::size_t>((static_cast<std::uint64_t>(when.count()) - start_) >> shift_);
    }

    std::uint64_t start_;
    std::chrono::nanoseconds last_;
    unsigned shift_;
    std::size_t next_ = 0;
    std::vector<timer_bucket> buckets_;
};

}  // namespace fermata::inline v0::detail
