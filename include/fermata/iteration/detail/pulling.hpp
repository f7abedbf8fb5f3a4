#pragma once

#include <fermata/base/ranges.hpp>

#include <cstddef>

namespace fermata::inline v0::detail {

// What iterators that pull their elements have in common: being a single-pass range and a view. `Derived` has
// `bool pull()` (move on to the next element, false at the end) and `current()` (the element pulled last).
template <class Derived, class Value>
class pulling : public std::ranges::view_base {
public:
    using pulls_on_begin = void;

    // Copyable and default-constructible, as C++17's algorithms and range-v3 want it; all copies pull from one source.
    class position {
    public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = Value;
        using difference_type = std::ptrdiff_t;

        position() = default;
        explicit position(Derived* source) : source_(source) {}

        decltype(auto) operator*() const { return source_->current(); }
        position& operator++() {
            if (!source_->pull()) source_ = nullptr;
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const position& here, std::default_sentinel_t) { return here.source_ == nullptr; }

    private:
        Derived* source_ = nullptr;
    };

    /// Pulls the next element: a loop continues where the last call stopped.
    position begin() {
        auto* self = static_cast<Derived*>(this);
        return position(self->pull() ? self : nullptr);
    }
    std::default_sentinel_t end() const noexcept { return {}; }

protected:
    pulling() = default;
};

}  // namespace fermata::inline v0::detail
