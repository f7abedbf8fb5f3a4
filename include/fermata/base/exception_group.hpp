#pragma once

/// \file
/// Python's `ExceptionGroup` (PEP 654): several exceptions raised as one.

#include <fermata/base/errors.hpp>

#include <concepts>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fermata::inline v0 {

struct exception_group_split;

/// Python's `ExceptionGroup` and `BaseExceptionGroup`, in one: it holds any exceptions, other groups among them. Copies
/// share them. What Python writes `except* ValueError` is `catch (const exception_group& g)` and `g.split<value_error>()`.
class exception_group : public error {
public:
    /// Raises value_error "second argument (exceptions) must be a non-empty sequence", or "Item 0 of second argument
    /// (exceptions) is not an exception" for a null one.
    exception_group(std::string message, std::vector<std::exception_ptr> exceptions);

    /// The text alone; what() also says how many there are: "text (2 sub-exceptions)".
    const std::string& message() const noexcept;
    const std::vector<std::exception_ptr>& exceptions() const noexcept;

    /// Python's `g.subgroup(E)` and `g.split(E)`: those that are of class Exception (or derived), and the rest, in groups
    /// nested as they are here. If the group itself matches, all of it does. None where nothing is left.
    template <class Exception>
    std::optional<exception_group> subgroup() const;
    template <class Exception>
    exception_group_split split() const;

    /// The same, of those for which matches(const std::exception_ptr&) is true. It is asked of groups too.
    template <std::predicate<const std::exception_ptr&> Predicate>
    std::optional<exception_group> subgroup(Predicate matches) const;
    template <std::predicate<const std::exception_ptr&> Predicate>
    exception_group_split split(Predicate matches) const;

    /// As Python's traceback prints it, a line each, to its limits (15 exceptions a group, 10 groups deep):
    ///
    ///       | fermata::exception_group: several (2 sub-exceptions)
    ///       +-+---------------- 1 ----------------
    ///         | fermata::value_error: one
    ///         +---------------- 2 ----------------
    ///         | fermata::type_error: two
    ///         +------------------------------------
    std::string tree() const;

private:
    struct content;
    using matcher = bool (*)(void* context, const std::exception_ptr& exception);
    exception_group_split split_by(matcher matches, void* context) const;
    exception_group_split split_contents(matcher matches, void* context) const;

    std::shared_ptr<const content> content_;
};

/// What split() gives.
struct exception_group_split {
    std::optional<exception_group> match;
    std::optional<exception_group> rest;
};

/// "class: text", as the last line of Python's traceback: "fermata::value_error: one". Of a null one "no exception".
std::string describe_exception(const std::exception_ptr& exception);

}  // namespace fermata::inline v0

// Implementation

namespace fermata::inline v0 {

namespace detail {

template <class Exception>
bool is_a(const std::exception_ptr& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const Exception&) {
        return true;
    } catch (...) {
        return false;
    }
}

}  // namespace detail

template <std::predicate<const std::exception_ptr&> Predicate>
exception_group_split exception_group::split(Predicate matches) const {
    return split_by([](void* predicate,
                       const std::exception_ptr& each) -> bool { return (*static_cast<Predicate*>(predicate))(each); },
                    std::addressof(matches));
}

template <std::predicate<const std::exception_ptr&> Predicate>
std::optional<exception_group> exception_group::subgroup(Predicate matches) const {
    return split(std::move(matches)).match;
}

template <class Exception>
exception_group_split exception_group::split() const {
    return split(&detail::is_a<Exception>);
}

template <class Exception>
std::optional<exception_group> exception_group::subgroup() const {
    return split<Exception>().match;
}

}  // namespace fermata::inline v0
