#pragma once

#include "response.hpp"

#include "../http/message_parser.hpp"

#include <fermata/io.hpp>
#include <fermata/task/task.hpp>

namespace http_server {

/// What a request for something beneath `root` gets; links out of it lead nowhere. Raises std::system_error where the system fails, and
/// not the client.
fermata::task<response> look_up(const fermata::directory& root, const http::head& asked);

}  // namespace http_server
