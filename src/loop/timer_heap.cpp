#include <fermata/loop/timer_heap.hpp>

#include <utility>

namespace fermata::detail {

timer_heap::~timer_heap() {
    while (root_) remove(*root_);
}

void timer_heap::add(timer& t, std::chrono::nanoseconds when) noexcept {
    t.when = when;
    t.order_ = ++added_;
    t.next_ = t.previous_ = nullptr;
    root_ = root_ ? meld(root_, &t) : &t;
}

void timer_heap::remove(timer& t) noexcept {
    timer* const children = meld_all(std::exchange(t.first_child_, nullptr));
    if (&t == root_) {
        root_ = children;
    } else {
        cut(t);
        if (children) root_ = meld(root_, children);
    }
    let_go(t);
}

// Of two trees, the one that is due later becomes the first child of the other.
timer* timer_heap::meld(timer* a, timer* b) noexcept {
    if (b->when < a->when || (b->when == a->when && b->order_ < a->order_)) std::swap(a, b);
    b->next_ = a->first_child_;
    b->previous_ = a;
    if (a->first_child_) a->first_child_->previous_ = b;
    a->first_child_ = b;
    return a;
}

// In pairs from the first to the last, and the pairs from the last to the first: that is what makes it O(log n) on average.
timer* timer_heap::meld_all(timer* siblings) noexcept {
    timer* pairs = nullptr;
    while (siblings) {
        timer* one = siblings;
        siblings = next(*one);
        if (timer* const other = siblings) {
            siblings = next(*other);
            one = meld(one, other);
        }
        one->next_ = pairs;
        pairs = one;
    }
    timer* root = nullptr;
    while (pairs) {
        timer* const one = std::exchange(pairs, next(*pairs));
        root = root ? meld(root, one) : one;
    }
    if (root) root->next_ = root->previous_ = nullptr;
    return root;
}

// Out of the list of its parent's children.
void timer_heap::cut(timer& t) noexcept {
    timer& before = *previous(t);
    if (before.first_child_ == &t) {
        before.first_child_ = next(t);
    } else {
        before.next_ = t.next_;
    }
    if (t.next_) next(t)->previous_ = &before;
}

void timer_heap::let_go(timer& t) noexcept {
    t.next_ = t.previous_ = &t;
    t.order_ = timer::not_in_heap;
}

}  // namespace fermata::detail
