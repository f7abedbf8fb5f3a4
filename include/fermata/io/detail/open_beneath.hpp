#pragma once

// Opening what is beneath a directory, and never outside of it.

#include <fermata/io/detail/operation.hpp>

#include <sys/stat.h>

namespace fermata::inline v0::detail {

/// The path of the request, from the directory on, by openat2(RESOLVE_BENEATH). Opens regular files alone, and with O_DIRECTORY
/// directories. Gives the descriptor, or -errno: -EXDEV where the path leads out, -EISDIR, -EPERM for a pipe or a device, -ENXIO for a socket.
int open_beneath(const io_request& request, int directory) noexcept;
/// The same where it takes no disk, as perform_from_memory(); -EAGAIN otherwise.
int open_beneath_from_memory(const io_request& request, int directory) noexcept;

/// Opens what a descriptor names that was opened with O_PATH. Gives the new one, or -1, and errno.
int open_named(int descriptor, int flags) noexcept;
/// Without asking a disk or another machine; false where that cannot be known.
bool describe_from_memory(int descriptor, struct statx& into) noexcept;

}  // namespace fermata::inline v0::detail
