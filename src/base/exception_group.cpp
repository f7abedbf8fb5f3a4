#include <fermata/base/detail/type_name.hpp>
#include <fermata/base/exception_group.hpp>

#include <cstddef>
#include <string_view>
#include <typeinfo>
#include <utility>

namespace fermata::inline v0 {

struct exception_group::content {
    std::string message;
    std::vector<std::exception_ptr> exceptions;
};

namespace {

std::string counted(const std::string& message, std::size_t size) {
    return message + " (" + std::to_string(size) + (size == 1 ? " sub-exception)" : " sub-exceptions)");
}

// Null if it is none.
std::optional<exception_group> as_group(const std::exception_ptr& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const exception_group& group) {
        return group;
    } catch (...) {
        return std::nullopt;
    }
}

// std::throw_with_nested raises a class of its own that derives from what it is given.
std::string without_nesting(std::string name) {
    for (const std::string_view wrapper : {"std::_Nested_exception<", "std::__1::__nested<"}) {
        if (name.starts_with(wrapper)) return name.substr(wrapper.size(), name.size() - wrapper.size() - 1);
    }
    return name;
}

std::string name_of(const std::type_info* type) {
    return type ? without_nesting(detail::type_name(*type)) : "unknown exception";
}

std::string text_of(const std::exception_ptr& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const stop_iteration&) {  // its what() is its name
        return "";
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "";
    }
}

std::string described(const std::string& name, const std::string& text) {
    return text.empty() || text == name ? name : name + ": " + text;
}

void append_lines(std::string& tree, const std::string& margin, const std::string& text) {
    std::size_t begin = 0;
    for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
        end = text.find('\n', begin);
        tree += margin + "| " + text.substr(begin, end - begin) + "\n";
        if (end == std::string::npos) break;
    }
}

// As much as CPython's traceback shows of a group.
constexpr std::size_t max_width = 15;
constexpr int max_depth = 10;

// True if it has drawn a group, which has its own line below.
bool append_exception(std::string& tree, const std::string& margin, const std::exception_ptr& exception, int depth);

void append_group(std::string& tree, const std::string& margin, const std::string& title, const exception_group& group,
                  int depth) {
    append_lines(tree, margin, title);
    const std::string inner = margin + "  ";
    const std::size_t size = group.exceptions().size();
    bool has_line_below = false;
    for (std::size_t i = 0; i < size && i <= max_width; ++i) {
        const std::string number = i < max_width ? std::to_string(i + 1) : "...";
        tree += i == 0 ? margin + "+-" : inner;
        tree += "+---------------- " + number + " ----------------\n";
        if (i < max_width) {
            has_line_below = append_exception(tree, inner, group.exceptions()[i], depth + 1);
            continue;
        }
        const std::size_t left = size - max_width;
        append_lines(tree, inner, "and " + std::to_string(left) + (left == 1 ? " more exception" : " more exceptions"));
        has_line_below = false;
    }
    if (!has_line_below) tree += inner + "+------------------------------------\n";
}

bool append_exception(std::string& tree, const std::string& margin, const std::exception_ptr& exception, int depth) {
    const std::optional<exception_group> group = as_group(exception);
    if (!group) {
        append_lines(tree, margin, describe_exception(exception));
        return false;
    }
    if (depth > max_depth) {
        append_lines(tree, margin, "... (max_group_depth is " + std::to_string(max_depth) + ")");
        return false;
    }
    append_group(tree, margin, describe_exception(exception), *group, depth);
    return true;
}

}  // namespace

std::string describe_exception(const std::exception_ptr& exception) {
    if (!exception) return "no exception";
    return described(name_of(exception.__cxa_exception_type()), text_of(exception));
}

exception_group::exception_group(std::string message, std::vector<std::exception_ptr> exceptions)
    : error(counted(message, exceptions.size())),
      content_(std::make_shared<const content>(content{std::move(message), std::move(exceptions)})) {
    if (content_->exceptions.empty()) {
        throw value_error("second argument (exceptions) must be a non-empty sequence");
    }
    for (std::size_t i = 0; i < content_->exceptions.size(); ++i) {
        if (content_->exceptions[i]) continue;
        throw value_error("Item " + std::to_string(i) + " of second argument (exceptions) is not an exception");
    }
}

const std::string& exception_group::message() const noexcept { return content_->message; }

const std::vector<std::exception_ptr>& exception_group::exceptions() const noexcept { return content_->exceptions; }

exception_group_split exception_group::split_by(matcher matches, void* context) const {
    if (matches(context, std::make_exception_ptr(*this))) return {*this, std::nullopt};
    return split_contents(matches, context);
}

exception_group_split exception_group::split_contents(matcher matches, void* context) const {
    std::vector<std::exception_ptr> match;
    std::vector<std::exception_ptr> rest;
    for (const std::exception_ptr& each : exceptions()) {
        if (matches(context, each)) {
            match.push_back(each);
            continue;
        }
        const std::optional<exception_group> nested = as_group(each);
        if (!nested) {
            rest.push_back(each);
            continue;
        }
        const exception_group_split parts = nested->split_contents(matches, context);
        if (parts.match) match.push_back(std::make_exception_ptr(*parts.match));
        if (parts.rest) rest.push_back(std::make_exception_ptr(*parts.rest));
    }
    exception_group_split result;
    if (!match.empty()) result.match = exception_group(message(), std::move(match));
    if (!rest.empty()) result.rest = exception_group(message(), std::move(rest));
    return result;
}

std::string exception_group::tree() const {
    std::string tree;
    append_group(tree, "  ", described(name_of(&typeid(*this)), what()), *this, 1);
    return tree;
}

}  // namespace fermata::inline v0
