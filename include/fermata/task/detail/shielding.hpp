#pragma once

// What shield makes.

#include <fermata/task/detail/future_state.hpp>

namespace fermata::inline v0::detail {

/// A future that is done when `inner` is, and holds it; its result is inner's.
reference<future_state> shielded(reference<future_state> inner);

}  // namespace fermata::inline v0::detail
