#pragma once

// How a file is opened, by its path or from a directory on.

#include <fermata/os/detail/file_state.hpp>
#include <fermata/os/file.hpp>
#include <fermata/task/task.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace fermata::inline v0::detail {

struct open_mode {
    int flags = 0;
    bool readable = false;
    bool writable = false;
};

/// As Python's open() looks at it. Raises value_error.
open_mode parse_mode(std::string_view mode);

/// From the directory on, and never out of it, where there is one.
task<file> open(std::string path, open_mode mode, std::shared_ptr<file_endpoint> beneath = nullptr);

}  // namespace fermata::inline v0::detail
