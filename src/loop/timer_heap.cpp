#include <fermata/loop/timer_heap.hpp>

#include <algorithm>

namespace fermata::inline v0::detail {

namespace {

constexpr std::size_t children = 4;

}  // namespace

timer_heap::~timer_heap() {
    for (const timer& each : heap_) each.what->leave_timers();
}

void timer_heap::add(callback& c, std::chrono::nanoseconds when, std::uint32_t order) {
    make_room(heap_);
    const timer added{when, &c};
    c.set_place(this, {0, order});
    heap_.push_back(added);
    sift_up(heap_.size() - 1, added);
}

// In order they are a heap. Each callback is brought near on the way: they are read one after another, not each waited for.
void timer_heap::take(timers& from) noexcept {
    heap_.swap(from);
    const auto before = [](const timer& a, const timer& b) { return a.before(b); };
    if (!std::is_sorted(heap_.begin(), heap_.end(), before)) std::sort(heap_.begin(), heap_.end(), before);
    std::uint32_t index = 0;
    for (const timer& each : heap_) each.what->set_place(this, {index++, each.what->place().order});
}

void timer_heap::remove(callback& c) noexcept {
    const std::size_t hole = c.place().index;
    c.leave_timers();
    const timer last = heap_.back();
    heap_.pop_back();
    if (last.what == &c) return;
    // The last one fills the hole, from where it may belong either way.
    if (hole > 0 && last.before(heap_[(hole - 1) / children])) {
        sift_up(hole, last);
    } else {
        sift_down(hole, last);
    }
}

void timer_heap::place(std::size_t position, const timer& t) noexcept {
    heap_[position] = t;
    t.what->set_index(position);
}

void timer_heap::sift_up(std::size_t position, const timer& t) noexcept {
    while (position > 0) {
        const std::size_t parent = (position - 1) / children;
        if (!t.before(heap_[parent])) break;
        place(position, heap_[parent]);
        position = parent;
    }
    place(position, t);
}

void timer_heap::sift_down(std::size_t position, const timer& t) noexcept {
    for (;;) {
        const std::size_t first = position * children + 1;
        if (first >= heap_.size()) break;
        const std::size_t end = std::min(first + children, heap_.size());
        std::size_t earliest = first;
        for (std::size_t child = first + 1; child < end; ++child) {
            if (heap_[child].before(heap_[earliest])) earliest = child;
        }
        if (!heap_[earliest].before(t)) break;
        place(position, heap_[earliest]);
        position = earliest;
    }
    place(position, t);
}

}  // namespace fermata::inline v0::detail
