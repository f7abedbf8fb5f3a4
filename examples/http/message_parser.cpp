#include "message_parser.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace http {

bool is_same(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

const std::string* head::find(std::string_view name) const noexcept {
    const auto found =
        std::find_if(headers.begin(), headers.end(), [&](const header& each) { return is_same(each.name, name); });
    return found == headers.end() ? nullptr : &found->value;
}

std::size_t head::count(std::string_view name) const noexcept {
    return static_cast<std::size_t>(
        std::count_if(headers.begin(), headers.end(), [&](const header& each) { return is_same(each.name, name); }));
}

parse_error::parse_error(http_errno code) : std::runtime_error(http_errno_description(code)), code_(code) {}

// What http-parser calls. It hands out each text in as many pieces as it came.
struct message_parser::callbacks {
    static message_parser& of(http_parser* parser) noexcept { return *static_cast<message_parser*>(parser->data); }

    static int on_url(http_parser* parser, const char* at, std::size_t size) {
        of(parser).head_.target.append(at, size);
        return 0;
    }

    static int on_header_field(http_parser* parser, const char* at, std::size_t size) {
        message_parser& self = of(parser);
        // Debian's http-parser takes "Content-Length : 5" for a header of another name, and its body for the next request.
        if (std::memchr(at, ' ', size)) return 1;
        if (self.has_head_) return 0;  // a trailer
        if (std::exchange(self.in_value_, false)) self.head_.headers.emplace_back();
        self.head_.headers.back().name.append(at, size);
        return 0;
    }

    static int on_header_value(http_parser* parser, const char* at, std::size_t size) {
        message_parser& self = of(parser);
        if (self.has_head_) return 0;
        self.in_value_ = true;
        self.head_.headers.back().value.append(at, size);
        return 0;
    }

    static int on_headers_complete(http_parser* parser) {
        message_parser& self = of(parser);
        http::head& head = self.head_;
        if (parser->type == HTTP_REQUEST) head.method = http_method_str(static_cast<http_method>(parser->method));
        if (parser->type == HTTP_RESPONSE) head.status = parser->status_code;
        head.major_version = parser->http_major;
        head.minor_version = parser->http_minor;
        const bool is_chunked = (parser->flags & F_CHUNKED) != 0;
        if (parser->content_length != std::numeric_limits<std::uint64_t>::max() && !is_chunked)
            head.content_length = parser->content_length;
        head.has_body = is_chunked || head.content_length.value_or(0) > 0;
        head.keep_alive = http_should_keep_alive(parser) != 0;
        self.has_head_ = true;
        return 0;
    }

    static int on_body(http_parser* parser, const char* at, std::size_t size) {
        of(parser).body_.append(at, size);
        return 0;
    }

    static int on_message_complete(http_parser* parser) {
        message_parser& self = of(parser);
        const bool is_interim = parser->type == HTTP_RESPONSE && parser->status_code / 100 == 1 &&
                                parser->status_code != HTTP_STATUS_SWITCHING_PROTOCOLS;
        if (is_interim) {  // 100 Continue, and the like: what was asked for comes after it
            self.head_ = http::head();
            self.in_value_ = true;
            self.has_head_ = false;
        } else {
            self.is_complete_ = true;
            http_parser_pause(parser, 1);  // what comes is not of this message
        }
        return 0;
    }

    static const http_parser_settings& all() noexcept {
        static const http_parser_settings settings = [] {
            http_parser_settings made;
            http_parser_settings_init(&made);
            made.on_url = on_url;
            made.on_header_field = on_header_field;
            made.on_header_value = on_header_value;
            made.on_headers_complete = on_headers_complete;
            made.on_body = on_body;
            made.on_message_complete = on_message_complete;
            return made;
        }();
        return settings;
    }
};

message_parser::message_parser(http_parser_type type) noexcept : parser_() {
    http_parser_set_max_header_size(longest_head);
    http_parser_init(&parser_, type);
    parser_.data = this;
}

std::size_t message_parser::feed(std::string_view bytes) {
    // None of nothing: to http-parser that is the end.
    return bytes.empty() || is_complete_ ? 0 : execute(bytes.data(), bytes.size());
}

void message_parser::end() {
    if (is_complete_) return;
    execute(nullptr, 0);
    if (!is_complete_) throw parse_error(HPE_INVALID_EOF_STATE);
}

std::size_t message_parser::execute(const char* bytes, std::size_t size) {
    const std::size_t taken = http_parser_execute(&parser_, &callbacks::all(), bytes, size);
    const http_errno code = HTTP_PARSER_ERRNO(&parser_);
    if (code != HPE_OK && code != HPE_PAUSED) throw parse_error(code);
    return taken;
}

std::string message_parser::take_body() noexcept { return std::exchange(body_, std::string()); }

std::string_view reason_of(unsigned status) noexcept {
    switch (status) {
#define FERMATA_HTTP_REASON(number, name, text)                                                                        \
    case number: return #text;
        HTTP_STATUS_MAP(FERMATA_HTTP_REASON)
#undef FERMATA_HTTP_REASON
    default: return "Unknown";
    }
}

}  // namespace http
