#pragma once

/// \file
/// Python's `range`.

#include <fermata/base/errors.hpp>

#include <compare>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <ranges>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

/// An arithmetic progression of integers that is nowhere stored: a view that can be iterated again and again, sized,
/// indexable, at both ends as exact as Python's. What range() makes; immutable, so any number of threads may share it.
/// Sizes are exact up to 2^64 - 1; the distance of two iterators up to 2^63 - 1.
template <std::integral Integer>
class integer_range : public std::ranges::view_interface<integer_range<Integer>> {
    using natural = std::make_unsigned_t<Integer>;

public:
    using step_type = std::make_signed_t<Integer>;
    class iterator;

    constexpr integer_range() = default;
    constexpr integer_range(Integer start, Integer stop, step_type step);

    constexpr Integer start() const noexcept { return start_; }
    constexpr Integer stop() const noexcept { return stop_; }
    constexpr step_type step() const noexcept { return step_; }

    constexpr iterator begin() const noexcept { return iterator(start_, step_, 0); }
    constexpr iterator end() const noexcept { return iterator(start_, step_, size_); }
    constexpr natural size() const noexcept { return size_; }

    /// Python's `r[i]`: a negative index counts from the end. Raises index_error "range object index out of range".
    constexpr Integer operator[](std::ptrdiff_t index) const;

    /// Python's `value in r`, in constant time.
    constexpr bool contains(std::integral auto value) const noexcept;

    /// Python's: two ranges are equal if they give the same elements.
    friend constexpr bool operator==(const integer_range& a, const integer_range& b) noexcept {
        if (a.size_ != b.size_) return false;
        return a.size_ == 0 || (a.start_ == b.start_ && (a.size_ == 1 || a.step_ == b.step_));
    }

private:
    Integer start_ = 0;
    Integer stop_ = 0;
    step_type step_ = 1;
    natural size_ = 0;
};

/// Python's `range(stop)`, `range(start, stop)` and `range(start, stop, step)`. The elements are of the common type of
/// start and stop, at least int. Raises value_error "range() arg 3 must not be zero", and where an argument does not
/// fit in the common type (a negative start with an unsigned stop).
template <std::integral Stop>
constexpr auto range(Stop stop);
template <std::integral Start, std::integral Stop>
constexpr auto range(Start start, Stop stop);
template <std::integral Start, std::integral Stop, std::integral Step>
constexpr auto range(Start start, Stop stop, Step step);

// Implementation

// All arithmetic is on `natural`, which wraps: start + index * step is right for every element although index * step
// may not be representable.
template <std::integral Integer>
class integer_range<Integer>::iterator {
public:
    using iterator_concept = std::random_access_iterator_tag;
    using iterator_category = std::input_iterator_tag;
    using value_type = Integer;
    using difference_type = std::ptrdiff_t;
    using reference = Integer;

    constexpr iterator() = default;
    constexpr iterator(Integer start, step_type step, natural index) noexcept
        : start_(static_cast<natural>(start)), step_(static_cast<natural>(step)), index_(index) {}

    constexpr Integer operator*() const noexcept { return static_cast<Integer>(start_ + index_ * step_); }
    constexpr Integer operator[](difference_type n) const noexcept { return *(*this + n); }

    constexpr iterator& operator++() noexcept { return *this += 1; }
    constexpr iterator& operator--() noexcept { return *this -= 1; }
    constexpr iterator operator++(int) noexcept { return std::exchange(*this, *this + 1); }
    constexpr iterator operator--(int) noexcept { return std::exchange(*this, *this - 1); }
    constexpr iterator& operator+=(difference_type n) noexcept {
        index_ += static_cast<natural>(n);
        return *this;
    }
    constexpr iterator& operator-=(difference_type n) noexcept {
        index_ -= static_cast<natural>(n);
        return *this;
    }
    friend constexpr iterator operator+(iterator i, difference_type n) noexcept { return i += n; }
    friend constexpr iterator operator+(difference_type n, iterator i) noexcept { return i += n; }
    friend constexpr iterator operator-(iterator i, difference_type n) noexcept { return i -= n; }
    friend constexpr difference_type operator-(const iterator& a, const iterator& b) noexcept {
        return a.index_ >= b.index_ ? static_cast<difference_type>(a.index_ - b.index_)
                                    : -static_cast<difference_type>(b.index_ - a.index_);
    }
    friend constexpr bool operator==(const iterator& a, const iterator& b) noexcept { return a.index_ == b.index_; }
    friend constexpr auto operator<=>(const iterator& a, const iterator& b) noexcept { return a.index_ <=> b.index_; }

private:
    natural start_ = 0;
    natural step_ = 0;
    natural index_ = 0;
};

template <std::integral Integer>
constexpr integer_range<Integer>::integer_range(Integer start, Integer stop, step_type step)
    : start_(start), stop_(stop), step_(step) {
    if (step == 0) throw value_error("range() arg 3 must not be zero");
    const auto first = static_cast<natural>(start);
    const auto last = static_cast<natural>(stop);
    const auto stride = static_cast<natural>(step);
    if (step > 0 && start < stop) size_ = (last - first - 1) / stride + 1;
    if (step < 0 && start > stop) size_ = (first - last - 1) / (natural{0} - stride) + 1;
}

template <std::integral Integer>
constexpr Integer integer_range<Integer>::operator[](std::ptrdiff_t index) const {
    auto position = static_cast<std::size_t>(index);
    if (index < 0) position += static_cast<std::size_t>(size_);
    if (position >= size_) throw index_error("range object index out of range");
    return *iterator(start_, step_, static_cast<natural>(position));
}

template <std::integral Integer>
constexpr bool integer_range<Integer>::contains(std::integral auto value) const noexcept {
    if (!std::in_range<Integer>(value)) return false;
    const auto number = static_cast<Integer>(value);
    const auto up = static_cast<natural>(static_cast<natural>(number) - static_cast<natural>(start_));
    const auto stride = static_cast<natural>(step_);
    if (step_ > 0) return number >= start_ && number < stop_ && up % stride == 0;
    return number <= start_ && number > stop_ && (natural{0} - up) % (natural{0} - stride) == 0;
}

namespace detail {

template <std::integral Integer, std::integral From>
constexpr Integer range_argument(From value, const char* error) {
    if (!std::in_range<Integer>(value)) throw value_error(error);
    return static_cast<Integer>(value);
}

}  // namespace detail

template <std::integral Stop>
constexpr auto range(Stop stop) {
    return range(Stop{0}, stop, 1);
}

template <std::integral Start, std::integral Stop>
constexpr auto range(Start start, Stop stop) {
    return range(start, stop, 1);
}

template <std::integral Start, std::integral Stop, std::integral Step>
constexpr auto range(Start start, Stop stop, Step step) {
    using integer = std::common_type_t<Start, Stop, int>;
    using signed_integer = std::make_signed_t<integer>;
    return integer_range<integer>(
        detail::range_argument<integer>(start, "range() arg 1 does not fit in the common type of the arguments"),
        detail::range_argument<integer>(stop, "range() arg 2 does not fit in the common type of the arguments"),
        detail::range_argument<signed_integer>(step, "range() arg 3 does not fit in the type of the arguments"));
}

}  // namespace fermata::inline v0

template <class Integer>
inline constexpr bool std::ranges::enable_borrowed_range<fermata::integer_range<Integer>> = true;
