#pragma once

/// \file
/// A kernel that is slow, gives little at once, and fails.

#include <cstddef>
#include <cstdint>

namespace fermata::inline v0 {

struct fault_options {
    std::uint64_t seed = 1;
    /// In turns of the loop: each operation begins after 0 to that many.
    unsigned longest_delay = 0;
    /// In turns of the loop: what has come of an operation is told 0 to that many later, whatever happens meanwhile.
    unsigned longest_hold = 0;
    /// An operation moves 1 to that many bytes at once, also of several pieces; 0: as many as the kernel does. Datagrams go as
    /// a whole.
    unsigned most_bytes = 0;
    /// One operation in so many ends with EINTR or EAGAIN, without being done, as often as it comes to it: programs do not
    /// hear of it. 0: none does; 1 is no choice.
    unsigned one_in_interrupted = 0;
    /// One operation in so many fails, without being done: accept and open with EMFILE, connect with ECONNREFUSED or
    /// ETIMEDOUT, what reads with ECONNRESET, what writes with ECONNRESET or ENOBUFS, and what works on a file with EIO. 0: none does.
    unsigned one_in_fails = 0;
};

/// Has the running loop's I/O go wrong in these ways, which a program must stand: the same seed, and the same order of
/// operations, give the same faults. What the kernel does besides is as ever. To be called before the loop's first I/O.
///
///     inject_faults({.seed = 17, .longest_delay = 3, .most_bytes = 10});
///
/// Raises runtime_error where the loop has done I/O, or "no running event loop"; value_error for an option that is no choice;
/// and what backend_name() raises.
void inject_faults(const fault_options& options);

}  // namespace fermata::inline v0
