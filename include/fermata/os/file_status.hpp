#pragma once

/// \file
/// What the system knows of a file: a part of Python's `os.stat_result`.

#include <chrono>
#include <cstdint>

namespace fermata::inline v0 {

/// The part of `os.fstat(f.fileno())` that most ask for.
struct file_status {
    std::uint64_t size = 0;
    unsigned mode = 0;                     // S_IFMT and the permissions
    std::chrono::nanoseconds modified{0};  // since 1970
    std::uint64_t device = 0;              // with the inode: which file it is, whatever its path
    std::uint64_t inode = 0;
};

}  // namespace fermata::inline v0
