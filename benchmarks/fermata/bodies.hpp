#pragma once

// Generators whose bodies the caller cannot see (bodies.cpp), as in most programs.

#include <fermata/generator.hpp>

#include <memory>

namespace bodies {

fermata::generator<int> count(int n);
/// The same, its frame from std::allocator: malloc and free.
fermata::generator<int> count_malloc(std::allocator_arg_t, std::allocator<int> from, int n);
/// count(n), delegated to through `depth` generators.
fermata::generator<int> count_at(int depth, int n);
/// One that raises value_error after its first value, at that depth.
fermata::generator<int> raise_at(int depth);
fermata::generator<int, int> echo();
/// Goes on after each value_error that is thrown in.
fermata::generator<int> survive();
/// Would clean up when it is closed.
fermata::generator<int> count_and_clean_up(int n);

}  // namespace bodies
