#include <fermata/base/exception_group.hpp>

#include <cxxabi.h>

#include <cstddef>
#include <cstdlib>
#include <typeinfo>
#include <utility>

namespace fermata {

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

std::string name_of(const std::exception_ptr& exception) {
    const std::type_info* type = exception.__cxa_exception_type();
    int status = 0;
    char* const text = type ? abi::__cxa_demangle(type->name(), nullptr, nullptr, &status) : nullptr;
    std::string name = text ? text : "unknown exception";
    std::free(text);  // NOLINT(*-no-malloc): that is how __cxa_demangle gives it
    return name;
}

std::string text_of(const std::exception_ptr& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "";
    }
}

void append_lines(std::string& tree, const std::string& margin, const std::string& text) {
    std::size_t begin = 0;
    for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
        end = text.find('\n', begin);
        tree += margin + "| " + text.substr(begin, end - begin) + "\n";
        if (end == std::string::npos) break;
    }
}

void append_group(std::string& tree, const std::string& margin, const std::exception_ptr& self,
                  const exception_group& group) {
    append_lines(tree, margin, describe_exception(self));
    const std::string inner = margin + "  ";
    std::size_t number = 0;
    for (const std::exception_ptr& each : group.exceptions()) {
        tree += (number == 0 ? margin + "+-" : inner) + "+---------------- " + std::to_string(number + 1) +
                " ----------------\n";
        ++number;
        if (const std::optional<exception_group> nested = as_group(each)) {
            append_group(tree, inner, each, *nested);
        } else {
            append_lines(tree, inner, describe_exception(each));
        }
    }
    const std::exception_ptr& last = group.exceptions().back();
    if (!as_group(last)) tree += inner + "+------------------------------------\n";
}

}  // namespace

std::string describe_exception(const std::exception_ptr& exception) {
    const std::string text = text_of(exception);
    return text.empty() ? name_of(exception) : name_of(exception) + ": " + text;
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
    std::vector<std::exception_ptr> match;
    std::vector<std::exception_ptr> rest;
    for (const std::exception_ptr& each : exceptions()) {
        const std::optional<exception_group> nested = as_group(each);
        if (!nested) {
            (matches(context, each) ? match : rest).push_back(each);
            continue;
        }
        const exception_group_split parts = nested->split_by(matches, context);
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
    append_group(tree, "  ", std::make_exception_ptr(*this), *this);
    return tree;
}

}  // namespace fermata
