#pragma once

/// \file
/// Streams without a kernel, for tests.

#include <fermata/io/stream.hpp>

#include <cstddef>
#include <utility>

namespace fermata::inline v0 {

/// Two streams of the running loop, of which each reads what is written to the other, as of a socketpair in memory: no
/// system call, so it works on virtual time, and always in the same order.
///
///     auto [client, server] = memory_streams();
///
/// Each way holds at most `capacity` bytes: who writes more waits until the peer has read. After write_eof() and close()
/// the peer reads what is left, and then the end; a write to a peer that is closed raises std::system_error "write to
/// memory stream: Broken pipe". Who waits for a peer that will never answer is a deadlock that run_test names.
///
/// Raises value_error "capacity must be greater than zero"; runtime_error "no running event loop".
std::pair<stream, stream> memory_streams(std::size_t capacity = std::size_t{64} * 1024);

}  // namespace fermata::inline v0
