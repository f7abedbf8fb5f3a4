#pragma once

#include <string_view>

namespace http_server {

/// "text/html; charset=utf-8", by the end of the name.
std::string_view content_type_of(std::string_view path) noexcept;

}  // namespace http_server
