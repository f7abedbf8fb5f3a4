#pragma once

/// \file
/// The timers of a loop, the earliest first; those with the same deadline in the order in which they were added.

#include <fermata/loop/callback.hpp>

#include <chrono>
#include <cstdint>
#include <vector>

namespace fermata::inline v0::detail {

/// A heap of four children a node: adding and removing are O(log n), and any callback can be removed. It borrows the
/// callbacks; while one is here it is in no list, nor in another heap.
class timer_heap {
public:
    /// Counts those that come from `added`; what it has counted matters where it overflows only.
    explicit timer_heap(std::uint32_t added = 0) noexcept : added_(added) {}
    timer_heap(const timer_heap&) = delete;
    timer_heap& operator=(const timer_heap&) = delete;
    ~timer_heap();

    bool empty() const noexcept { return heap_.empty(); }
    std::size_t size() const noexcept { return heap_.size(); }

    /// Raises std::bad_alloc, and then has changed nothing.
    void add(callback& c, std::chrono::nanoseconds when);
    /// It must be here.
    void remove(callback& c) noexcept;

    /// Undefined if empty.
    callback& earliest() const noexcept { return *heap_.front().what; }
    std::chrono::nanoseconds earliest_time() const noexcept { return heap_.front().when; }

private:
    // The deadline stands in the heap itself: a step down touches one cache line, and no callback but to tell it its place,
    // or to see which of two with the same deadline came first. 16 bytes, of the 200 that a sleeping task is to cost.
    struct entry {
        std::chrono::nanoseconds when;
        callback* what;

        bool before(const entry& other) const noexcept {
            if (when != other.when) return when < other.when;
            return what->place_in_heap().order < other.what->place_in_heap().order;
        }
    };

    void make_room();
    void count_again() noexcept;
    void place(std::size_t position, const entry& e) noexcept;
    void sift_up(std::size_t position, const entry& e) noexcept;
    void sift_down(std::size_t position, const entry& e) noexcept;

    std::vector<entry> heap_;
    std::uint32_t added_;
};

}  // namespace fermata::inline v0::detail
