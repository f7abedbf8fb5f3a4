#include <fermata/loop/timer_heap.hpp>

#include <algorithm>
#include <limits>
#include <new>

namespace fermata::inline v0::detail {

namespace {

constexpr std::size_t children = 4;
constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();

}  // namespace

timer_heap::~timer_heap() {
    for (const entry& e : heap_) e.what->leave_heap();
}

void timer_heap::add(callback& c, std::chrono::nanoseconds when) {
    make_room();
    if (added_ == most) count_again();
    c.set_place_in_heap({0, added_++});
    const entry added{when, &c};
    heap_.push_back(added);
    sift_up(heap_.size() - 1, added);
}

// By a quarter at a time: twice the room would leave half of it unused.
void timer_heap::make_room() {
    if (heap_.size() < heap_.capacity()) return;
    if (heap_.size() == most) throw std::bad_alloc();
    heap_.reserve(heap_.size() + heap_.size() / 4 + 16);
}

// In order a heap is still a heap.
void timer_heap::count_again() noexcept {
    std::sort(heap_.begin(), heap_.end(), [](const entry& a, const entry& b) { return a.before(b); });
    added_ = 0;
    for (const entry& each : heap_) {
        each.what->set_place_in_heap({added_, added_});
        ++added_;
    }
}

void timer_heap::remove(callback& c) noexcept {
    const std::size_t hole = c.place_in_heap().index;
    c.leave_heap();
    const entry last = heap_.back();
    heap_.pop_back();
    if (last.what == &c) return;
    // The last one fills the hole, from where it may belong either way.
    if (hole > 0 && last.before(heap_[(hole - 1) / children])) {
        sift_up(hole, last);
    } else {
        sift_down(hole, last);
    }
}

void timer_heap::place(std::size_t position, const entry& e) noexcept {
    heap_[position] = e;
    e.what->set_place_in_heap({static_cast<std::uint32_t>(position), e.what->place_in_heap().order});
}

void timer_heap::sift_up(std::size_t position, const entry& e) noexcept {
    while (position > 0) {
        const std::size_t parent = (position - 1) / children;
        if (!e.before(heap_[parent])) break;
        place(position, heap_[parent]);
        position = parent;
    }
    place(position, e);
}

void timer_heap::sift_down(std::size_t position, const entry& e) noexcept {
    for (;;) {
        const std::size_t first = position * children + 1;
        if (first >= heap_.size()) break;
        const std::size_t end = std::min(first + children, heap_.size());
        std::size_t earliest = first;
        for (std::size_t child = first + 1; child < end; ++child) {
            if (heap_[child].before(heap_[earliest])) earliest = child;
        }
        if (!heap_[earliest].before(e)) break;
        place(position, heap_[earliest]);
        position = earliest;
    }
    place(position, e);
}

}  // namespace fermata::inline v0::detail
