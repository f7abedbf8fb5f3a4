#include "content_type.hpp"

#include "../http/message_parser.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace http_server {

namespace {

struct known {
    std::string_view extension;
    std::string_view type;
};

constexpr std::array types{
    known{"avif", "image/avif"},
    known{"css", "text/css; charset=utf-8"},
    known{"csv", "text/csv; charset=utf-8"},
    known{"gif", "image/gif"},
    known{"gz", "application/gzip"},
    known{"htm", "text/html; charset=utf-8"},
    known{"html", "text/html; charset=utf-8"},
    known{"ico", "image/x-icon"},
    known{"jpeg", "image/jpeg"},
    known{"jpg", "image/jpeg"},
    known{"js", "text/javascript; charset=utf-8"},
    known{"json", "application/json"},
    known{"md", "text/markdown; charset=utf-8"},
    known{"mjs", "text/javascript; charset=utf-8"},
    known{"mp3", "audio/mpeg"},
    known{"mp4", "video/mp4"},
    known{"pdf", "application/pdf"},
    known{"png", "image/png"},
    known{"svg", "image/svg+xml"},
    known{"tar", "application/x-tar"},
    known{"txt", "text/plain; charset=utf-8"},
    known{"wasm", "application/wasm"},
    known{"webm", "video/webm"},
    known{"webp", "image/webp"},
    known{"woff", "font/woff"},
    known{"woff2", "font/woff2"},
    known{"xml", "text/xml"},
    known{"zip", "application/zip"},
};

}  // namespace

std::string_view content_type_of(std::string_view path) noexcept {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const std::size_t dot = name.rfind('.');
    const std::string_view extension = dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
    const auto* const found = std::find_if(types.begin(), types.end(),
                                           [&](const known& each) { return http::is_same(each.extension, extension); });
    return found == types.end() ? "application/octet-stream" : found->type;
}

}  // namespace http_server
