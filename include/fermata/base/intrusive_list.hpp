#pragma once

/// \file
/// A doubly linked list of objects that carry their own links: to put one in, or to take it out from the middle, allocates
/// nothing and cannot fail.

#include <cstddef>
#include <cstdint>

namespace fermata::inline v0::detail {

/// What an object that can be in a list derives from. It is in one list at most, and leaves it when it is destroyed. While
/// it is a timer (see loop/timer_queue.hpp) it is in no list, and its links keep its place there: a task that sleeps is to
/// cost no more than one that waits.
class list_node {
public:
    list_node() noexcept : previous_(this) {}
    list_node(const list_node&) = delete;
    list_node& operator=(const list_node&) = delete;
    ~list_node() { unlink(); }

    bool linked() const noexcept { return next_ != this && !is_timer(); }

    /// Leaves the list, if it is in one. What holds timers is left by its remove only.
    void unlink() noexcept {
        if (is_timer()) return;
        previous_->next_ = next_;
        next_->previous_ = previous_;
        next_ = previous_ = this;
    }

    struct timer_place {
        std::uint32_t index;
        std::uint32_t order;  // of coming
    };
    bool is_timer() const noexcept { return reinterpret_cast<std::uintptr_t>(next_) % 2 != 0; }
    /// What holds it, and where.
    void* holder() const noexcept { return reinterpret_cast<char*>(next_) - 1; }
    timer_place place() const noexcept { return place_; }
    void set_place(void* holder, timer_place place) noexcept {
        next_ = reinterpret_cast<list_node*>(static_cast<char*>(holder) + 1);
        place_ = place;
    }
    void set_index(std::size_t index) noexcept { place_.index = static_cast<std::uint32_t>(index); }
    void leave_timers() noexcept { next_ = previous_ = this; }

private:
    template <class>
    friend class intrusive_list;

    list_node* next_ = this;  // of a timer: what holds it, and one byte more, where no object begins
    union {
        list_node* previous_;  // NOLINT(readability-identifier-naming): private
        timer_place place_;    // NOLINT(readability-identifier-naming)
    };
};

/// A list of T, which derives from list_node. Owns nothing: an object that goes leaves the list, and a list that goes lets
/// its objects go.
template <class T>
class intrusive_list {
public:
    intrusive_list() noexcept = default;
    ~intrusive_list() { clear(); }
    intrusive_list(const intrusive_list&) = delete;
    intrusive_list& operator=(const intrusive_list&) = delete;

    bool empty() const noexcept { return head_.next_ == &head_; }
    T& front() noexcept { return static_cast<T&>(*head_.next_); }

    /// The object must be in no list.
    void push_back(T& object) noexcept { insert_before(head_, object); }
    void push_front(T& object) noexcept { insert_before(*head_.next_, object); }

    /// Undefined if the list is empty.
    T& pop_front() noexcept {
        list_node& first = *head_.next_;
        head_.next_ = first.next_;
        head_.next_->previous_ = &head_;
        first.next_ = first.previous_ = &first;
        return static_cast<T&>(first);
    }

    /// Puts all objects of the other behind those of this list, in their order.
    void splice_back(intrusive_list& other) noexcept {
        if (other.empty()) return;
        list_node& first = *other.head_.next_;
        list_node& last = *other.head_.previous_;
        other.head_.next_ = other.head_.previous_ = &other.head_;
        first.previous_ = head_.previous_;
        head_.previous_->next_ = &first;
        last.next_ = &head_;
        head_.previous_ = &last;
    }

    /// Calls visit(T&) with each, which must not change the list.
    template <class Visit>
    void for_each(Visit visit) {
        for (list_node* each = head_.next_; each != &head_; each = each->next_) visit(static_cast<T&>(*each));
    }

    void clear() noexcept {
        while (!empty()) pop_front();
    }

private:
    static void insert_before(list_node& place, list_node& node) noexcept {
        node.previous_ = place.previous_;
        node.next_ = &place;
        place.previous_->next_ = &node;
        place.previous_ = &node;
    }

    list_node head_;
};

}  // namespace fermata::inline v0::detail
