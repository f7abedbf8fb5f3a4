#pragma once

/// \file
/// Python's `loop.sendfile`.

#include <fermata/io/stream.hpp>
#include <fermata/os/file.hpp>
#include <fermata/task/task.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace fermata::inline v0 {

/// `await loop.sendfile(transport, file, offset, count)`: sends a part of the file, to its end where there is no count, and
/// gives how many bytes: fewer than asked for where the file ends before. Then the position of the file is behind what was sent.
///
/// To a socket the kernel sends it by itself, without a copy in this program; elsewhere (TLS, memory, a pipe), and where it does
/// not do so for this file (some of /proc), it is read and written, 64 KiB at a time. The kernel reads what is not in its cache
/// while the loop waits, as in asyncio.
///
/// Counts as a write of the stream and as a use of the file's position: errors, other users and cancellation as there. Both must
/// live until it ends. Raises also value_error "count must be a positive integer (got 0)".
task<std::size_t> sendfile(stream& to, const file& from, std::uint64_t offset = 0,
                           std::optional<std::size_t> count = {});

}  // namespace fermata::inline v0
