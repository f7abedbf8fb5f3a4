#pragma once

// The generators that are measured, where the caller cannot see their bodies (bodies.cpp), as in most programs.

#include "bare.hpp"

#include <fermata/generator.hpp>

#include <memory>

namespace bodies {

bare::generator count_bare(int n);
fermata::generator<int> count(int n);
/// count(n), delegated to through `depth` generators.
fermata::generator<int> count_at(int depth, int n);
/// The same as count, its frame from std::allocator: malloc and free.
fermata::generator<int> count_malloc(std::allocator_arg_t, std::allocator<int> from, int n);
fermata::generator<int, int> echo();

}  // namespace bodies
