#pragma once

// Starting a program.

#include <fermata/io/detail/unique_descriptor.hpp>
#include <fermata/os/detail/child.hpp>

namespace fermata::inline v0::detail {

struct spawned {
    int pid = -1;
    unique_descriptor pidfd;    // none where it has ended, and somebody else has reaped it
    unique_descriptor ends[3];  // of the pipes, those that this program has
};

/// Raises std::system_error and value_error, as create_subprocess_exec says. The child has become the program when it returns.
spawned spawn_now(const spawn_request& request);

}  // namespace fermata::inline v0::detail
