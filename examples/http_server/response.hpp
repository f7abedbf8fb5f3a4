#pragma once

// An answer, and how it is sent.

#include "../http/message_parser.hpp"

#include <fermata/async.hpp>
#include <fermata/io.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace http_server {

/// Its body is a part of a file, where there is one, or else a text.
struct response {
    unsigned status = HTTP_STATUS_OK;
    std::string headers;  // as they are sent, each with the end of its line
    std::string text;
    fermata::file source;
    std::uint64_t first = 0;  // of the source's bytes
    std::uint64_t size = 0;   // how many of them

    void add(std::string_view name, std::string_view value) {
        headers.reserve(256);
        headers.append(name).append(": ").append(value).append("\r\n");
    }
};

/// "404 Not Found", to be read by a human.
response plain_response(unsigned status);

/// Sends it, as what `asked` is the head of is to be answered: without its body for HEAD. Raises timeout_error where the client
/// takes longer than this to read 64 KiB.
fermata::task<> send(fermata::stream& peer, const http::head& asked, response& given, bool keeps_alive,
                     std::chrono::nanoseconds timeout);

}  // namespace http_server
