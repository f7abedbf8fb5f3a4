#pragma once

// Where a queue keeps its items. std::deque allocates and frees a block for every 512 bytes that go through it, though
// the queue may never hold more than one item; a ring allocates when it grows, and then no more.

#include <cstddef>
#include <memory>
#include <utility>

namespace fermata::inline v0::detail {

/// First in, first out. Grows to twice its room when it is full, and does not shrink. T is any type that can be moved.
template <class T>
class ring {
public:
    ring() noexcept = default;
    ring(ring&& other) noexcept
        : slots_(std::exchange(other.slots_, nullptr)),
          room_(std::exchange(other.room_, 0)),
          first_(std::exchange(other.first_, 0)),
          size_(std::exchange(other.size_, 0)) {}
    ring& operator=(ring&& other) noexcept {
        ring moved(std::move(other));
        std::swap(slots_, moved.slots_);
        std::swap(room_, moved.room_);
        std::swap(first_, moved.first_);
        std::swap(size_, moved.size_);
        return *this;
    }
    ring(const ring&) = delete;
    ring& operator=(const ring&) = delete;
    ~ring() {
        while (size_ > 0) drop_front();
        if (slots_) std::allocator<T>().deallocate(slots_, room_);
    }

    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }

    /// What the move or the allocation raises; then nothing has been put.
    void push_back(T&& item) {
        if (size_ == room_) grow();
        std::construct_at(slot(size_), std::move(item));
        ++size_;
    }
    /// Undefined if it is empty. If the move raises, the item stays.
    T pop_front() {
        T item = std::move(*slot(0));
        drop_front();
        return item;
    }

private:
    // The room is a power of two.
    T* slot(std::size_t index) const noexcept { return slots_ + ((first_ + index) & (room_ - 1)); }
    void drop_front() noexcept {
        std::destroy_at(slot(0));
        first_ = (first_ + 1) & (room_ - 1);
        --size_;
    }
    void grow() {
        constexpr std::size_t least = 8;
        ring larger;
        larger.room_ = room_ == 0 ? least : 2 * room_;
        larger.slots_ = std::allocator<T>().allocate(larger.room_);
        for (; larger.size_ < size_; ++larger.size_) {
            std::construct_at(larger.slot(larger.size_), std::move_if_noexcept(*slot(larger.size_)));
        }
        *this = std::move(larger);
    }

    T* slots_ = nullptr;
    std::size_t room_ = 0;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

}  // namespace fermata::inline v0::detail
