#pragma once

// Coroutines whose bodies the caller cannot see (bodies.cpp), as in most programs.

#include "bare_generator.hpp"

namespace bodies {

bare::generator count(int n);
bare::receiver echo();
/// Raises value_refused where it is negative.
int accept(int value);
struct value_refused {};

}  // namespace bodies
