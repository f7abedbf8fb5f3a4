#pragma once

// A message of HTTP/1.x, a request or a response, as http-parser reads it (docs/decisions/0011).

#include <http_parser.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

/// What a start line and all headers may take.
inline constexpr std::size_t longest_head = 16 * 1024;

struct header {
    std::string name;
    std::string value;
};

/// What stands before the body.
struct head {
    std::string method;   // of a request
    std::string target;   // of a request
    unsigned status = 0;  // of a response
    unsigned major_version = 1;
    unsigned minor_version = 1;
    std::vector<header> headers;
    std::optional<std::uint64_t> content_length;
    bool has_body = false;
    bool keep_alive = false;

    /// The first header of this name, in whatever case; null if there is none.
    const std::string* find(std::string_view name) const noexcept;
    std::size_t count(std::string_view name) const noexcept;
};

class parse_error : public std::runtime_error {
public:
    explicit parse_error(http_errno code);
    bool is_head_too_long() const noexcept { return code_ == HPE_HEADER_OVERFLOW; }
    bool is_early_end() const noexcept { return code_ == HPE_INVALID_EOF_STATE; }

private:
    http_errno code_;
};

/// For one message.
class message_parser {
public:
    explicit message_parser(http_parser_type type) noexcept;
    message_parser(const message_parser&) = delete;
    message_parser& operator=(const message_parser&) = delete;

    /// Gives how many of the bytes belong to the message: the rest is of the next one. Raises parse_error.
    std::size_t feed(std::string_view bytes);
    /// No more comes. Raises parse_error where this is too early.
    void end();

    bool has_head() const noexcept { return has_head_; }
    bool is_complete() const noexcept { return is_complete_; }
    const http::head& head() const noexcept { return head_; }
    http::head take_head() noexcept { return std::move(head_); }
    /// What has come of the body since the last call.
    std::string take_body() noexcept;

private:
    struct callbacks;
    std::size_t execute(const char* bytes, std::size_t size);

    http_parser parser_;
    http::head head_;
    std::string body_;
    bool in_value_ = true;  // so the next piece of a header's name begins one
    bool has_head_ = false;
    bool is_complete_ = false;
};

/// Whether they differ in nothing but the case of ASCII's letters.
bool is_same(std::string_view a, std::string_view b) noexcept;

/// "Not Found"; "Unknown" for a status that nobody has defined.
std::string_view reason_of(unsigned status) noexcept;

}  // namespace http
