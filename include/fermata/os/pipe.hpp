#pragma once

/// \file
/// Pipes, and the standard streams: what asyncio does with `connect_read_pipe` and `connect_write_pipe`.

#include <fermata/io/stream.hpp>

#include <utility>

namespace fermata::inline v0 {

/// `os.pipe()`, as streams: what is written to the second is read from the first. Raises std::system_error "pipe: Too many
/// open files".
std::pair<stream, stream> open_pipe();

/// This program's stdin, stdout and stderr: files, pipes, sockets or terminals. Each call gives a stream of its own over a copy of
/// the descriptor: close() and write_eof() end it, and leave the descriptor to the rest of the program; what one has buffered
/// the other does not see. They share nothing with C's and C++'s streams: flush those before.
///
/// Other programs have the same terminal or pipe, and would be surprised to find it set not to block, so it is not set so. On
/// io_uring that does not matter. On epoll they are asked beforehand whether they are ready, and pipes and terminals are
/// written in pieces that fit (PIPE_BUF): a read waits in the kernel, and the loop with it, only where another program takes
/// what had been there; a write, where a terminal is stopped in the middle (ctrl-S), or another program fills it first. Files are read and written
/// as they are, in the loop.
///
/// Raise std::system_error "stdin: Bad file descriptor", where it is closed.
stream standard_input();
stream standard_output();
stream standard_error();

}  // namespace fermata::inline v0
