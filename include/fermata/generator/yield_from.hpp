#pragma once

/// \file
/// Python's `yield from` (PEP 380).

#include <fermata/base/ranges.hpp>
#include <fermata/generator/generator.hpp>

#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

/// Python's `result = yield from sub`: `auto result = co_yield fermata::from(sub);`. Until it ends, sub is stepped by
/// whoever steps this generator: it gets the values sent, the exceptions thrown in, and closed. A step costs the same at
/// any depth, and no depth overflows the stack.
///
/// sub may be new, half used, itself delegating, or ended; moved in (it then ends with the expression) or borrowed as an
/// lvalue (it must outlive the expression, and is its owner's again after it). While it is delegated to, stepping it
/// directly raises value_error "generator already executing". One that had ended before gives None at once: its Return
/// must then be void or a std::optional, or type_error is raised; so it is for one that was started and waits for a value
/// that is not None.
///
/// Where Yield and Send of the two differ, and convert, each step is converted (which costs a frame and a call a level).
template <class Yield, class Send, class Return>
auto from(generator<Yield, Send, Return>&& sub) noexcept;
template <class Yield, class Send, class Return>
auto from(generator<Yield, Send, Return>& sub) noexcept;

/// Any range: an lvalue is borrowed, an rvalue owned. It takes no values (type_error, raised at the co_yield) and no
/// exceptions (they are raised at the co_yield). The expression is void.
template <std::ranges::input_range Range>
auto from(Range&& range);

}  // namespace fermata::inline v0

#include <fermata/generator/detail/delegation.hpp>
