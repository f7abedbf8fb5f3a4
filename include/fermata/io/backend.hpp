#pragma once

/// \file
/// How the loop talks to the kernel.

#include <string_view>

namespace fermata::inline v0 {

/// "io_uring" or "epoll": what the loop that this thread is running does its I/O with. io_uring where the kernel allows it;
/// the environment variable FERMATA_BACKEND, set to one of these names, decides otherwise. A loop gets its backend when it
/// first does I/O, or is asked here.
///
/// Raises runtime_error "no running event loop"; value_error where FERMATA_BACKEND names no backend; std::system_error where
/// the one that it names cannot be had. On the loop's thread only.
std::string_view backend_name();

}  // namespace fermata::inline v0
