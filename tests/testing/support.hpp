#pragma once

#include "../base/support.hpp"

#include <fermata/testing/test_options.hpp>

#include <string>
#include <utility>

namespace support {

/// The text of the test_failure that the call raises: with an exception nested in it, or not.
template <class Call>
std::string failure_of(Call&& call) {
    try {
        std::forward<Call>(call)();
    } catch (const fermata::test_failure& e) {
        return e.what();
    }
    return "(raised nothing)";
}

}  // namespace support
