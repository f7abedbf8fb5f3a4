#pragma once

/// \file
/// The timers of a loop, the earliest first; those with the same deadline in the order in which they were added.

#include <fermata/loop/callback.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace fermata::detail {

/// A pairing heap of timers that carry their own links: to add one allocates nothing, cannot fail, and is O(1); to remove
/// one, the earliest or any other, is O(log n) on average. It borrows the timers; each is in one heap at most, and must
/// have left it when it goes.
class timer_heap {
public:
    timer_heap() = default;
    timer_heap(const timer_heap&) = delete;
    timer_heap& operator=(const timer_heap&) = delete;
    ~timer_heap();

    bool empty() const noexcept { return !root_; }
    static bool contains(const timer& t) noexcept { return t.order_ != timer::not_in_heap; }

    void add(timer& t, std::chrono::nanoseconds when) noexcept;
    void remove(timer& t) noexcept;

    /// Undefined if empty.
    timer& earliest() const noexcept { return *root_; }

private:
    // A tree in which each timer is due before its children. These form a list, the first of which has the parent as its
    // previous one.
    static timer* next(const timer& t) noexcept { return static_cast<timer*>(t.next_); }
    static timer* previous(const timer& t) noexcept { return static_cast<timer*>(t.previous_); }
    static timer* meld(timer* a, timer* b) noexcept;
    static timer* meld_all(timer* siblings) noexcept;
    static void cut(timer& t) noexcept;
    static void let_go(timer& t) noexcept;

    timer* root_ = nullptr;
    std::uint64_t added_ = 0;
};

}  // namespace fermata::detail
