#pragma once

// All that is to be fetched, and so many at a time.

#include <fermata/task/task.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace fetch {

struct options {
    std::vector<std::string> urls;
    std::ptrdiff_t limit = 8;
    double timeout = 30;  // seconds
    unsigned redirects = 10;
    std::string output;  // a directory, "-", or empty
    std::string ca_file;
};

/// Gives the program's exit status: 1 where one has failed.
fermata::task<int> fetch_all(options given);

}  // namespace fetch
