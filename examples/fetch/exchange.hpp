#pragma once

// One URL: from the request, over redirects, to the end of the body.

#include "body_file.hpp"
#include "connector.hpp"

#include "../http/url.hpp"

#include <fermata/task/task.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace fetch {

/// What has come, also where it has come to nothing.
struct progress {
    std::string url;  // where the redirects have led
    unsigned status = 0;
    std::uint64_t bytes = 0;  // of the body
};

/// "too many redirects", "the body ended early, after 10 of 20 bytes", "not HTTP: …".
class bad_answer : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Gets it, and writes the body of a good answer (2xx) to `to`; any other body is dropped. Keeps `seen` up to date. Raises
/// bad_answer, http::bad_url, and what connections raise.
fermata::task<> get(http::url from, body_file& to, progress& seen, unsigned most_redirects, const connector& how);

}  // namespace fetch
