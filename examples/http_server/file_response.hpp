#pragma once

#include "response.hpp"

#include "../http/message_parser.hpp"

#include <fermata/io.hpp>

#include <string_view>

namespace http_server {

/// The file, or that part of it, or the news that the client has it already (304): as the request's conditions and its range
/// have it (RFC 9110).
response file_response(fermata::file opened, std::string_view content_type, const http::head& asked);

}  // namespace http_server
