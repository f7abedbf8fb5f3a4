#pragma once

/// \file
/// A task, as an instrument sees it.

#include <fermata/loop/instrument.hpp>

#include <cstddef>
#include <source_location>
#include <span>
#include <string>

namespace fermata::inline v0 {

namespace detail {
class task_core;
}

namespace trace {

/// Valid within the hook that it is handed to. Nothing of it allocates, but for names longer than a std::string keeps in
/// place.
class task_view {
public:
    explicit task_view(detail::task_core& task, bool is_suspended = false) noexcept
        : task_(task), is_suspended_(is_suspended) {}

    /// No other task has it, while this one is there; a later one may.
    const void* id() const noexcept;
    std::string name() const;

    /// A place in its outermost coroutine: tells which function that is.
    std::source_location coroutine() const noexcept;
    /// Whether it can be asked what it waits for, and where: in task_suspended, and mostly in task_woken.
    bool is_suspended() const noexcept { return is_suspended_; }
    /// Where it is suspended: the awaits from the innermost coroutine outwards, as many as there is room for. Gives their
    /// number, all of them; none if it is not suspended.
    std::size_t stack(std::span<std::source_location> into) const noexcept;
    /// "turn": for its next one, having given way. "nothing", if it is not suspended.
    awaited waits_for() const noexcept;
    /// The id of the first of the tasks that wait for it, through gather, wait_for, shield and the like too; or null.
    const void* awaited_by() const noexcept;

private:
    detail::task_core& task_;
    bool is_suspended_;
};

/// "fetch(int)": a function's name without what it returns; and "fetch.cpp:12".
std::string function_of(const std::source_location& at);
std::string place_of(const std::source_location& at);

}  // namespace trace

}  // namespace fermata::inline v0
