#pragma once

// HTTP's dates: "Sun, 06 Nov 1994 08:49:37 GMT".

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace http_server {

std::string date_text(std::chrono::nanoseconds since_1970);

/// The same of the clock, made once a second: each answer has it. Until the next call.
std::string_view date_text_of_now();

/// Also of the two forms that were in use before; nothing where it is none of them.
std::optional<std::chrono::seconds> date_of(const std::string& text);

}  // namespace http_server
