#pragma once

// Exceptions as the Python programs name them.

#include <fermata/base/errors.hpp>

#include <exception>
#include <string>

namespace fuzz {

class demo_error : public fermata::error {
public:
    using error::error;
};
/// There is no task in a slot.
class empty : public fermata::error {
public:
    using error::error;
};

/// "ValueError: text", and what is in a group: "ExceptionGroup: text [ValueError: one; TypeError: two]".
std::string name(const std::exception_ptr& error);

}  // namespace fuzz
