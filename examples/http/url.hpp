#pragma once

// URLs, as uriparser reads them (docs/decisions/0011).

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace http {

/// what(): "bad URL: …".
class bad_url : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Of http or https.
struct url {
    std::string text;  // all of it, but for the fragment
    bool is_secure = false;
    std::string host;  // "::1", without brackets
    std::uint16_t port = 80;
    std::string target;     // "/path?query": what is asked for
    std::string authority;  // "host:port", for the Host header
};

/// Raises bad_url.
url parse_url(const std::string& text);

/// Where a link leads that stands at `base`. Raises bad_url.
url resolve(const url& base, const std::string& link);

/// The path that a request's target names, with its escapes ("%20") taken back; nothing where it names none.
std::optional<std::string> path_of_target(std::string_view target);

/// One name of a path, escaped so that it is one, whatever it holds.
std::string escape_name(std::string_view name);

}  // namespace http
