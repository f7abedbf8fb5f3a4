#pragma once

// HTTP's dates: "Sun, 06 Nov 1994 08:49:37 GMT".

#include <chrono>
#include <optional>
#include <string>

namespace http_server {

std::string date_text(std::chrono::nanoseconds since_1970);

/// Also of the two forms that were in use before; nothing where it is none of them.
std::optional<std::chrono::seconds> date_of(const std::string& text);

}  // namespace http_server
