#pragma once

#include "../base/support.hpp"

#include <fermata/testing/test_options.hpp>

#include <cstdlib>
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

/// The schedule that such a text says is to be replayed.
inline std::string schedule_in(const std::string& failure) {
    const std::string before = "; replay with FERMATA_SCHEDULE=";
    const auto found = failure.find(before);
    if (found == std::string::npos) return "";
    const auto begin = found + before.size();
    return failure.substr(begin, failure.find('\n', begin) - begin);
}

/// Sets FERMATA_SCHEDULE as long as it lives.
class schedule_in_the_environment {
public:
    explicit schedule_in_the_environment(const std::string& schedule) {
        setenv("FERMATA_SCHEDULE", schedule.c_str(), 1);
    }
    schedule_in_the_environment(const schedule_in_the_environment&) = delete;
    schedule_in_the_environment& operator=(const schedule_in_the_environment&) = delete;
    ~schedule_in_the_environment() { unsetenv("FERMATA_SCHEDULE"); }
};

}  // namespace support
