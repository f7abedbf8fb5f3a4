#pragma once

#include "response.hpp"

#include "../http/message_parser.hpp"

#include <fermata/task/task.hpp>

#include <string>

namespace http_server {

/// What a request for something beneath `root` (a path without symbolic links) gets. Raises std::system_error where the system
/// fails, and not the client.
fermata::task<response> look_up(std::string root, const http::head& asked);

}  // namespace http_server
