#include <fermata/base/detail/type_name.hpp>
#include <fermata/task/detail/function_name.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace fermata::inline v0::detail {

namespace {

// "void N::X(X(parameters)::mangled.Frame*)": in g++ the body of a coroutine is a function of its frame. Gives
// N::X(parameters).
std::string without_frame(std::string_view name) {
    constexpr std::string_view begin = "void ";
    if (!name.ends_with(".Frame*)") || !name.starts_with(begin)) return std::string(name);
    const std::string_view whole = name.substr(begin.size(), name.rfind("::_Z") - begin.size());
    for (std::size_t p = whole.find('('); p != std::string_view::npos; p = whole.find('(', p + 1)) {
        const std::string_view function = whole.substr(0, p);
        const std::string_view again = whole.substr(p + 1);
        for (std::size_t q = again.find('('); q != std::string_view::npos; q = again.find('(', q + 1)) {
            if (q > 0 && function.ends_with(again.substr(0, q))) return std::string(function) += again.substr(q);
        }
    }
    return std::string(name);
}

// The first `wanted` that stands in no brackets.
std::size_t find_outside_of_brackets(std::string_view name, char wanted, std::size_t from = 0) {
    int depth = 0;
    for (std::size_t i = from; i < name.size(); ++i) {
        const char c = name[i];
        if (depth == 0 && c == wanted) return i;
        if (c == '<' || c == '(' || c == '{') ++depth;
        if (c == '>' || c == ')' || c == '}') --depth;
    }
    return std::string_view::npos;
}

std::string_view without_return_type(std::string_view name) {
    const std::size_t parameters = find_outside_of_brackets(name, '(');
    std::size_t begin = 0;
    for (std::size_t space = find_outside_of_brackets(name, ' '); space < parameters;
         space = find_outside_of_brackets(name, ' ', begin)) {
        begin = space + 1;
    }
    return name.substr(begin);
}

}  // namespace

std::string function_name(const std::source_location& of) {
    std::string name = without_version(without_frame(of.function_name()));
    // What is in no namespace that a reader could write, g++'s and clang's way.
    for (const std::string_view anonymous : {"{anonymous}::", "(anonymous namespace)::"}) {
        for (std::size_t at = name.find(anonymous); at != std::string::npos; at = name.find(anonymous)) {
            name.erase(at, anonymous.size());
        }
    }
    name.resize(std::min(name.find(" [with "), name.size()));
    return std::string(without_return_type(name));
}

std::string function_name_alone(const std::source_location& of) {
    std::string name = function_name(of);
    if (name.ends_with(" const")) name.resize(name.size() - 6);
    if (!name.ends_with(')')) return name;  // a lambda, in g++
    std::size_t parameters = 0;
    for (std::size_t at = find_outside_of_brackets(name, '('); at != std::string::npos;
         at = find_outside_of_brackets(name, '(', name.find(')', at))) {
        parameters = at;
    }
    return name.substr(0, parameters);
}

}  // namespace fermata::inline v0::detail
