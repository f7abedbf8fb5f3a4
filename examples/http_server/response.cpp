#include "response.hpp"

#include "date.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace http_server {

using namespace fermata;

namespace {

constexpr std::uint64_t piece = 64 * 1024;
constexpr std::uint64_t little = 16 * 1024;

bool has_body(unsigned status) noexcept { return status != HTTP_STATUS_NOT_MODIFIED; }

std::string head_of(const response& given, const http::head& asked, bool keeps_alive) {
    std::string text;
    text.reserve(512);
    text.append("HTTP/1.1 ").append(std::to_string(given.status)).append(" ").append(http::reason_of(given.status));
    text.append("\r\nDate: ").append(date_text_of_now()).append("\r\n").append(given.headers);
    if (has_body(given.status)) {
        const std::uint64_t size = given.source ? given.size : given.text.size();
        text.append("Content-Length: ").append(std::to_string(size)).append("\r\n");
    }
    if (!keeps_alive) {
        text += "Connection: close\r\n";
    } else if (asked.minor_version == 0) {
        text += "Connection: keep-alive\r\n";
    }
    text += "\r\n";
    return text;
}

task<> write(stream& peer, std::span<const std::string_view> pieces) { co_await peer.write(pieces); }

// The head says how much comes: that it does not can only be shown.
[[noreturn]] void got_shorter(const response& given) {
    throw std::runtime_error(given.source.name() + ": got shorter while it was being sent");
}

// Little goes in one with the head: one call, and one packet.
task<std::string> little_of(const response& given) {
    std::string bytes = co_await given.source.pread(given.size, given.first);
    if (bytes.size() < given.size) got_shorter(given);
    co_return bytes;
}

// In pieces, so that the client's time is that for a piece, whatever the size of the file.
task<> send_file(stream& peer, const response& given, std::chrono::nanoseconds timeout) {
    for (std::uint64_t sent = 0; sent < given.size;) {
        const auto wanted = static_cast<std::size_t>(std::min(piece, given.size - sent));
        const std::size_t size = co_await wait_for(sendfile(peer, given.source, given.first + sent, wanted), timeout);
        if (size == 0) got_shorter(given);
        sent += size;
    }
}

}  // namespace

response plain_response(unsigned status) {
    response made;
    made.status = status;
    made.add("Content-Type", "text/plain; charset=utf-8");
    made.text = std::to_string(status) + " ";
    made.text += http::reason_of(status);
    made.text += "\n";
    return made;
}

task<> send(stream& peer, const http::head& asked, response& given, bool keeps_alive,
            std::chrono::nanoseconds timeout) {
    const std::string head = head_of(given, asked, keeps_alive);
    std::array<std::string_view, 2> pieces{head, {}};
    const bool with_body = has_body(given.status) && asked.method != "HEAD";
    const bool with_file = with_body && given.source;
    if (with_file && given.size <= little) given.text = co_await little_of(given);
    if (with_body) pieces[1] = given.text;
    co_await wait_for(write(peer, pieces), timeout);
    if (with_file && given.size > little) co_await send_file(peer, given, timeout);
}

}  // namespace http_server
