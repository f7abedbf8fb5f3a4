#pragma once

// Doing something on a file, by the kernel or by a thread.

#include <fermata/io/detail/operation.hpp>
#include <fermata/os/detail/file_state.hpp>
#include <fermata/task/task.hpp>

namespace fermata::inline v0::detail {

/// Gives what it came to: not negative, or -errno. What the request points to must live until then; when this has been
/// cancelled, nobody touches it any more.
task<int> do_on(std::shared_ptr<file_endpoint> on, io_request request);

}  // namespace fermata::inline v0::detail
