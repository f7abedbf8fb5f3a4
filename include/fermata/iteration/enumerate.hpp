#pragma once

/// \file
/// Python's `enumerate`.

#include <fermata/iteration/iter.hpp>

#include <cstddef>
#include <utility>

namespace fermata::inline v0 {

/// What enumerate() gives: pairs of a running count and an element. It is its own iterator. Move-only.
template <class Range>
class enumerator
    : public detail::pulling<enumerator<Range>, std::pair<std::ptrdiff_t, std::ranges::range_value_t<Range>>> {
public:
    explicit enumerator(Range&& range, std::ptrdiff_t start)
        : source_(std::forward<Range>(range)), next_count_(start) {}
    enumerator(enumerator&&) = default;
    enumerator& operator=(enumerator&&) = default;
    ~enumerator() = default;

    /// Moves on to the next element, which current() then gives; false, for good, when there is none.
    bool pull() {
        if (!source_.pull()) return false;
        ++next_count_;
        return true;
    }
    std::pair<std::ptrdiff_t, std::ranges::range_reference_t<Range>> current() const {
        return {next_count_ - 1, source_.current()};
    }

private:
    iterator<Range> source_;
    std::ptrdiff_t next_count_;
};

/// Python's `enumerate(x, start=0)`: `for (auto [i, element] : enumerate(x))`. In a loop the second of the pair is a
/// reference where the range gives one (so `element` can be assigned to); next() gives a pair of values. Borrows and
/// owns as iter() does.
template <std::ranges::input_range Range>
enumerator<Range> enumerate(Range&& range, std::ptrdiff_t start = 0) {
    return enumerator<Range>(std::forward<Range>(range), start);
}

}  // namespace fermata::inline v0
