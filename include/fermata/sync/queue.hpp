#pragma once

/// \file
/// Python's `asyncio.Queue`, `PriorityQueue` and `LifoQueue`.

#include <fermata/base/errors.hpp>
#include <fermata/sync/detail/queue.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <utility>

namespace fermata::inline v0 {

/// Python's `asyncio.QueueEmpty`, `QueueFull` and `QueueShutDown`; no text, as in Python.
class queue_empty : public error {
public:
    using error::error;
};
class queue_full : public error {
public:
    using error::error;
};
class queue_shutdown : public error {
public:
    using error::error;
};

/// What queue, priority_queue and lifo_queue have in common. T is any type that can be moved; Order holds the items.
///
/// put() waits while the queue is full, get() while it is empty; those who wait are woken in the order in which they came
/// (but a get_nowait() may come before one who has been woken, as in CPython). Where they need not wait, they do not
/// suspend; waiting does not allocate. Who is cancelled while it waits raises cancelled_error and has taken or put nothing; if
/// it had been woken already, the next one is woken instead.
///
/// After shutdown() put() raises queue_shutdown, and get() does when nothing is left; those who wait are woken to do so.
///
/// It must outlive those who wait for it; those who are cancelled may go on after it is gone. Belongs to one loop. Not
/// thread-safe.
template <class T, class Order>
class basic_queue {
public:
    using value_type = T;
    using order = Order;

    /// A maxsize of 0 or less: no limit.
    explicit basic_queue(std::ptrdiff_t maxsize = 0) noexcept : core_(maxsize) {}
    basic_queue(const basic_queue&) = delete;
    basic_queue& operator=(const basic_queue&) = delete;

    /// `await q.put(item)` and `await q.get()`.
    auto put(T item) { return detail::put_awaiter<basic_queue>(*this, core_, std::move(item)); }
    [[nodiscard]] auto get() noexcept { return detail::get_awaiter<basic_queue>(*this, core_); }

    /// Without waiting. Raise queue_full or queue_empty, and queue_shutdown.
    void put_nowait(T item) {
        core_.check_put();
        add(std::move(item));
    }
    T get_nowait() {
        core_.check_get();
        T item = order_.get();
        core_.removed();
        return item;
    }

    /// The same without exceptions: false if it is full or shut down (then the item stays where it is); none if it is
    /// empty.
    template <class Item = T>
        requires std::constructible_from<T, Item>
    [[nodiscard]] bool try_put(Item&& item) {
        if (core_.is_shutdown() || full()) return false;
        put_nowait(T(std::forward<Item>(item)));
        return true;
    }
    [[nodiscard]] std::optional<T> try_get() {
        if (empty()) return std::nullopt;
        return get_nowait();
    }

    std::size_t qsize() const noexcept { return core_.size(); }
    std::ptrdiff_t maxsize() const noexcept { return core_.maxsize(); }
    bool empty() const noexcept { return core_.empty(); }
    bool full() const noexcept { return core_.full(); }

    /// An item that was got has been dealt with. Raises value_error "task_done() called too many times".
    void task_done() { core_.task_done(); }
    /// `await q.join()`: until task_done() has been called for every item that was put.
    [[nodiscard]] auto join() noexcept { return core_.join(); }

    /// `q.shutdown(immediate)`: nothing more can be put; get() gives what is left. Immediate: what is left is dropped, as
    /// if task_done() had been called for each.
    void shutdown(bool immediate = false) {
        Order dropped;
        if (immediate) std::swap(dropped.items, order_.items);
        core_.shutdown(immediate);
    }

private:
    friend class detail::put_awaiter<basic_queue>;
    void add(T&& item) {
        if constexpr (Order::put_may_raise_and_keep) {
            try {
                order_.put(std::move(item));
            } catch (...) {
                if (order_.items.size() > core_.size()) core_.added();
                throw;
            }
        } else {
            order_.put(std::move(item));
        }
        core_.added();
    }

    detail::queue_core core_;
    Order order_;
};

/// Python's `asyncio.Queue`: first in, first out.
template <class T>
class queue : public basic_queue<T, detail::first_in_first_out<T>> {
public:
    using basic_queue<T, detail::first_in_first_out<T>>::basic_queue;
};

/// `a < b`.
struct lowest_first {
    template <class T>
    constexpr bool operator()(const T& a, const T& b) const {
        return a < b;
    }
};

/// Python's `asyncio.PriorityQueue`: the lowest item first; Before(a, b) says whether a goes out before b. The order of
/// equal items is that of Python's heapq.
template <class T, class Before = lowest_first>
class priority_queue : public basic_queue<T, detail::first_by_priority<T, Before>> {
public:
    using basic_queue<T, detail::first_by_priority<T, Before>>::basic_queue;
};

/// Python's `asyncio.LifoQueue`: last in, first out.
template <class T>
class lifo_queue : public basic_queue<T, detail::last_in_first_out<T>> {
public:
    using basic_queue<T, detail::last_in_first_out<T>>::basic_queue;
};

}  // namespace fermata::inline v0
