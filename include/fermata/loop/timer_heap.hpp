#pragma once

/// \file
/// The timers of a loop, the earliest first; those with the same deadline in the order in which they were added.

#include <fermata/loop/callback.hpp>

#include <chrono>
#include <cstdint>
#include <vector>

namespace fermata::detail {

/// A heap of four children a node: adding and removing are O(log n), and any timer can be removed. It borrows the timers;
/// each is in one heap at most.
class timer_heap {
public:
    timer_heap() = default;
    timer_heap(const timer_heap&) = delete;
    timer_heap& operator=(const timer_heap&) = delete;
    ~timer_heap();

    bool empty() const noexcept { return heap_.empty(); }
    std::size_t size() const noexcept { return heap_.size(); }
    static bool contains(const timer& t) noexcept { return t.position_ != timer::not_in_heap; }

    /// Raises std::bad_alloc, and then has changed nothing.
    void add(timer& t, std::chrono::nanoseconds when);
    void remove(timer& t) noexcept;

    /// Undefined if empty.
    timer& earliest() const noexcept { return *heap_.front().what; }

private:
    // What is compared stands in the heap itself: a step down touches one cache line or two, and no timer.
    struct entry {
        std::chrono::nanoseconds when;
        std::uint64_t order;
        timer* what;

        bool before(const entry& other) const noexcept {
            return when != other.when ? when < other.when : order < other.order;
        }
    };

    void place(std::size_t position, const entry& e) noexcept;
    void sift_up(std::size_t position, const entry& e) noexcept;
    void sift_down(std::size_t position, const entry& e) noexcept;

    std::vector<entry> heap_;
    std::uint64_t added_ = 0;
};

}  // namespace fermata::detail
