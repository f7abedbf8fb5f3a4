#pragma once

/// \file
/// Timers in a heap, the earliest first; those with the same deadline in the order in which they were added.

#include <fermata/loop/detail/timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fermata::inline v0::detail {

/// A heap of four children a node: adding and removing are O(log n), and any callback can be removed. It borrows the
/// callbacks; while one is here it is in no list, nor anywhere else among timers.
class timer_heap {
public:
    timer_heap() = default;
    timer_heap(const timer_heap&) = delete;
    timer_heap& operator=(const timer_heap&) = delete;
    ~timer_heap();

    bool empty() const noexcept { return heap_.empty(); }
    std::size_t size() const noexcept { return heap_.size(); }

    /// Raises std::bad_alloc, and then has changed nothing. What was added earlier has a lower order.
    void add(callback& c, std::chrono::nanoseconds when, std::uint32_t order);
    /// It must be here.
    void remove(callback& c) noexcept;

    /// Undefined if empty.
    callback& earliest() const noexcept { return *heap_.front().what; }
    std::chrono::nanoseconds earliest_time() const noexcept { return heap_.front().when; }

    /// All of it, to be moved elsewhere.
    timers& all() noexcept { return heap_; }
    /// Takes all of these, which keep their orders; here there must be none. Allocates nothing: it takes their memory.
    void take(timers& from) noexcept;
    /// Counts the orders anew, from `order` on, which it counts up.
    void count_again(std::uint32_t& order) noexcept { number(heap_, this, order); }

private:
    void place(std::size_t position, const timer& t) noexcept;
    void sift_up(std::size_t position, const timer& t) noexcept;
    void sift_down(std::size_t position, const timer& t) noexcept;

    timers heap_;
};

}  // namespace fermata::inline v0::detail
