#pragma once

// Names for people.

#include <string>
#include <typeinfo>

namespace fermata::inline v0::detail {

/// As it is written: "fermata::value_error".
std::string type_name(const std::type_info& type);
/// Without the inline namespace that says of which version it is: nobody writes that.
std::string without_version(std::string name);

}  // namespace fermata::inline v0::detail
