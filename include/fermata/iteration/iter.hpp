#pragma once

/// \file
/// Python's `iter` and `next`.
///
/// An *iterator* is an object from which one can pull the next element, until there is none. Here it is a single-pass
/// range and a view whose `begin()` pulls: a loop over it continues where the last call stopped, and it is exhausted
/// once and for all. iterator<Range>, enumerate, lines, and every generator that can be sent None are such; a class of
/// yours joins them by `using pulls_on_begin = void;`. Not thread-safe: an iterator has one user at a time.

#include <fermata/base/errors.hpp>
#include <fermata/base/ranges.hpp>
#include <fermata/iteration/detail/pulling.hpp>

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

/// A range that is its own iterator: in Python, `iter(x) is x`.
template <class T>
concept own_iterator = requires { typename std::remove_cvref_t<T>::pulls_on_begin; };

/// What iter() makes of a range that is not its own iterator. Move-only.
template <class Range>
class iterator;

/// Python's `iter(x)`. An lvalue is borrowed: it must outlive the iterator, and a change that invalidates its own
/// iterators invalidates this one (the container's rule, where Python's dict raises RuntimeError). An rvalue is owned.
/// `iter(it)` of an iterator is the same object: `&iter(it) == &it`; of a temporary one, that one, moved. Where `x` may be
/// a variable that is an iterator, write `auto&& it = iter(x)`: `auto it` would copy it, and an iterator is move-only.
template <std::ranges::input_range Range>
    requires(!own_iterator<Range>)
iterator<Range> iter(Range&& range) {
    return iterator<Range>(std::forward<Range>(range));
}
template <own_iterator Iterator>
Iterator& iter(Iterator& it) noexcept {
    return it;
}
template <own_iterator Iterator>
    requires std::is_object_v<Iterator>
Iterator iter(Iterator&& it) {
    return std::forward<Iterator>(it);
}

/// Python's `next(it)`: the next element, by value. Raises stop_iteration at the end, and every time after.
template <own_iterator Iterator>
std::ranges::range_value_t<Iterator> next(Iterator& it) {
    auto here = it.begin();
    if (here == it.end()) throw stop_iteration();
    return static_cast<std::ranges::range_value_t<Iterator>>(*here);
}

/// Python's `next(it, default)`: never raises stop_iteration.
template <own_iterator Iterator, class Default>
    requires std::constructible_from<std::ranges::range_value_t<Iterator>, Default>
std::ranges::range_value_t<Iterator> next(Iterator& it, Default&& otherwise) {
    auto here = it.begin();
    if (here == it.end()) return std::ranges::range_value_t<Iterator>(std::forward<Default>(otherwise));
    return static_cast<std::ranges::range_value_t<Iterator>>(*here);
}

/// As Python's `TypeError: 'list' object is not an iterator`, but at compile time.
template <std::ranges::input_range Range, class... Default>
    requires(!own_iterator<Range> && sizeof...(Default) <= 1)
void next(Range&, Default&&...) {
    static_assert(own_iterator<Range>, "fermata: this range is not an iterator: auto it = fermata::iter(range), then "
                                       "fermata::next(it)");
}

// Implementation

namespace detail {

// A borrowed range is held by its address. An owned one lives on the heap, so that the iterators into it survive a move.
template <class Range>
class held_range final : public shared_object {
public:
    explicit held_range(Range&& range) : range_(std::move(range)) {}
    Range* address() noexcept { return &range_; }

private:
    Range range_;
};

template <class Range>
class range_holder {
public:
    explicit range_holder(Range&& range) : held_(new held_range<Range>(std::move(range))) {}
    Range& get() const noexcept { return *held_->address(); }

private:
    shared<held_range<Range>> held_;
};

template <class Range>
class range_holder<Range&> {
public:
    explicit range_holder(Range& range) noexcept : range_(&range) {}
    Range& get() const noexcept { return *range_; }

private:
    Range* range_;
};

}  // namespace detail

template <class Range>
class iterator : public detail::pulling<iterator<Range>, std::ranges::range_value_t<Range>> {
public:
    explicit iterator(Range&& range) : range_(std::forward<Range>(range)) {}
    iterator(iterator&&) = default;
    iterator& operator=(iterator&&) = default;
    ~iterator() = default;

    /// Moves on to the next element, which current() then gives; false, for good, when there is none.
    bool pull() {
        if (exhausted_) return false;
        if (at_) {
            ++*at_;
        } else {
            at_.emplace(std::ranges::begin(range_.get()));
        }
        exhausted_ = *at_ == std::ranges::end(range_.get());
        return !exhausted_;
    }
    decltype(auto) current() const { return **at_; }

private:
    detail::range_holder<Range> range_;
    std::optional<std::ranges::iterator_t<Range>> at_;
    bool exhausted_ = false;
};

}  // namespace fermata::inline v0
