#pragma once

// One end of a pipe as a stream.

#include <fermata/io/detail/unique_descriptor.hpp>
#include <fermata/io/stream.hpp>

#include <string>

namespace fermata::inline v0::detail {

class backend;

/// Raises std::system_error.
stream stream_of_pipe(backend& by, unique_descriptor descriptor, std::string name);

}  // namespace fermata::inline v0::detail
