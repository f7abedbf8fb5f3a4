#pragma once

// Reporting where nothing may be raised.

#include <fermata/loop/event_loop.hpp>

#include <exception>

namespace fermata::inline v0::detail {

/// Hands what make() gives, an error_context, to the loop's exception handler; without a loop, to standard error. Where
/// there is no memory for its texts, they are left out.
template <class Make>
void report(event_loop* to, const std::exception_ptr& raised, Make make) noexcept {
    error_context what;
    try {
        what = make();
    } catch (...) {
        what = {"out of memory", raised, ""};  // short enough to need none
    }
    if (to) {
        to->call_exception_handler(what);
    } else {
        report_error(what);
    }
}

}  // namespace fermata::inline v0::detail
