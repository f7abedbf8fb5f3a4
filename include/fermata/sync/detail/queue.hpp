#pragma once

// What the queues have in common, whatever they hold and in which order.

#include <fermata/base/config.hpp>
#include <fermata/sync/detail/ring.hpp>
#include <fermata/sync/event.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace fermata::inline v0::detail {

/// The counting and the waiting.
class queue_core {
public:
    explicit queue_core(std::ptrdiff_t maxsize) noexcept : maxsize_(maxsize) { finished_.set(); }
    queue_core(const queue_core&) = delete;
    queue_core& operator=(const queue_core&) = delete;

    bool empty() const noexcept { return size_ == 0; }
    bool full() const noexcept { return maxsize_ > 0 && size_ >= static_cast<std::size_t>(maxsize_); }
    std::size_t size() const noexcept { return size_; }
    std::ptrdiff_t maxsize() const noexcept { return maxsize_; }
    bool is_shutdown() const noexcept { return shutdown_; }

    /// Raise queue_shutdown, queue_full, queue_empty.
    void check_put() const {
        if (shutdown_ || full()) [[unlikely]]
            refuse_put();
    }
    void check_get() const {
        if (empty()) [[unlikely]]
            refuse_get();
    }
    void added() noexcept {
        ++size_;
        ++unfinished_;
        finished_.clear();
        getters_.wake_next();
    }
    void removed() noexcept {
        --size_;
        putters_.wake_next();
    }
    /// Who was woken to get an item could not: the next one is to have it.
    void leave_item() noexcept {
        if (!empty()) getters_.wake_next();
    }
    /// Who was woken to put an item could not: the next one is to have the room.
    void leave_room() noexcept {
        if (!full()) putters_.wake_next();
    }

    void task_done();
    auto join() noexcept { return finished_.wait(); }
    void shutdown(bool immediate) noexcept;

private:
    friend class queue_waiter;
    [[noreturn]] void refuse_put() const;
    [[noreturn]] void refuse_get() const;

    waiters getters_{"fermata::queue"};
    waiters putters_{"fermata::queue"};
    event finished_;
    std::size_t unfinished_ = 0;
    std::size_t size_ = 0;
    std::ptrdiff_t maxsize_;
    bool shutdown_ = false;
};

/// Waits until there is an item, or room, or a shutdown to be raised.
class queue_waiter final : public waiter {
public:
    enum class kind : bool { for_item, for_room };
    queue_waiter(queue_core& core, kind what) noexcept : core_(core), what_(what) {}

    void begin(suspension here) { wait_until_over(line(), here.frame()); }
    /// Raises cancelled_error; it has been woken in vain then, and wakes another if there is what that waits for.
    void end();

    bool is_over() noexcept override;

private:
    waiters& line() const noexcept { return what_ == kind::for_item ? core_.getters_ : core_.putters_; }
    bool has_to_wait() const noexcept { return what_ == kind::for_item ? core_.empty() : core_.full(); }

    queue_core& core_;
    kind what_;
};

template <class Queue>
class get_awaiter {
public:
    get_awaiter(Queue& queue, queue_core& core) noexcept : queue_(queue), core_(core) {}
    get_awaiter(const get_awaiter&) = delete;
    get_awaiter& operator=(const get_awaiter&) = delete;

    bool await_ready() const noexcept { return !core_.empty() || core_.is_shutdown(); }
    void await_suspend(suspension here) { waits_.emplace(core_, queue_waiter::kind::for_item).begin(here); }
    FERMATA_DETAIL_INLINE auto await_resume() {
        if (waits_) [[unlikely]]
            waits_->end();
        if constexpr (Queue::order::get_may_raise) {
            try {
                return queue_.get_nowait();
            } catch (...) {
                if (waits_) core_.leave_item();
                throw;
            }
        } else {
            return queue_.get_nowait();
        }
    }

private:
    Queue& queue_;
    queue_core& core_;
    std::optional<queue_waiter> waits_;
};

template <class Queue>
class put_awaiter {
public:
    using item = typename Queue::value_type;
    put_awaiter(Queue& queue, queue_core& core, item&& put) : queue_(queue), core_(core), item_(std::move(put)) {}
    put_awaiter(const put_awaiter&) = delete;
    put_awaiter& operator=(const put_awaiter&) = delete;

    bool await_ready() const noexcept { return !core_.full() || core_.is_shutdown(); }
    void await_suspend(suspension here) { waits_.emplace(core_, queue_waiter::kind::for_room).begin(here); }
    FERMATA_DETAIL_INLINE void await_resume() {
        if (waits_) [[unlikely]]
            waits_->end();
        if (core_.is_shutdown()) [[unlikely]]
            core_.check_put();
        try {
            queue_.add(std::move(item_));  // there is room: await_ready() has seen it, or is_over()
        } catch (...) {
            if (waits_) core_.leave_room();
            throw;
        }
    }

private:
    Queue& queue_;
    queue_core& core_;
    item item_;
    std::optional<queue_waiter> waits_;
};

// The orders. What may raise is asked for: a handler costs each item a quarter more.

template <class T>
struct first_in_first_out {
    static constexpr bool get_may_raise = !std::is_nothrow_move_constructible_v<T>;
    static constexpr bool put_may_raise_and_keep = false;
    ring<T> items;

    void put(T&& item) { items.push_back(std::move(item)); }
    T get() { return items.pop_front(); }
};

template <class T>
struct last_in_first_out {
    static constexpr bool get_may_raise = !std::is_nothrow_move_constructible_v<T>;
    static constexpr bool put_may_raise_and_keep = false;
    std::vector<T> items;

    void put(T&& item) { items.push_back(std::move(item)); }
    T get() {
        T item = std::move(items.back());
        items.pop_back();
        return item;
    }
};

// Python's heapq, comparison by comparison: it decides which of two items of the same priority goes out first, and
// std::push_heap decides otherwise. All comparisons come before anything is moved: where one raises, nothing has been put or
// taken. Where a move raises, the item that was to be put is one of them, and one that was to be taken still is.
template <class T, class Before>
struct first_by_priority {
    static constexpr bool get_may_raise = true;
    static constexpr bool put_may_raise_and_keep = !std::is_nothrow_swappable_v<T>;
    Before before;
    std::vector<T> items;

    void put(T&& item) {
        items.push_back(std::move(item));
        std::size_t at = items.size() - 1;
        const std::size_t to = [&] {
            try {
                return place_above(items.back(), at, [](std::size_t child) { return parent_of(child); });
            } catch (...) {
                items.pop_back();
                throw;
            }
        }();
        for (; at != to; at = parent_of(at)) std::swap(items[at], items[parent_of(at)]);
    }
    // The last item fills the gap that the first leaves: down to a leaf along the smaller children, and from there back up.
    T get() {
        const std::size_t size = items.size() - 1;
        std::size_t leaf = 0;
        for (std::size_t child = 1; child < size; child = 2 * leaf + 1) {
            if (child + 1 < size && !before(items[child], items[child + 1])) ++child;
            leaf = child;
        }
        std::size_t at = place_above(items.back(), leaf, [](std::size_t child) { return child; });
        if (size > 0) {
            for (; at != 0; at = parent_of(at)) std::swap(items.back(), items[at]);
            std::swap(items.back(), items.front());
        }
        T item = std::move(items.back());
        items.pop_back();
        return item;
    }

private:
    static std::size_t parent_of(std::size_t at) noexcept { return (at - 1) / 2; }
    // As far up from `at` as the item goes out before the one that compared(place) names.
    template <class Compared>
    std::size_t place_above(const T& item, std::size_t at, Compared compared) {
        while (at > 0 && before(item, items[compared(at)])) at = parent_of(at);
        return at;
    }
};

}  // namespace fermata::inline v0::detail
