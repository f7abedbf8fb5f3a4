#pragma once

#include <filesystem>
#include <iterator>

namespace tests {

/// How many descriptors this program has.
inline auto open_descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}

}  // namespace tests
