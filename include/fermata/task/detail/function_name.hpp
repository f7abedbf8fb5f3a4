#pragma once

// What compilers call a function in a std::source_location, made readable.

#include <source_location>
#include <string>

namespace fermata::inline v0::detail {

/// "fetch(int)", of "fermata::task<int> fetch(int)" and of the name that g++ gives to the body of a coroutine.
std::string function_name(const std::source_location& of);
/// "fetch".
std::string function_name_alone(const std::source_location& of);

}  // namespace fermata::inline v0::detail
