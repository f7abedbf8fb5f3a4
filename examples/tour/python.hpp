#pragma once

/// \file
/// Python's str, repr, print and list for the types that the tour prints, so that its programs read as the originals do.

#include <algorithm>
#include <concepts>
#include <map>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace tour {

/// `repr(value)` of a float: the fewest digits that give the same number, "10.0", "1e+16", "nan".
std::string repr_float(double value);

/// `repr(value)` of a str: quoted, with what cannot be printed escaped. Valid UTF-8 passes through.
std::string repr_str(std::string_view value);

/// `float(text)`, of a text without spaces around it; nothing where Python raises ValueError. Digits are ASCII's.
std::optional<double> to_float(std::string_view text);

/// `f'{value:.<digits>f}'`
std::string fixed(double value, int digits);

/// `repr(value)`. None is the empty optional; a tuple a pair; a list a vector; a dict a map. A class of the tour's own
/// has a member `repr`, as one in Python has `__repr__`.
template <class T>
std::string repr(const T& value);

/// `str(value)`: as repr, but a text is itself.
template <class T>
std::string str(const T& value);

/// `print(*values)`
template <class... Values>
void print(const Values&... values);

void print_line(std::string line);

/// `list(iterable)`
template <std::ranges::input_range Range>
auto list(Range&& range) {
    std::vector<std::ranges::range_value_t<Range>> elements;
    for (auto&& element : range) elements.emplace_back(element);
    return elements;
}

// Implementation

template <class T>
inline constexpr bool is_text = std::convertible_to<const T&, std::string_view>;

template <class T>
std::string repr(const std::optional<T>& value) {
    return value ? repr(*value) : "None";
}

template <class First, class Second>
std::string repr(const std::pair<First, Second>& value) {
    return "(" + repr(value.first) + ", " + repr(value.second) + ")";
}

template <class T>
std::string repr(const std::vector<T>& value) {
    std::string text;
    for (const auto& element : value) text += (text.empty() ? "" : ", ") + repr(element);
    return "[" + text + "]";
}

template <class Key, class Value>
std::string repr(const std::map<Key, Value>& value) {
    std::string text;
    for (const auto& [key, mapped] : value) text += (text.empty() ? "" : ", ") + repr(key) + ": " + repr(mapped);
    return "{" + text + "}";
}

template <class T>
std::string repr(const T& value) {
    if constexpr (std::is_same_v<T, std::nullopt_t>) {
        return "None";
    } else if constexpr (std::is_same_v<T, bool>) {
        return value ? "True" : "False";
    } else if constexpr (std::is_same_v<T, char>) {
        return repr_str(std::string_view(&value, 1));
    } else if constexpr (std::floating_point<T>) {
        return repr_float(value);
    } else if constexpr (std::integral<T>) {
        return std::to_string(value);
    } else if constexpr (is_text<T>) {
        return repr_str(value);
    } else {
        return value.repr();
    }
}

template <class... Types>
std::string str(const std::variant<Types...>& value) {
    return std::visit([](const auto& held) { return str(held); }, value);
}

template <class T>
std::string str(const T& value) {
    if constexpr (std::is_same_v<T, char>) {
        return std::string(1, value);
    } else if constexpr (is_text<T>) {
        return std::string(std::string_view(value));
    } else {
        return repr(value);
    }
}

template <class... Values>
void print(const Values&... values) {
    std::string line;
    ((line += str(values), line += ' '), ...);
    if (!line.empty()) line.pop_back();
    print_line(std::move(line));
}

}  // namespace tour
