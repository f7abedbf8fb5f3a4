#pragma once

#include <optional>
#include <string>

namespace http_server {

/// A page with links to what is in the directory, which the client knows as `title`; nothing where it may not be read. Raises
/// std::filesystem::filesystem_error.
std::optional<std::string> listing_of(const std::string& directory, const std::string& title);

}  // namespace http_server
