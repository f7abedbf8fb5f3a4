#pragma once

/// \file
/// Python's `dict.keys()`, `.values()` and `.items()`, for any map-like container.

#include <fermata/base/ranges.hpp>

#include <concepts>
#include <ranges>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

/// A range of pairs whose first is a key that `find` looks up: std::map, std::unordered_map, and those made like them.
template <class T>
concept map_like = std::ranges::input_range<T> && requires(T& map, std::ranges::range_reference_t<T> entry) {
    typename std::remove_cvref_t<T>::key_type;
    typename std::remove_cvref_t<T>::mapped_type;
    entry.first;
    entry.second;
};

/// Python's views of a dict: ranges that hold nothing, and show the map as it is when they are looked at. An lvalue is
/// borrowed, and must outlive the view; an rvalue is owned. They are sized, can be iterated again and again, and go
/// into std::views. What happens when the map grows during a loop is the map's own rule (nothing to a std::map; a
/// std::unordered_map's rehash invalidates the loop), where Python raises RuntimeError.
///
/// Python's loop over the dict itself is the loop over keys(). iter() of a map goes over its pairs, as C++ does.
template <map_like Map>
auto keys(Map&& map) {
    return std::views::transform(std::forward<Map>(map), [](auto&& entry) -> const auto& { return entry.first; });
}

/// As keys(), of the mapped values: references, which can be assigned to where the map is not const.
template <map_like Map>
auto values(Map&& map) {
    return std::views::transform(std::forward<Map>(map), [](auto&& entry) -> auto& { return entry.second; });
}

/// As keys(), of the pairs: `for (auto& [key, value] : items(m))`.
template <map_like Map>
auto items(Map&& map) {
    return std::views::all(std::forward<Map>(map));
}

}  // namespace fermata::inline v0
