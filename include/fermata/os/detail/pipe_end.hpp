#pragma once

// One end of a pipe as a stream.

#include <fermata/io/stream.hpp>

#include <string>

namespace fermata::inline v0::detail {

class backend;

/// Takes the descriptor over, also when it raises std::system_error.
stream stream_of_pipe(backend& by, int descriptor, std::string name);

}  // namespace fermata::inline v0::detail
