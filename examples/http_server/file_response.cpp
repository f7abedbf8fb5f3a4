#include "file_response.hpp"

#include "date.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace http_server {

using namespace fermata;

namespace {

struct version {
    std::string etag;
    std::chrono::seconds modified{};
};

std::string hexadecimal(std::uint64_t number) {
    std::array<char, 16> digits{};
    char* const end = std::to_chars(digits.begin(), digits.end(), number, 16).ptr;
    return {digits.begin(), end};
}

version version_of(const file_status& status) {
    const auto modified = static_cast<std::uint64_t>(status.modified.count());
    return {"\"" + hexadecimal(modified) + "-" + hexadecimal(status.size) + "\"",
            std::chrono::floor<std::chrono::seconds>(status.modified)};
}

// Of a list of tags: "a", W/"b". Weak ones will do.
bool names(std::string_view tags, std::string_view etag) {
    if (tags == "*") return true;
    for (std::size_t at = tags.find(etag); at != std::string_view::npos; at = tags.find(etag, at + 1)) {
        const bool begins = at == 0 || tags[at - 1] == ' ' || tags[at - 1] == ',' || tags[at - 1] == '/';
        if (begins) return true;
    }
    return false;
}

bool client_has(const http::head& asked, const version& current) {
    if (const std::string* tags = asked.find("If-None-Match")) return names(*tags, current.etag);
    const std::string* since = asked.find("If-Modified-Since");
    if (!since) return false;
    const std::optional<std::chrono::seconds> date = date_of(*since);
    return date && current.modified <= *date;
}

// If-Range: the part that the client has is of this version.
bool continues(const http::head& asked, const version& current) {
    const std::string* condition = asked.find("If-Range");
    if (!condition || *condition == current.etag) return true;
    const std::optional<std::chrono::seconds> date = date_of(*condition);
    return date && *date == current.modified;
}

struct range {
    std::uint64_t first = 0;
    std::uint64_t size = 0;  // 0: nothing of the file is in it
};

std::optional<std::uint64_t> number_of(std::string_view digits) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

// "bytes=0-99", "bytes=100-", "bytes=-100". Of several, or what is no range, nothing: then it is as if it had not been asked for.
std::optional<range> range_of(std::string_view text, std::uint64_t size) {
    constexpr std::string_view unit = "bytes=";
    if (!text.starts_with(unit)) return std::nullopt;
    text.remove_prefix(unit.size());
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const std::optional<std::uint64_t> first = number_of(text.substr(0, dash));
    const std::optional<std::uint64_t> last = number_of(text.substr(dash + 1));
    if (dash == 0) {
        if (!last) return std::nullopt;
        const std::uint64_t length = std::min(*last, size);
        return range{size - length, length};
    }
    const bool is_open = dash + 1 == text.size();
    if (!first || (!last && !is_open) || (last && *last < *first)) return std::nullopt;
    if (*first >= size) return range{};
    return range{*first, std::min(last.value_or(size - 1), size - 1) - *first + 1};
}

void narrow(response& given, const std::string& wanted, std::uint64_t size) {
    const std::optional<range> part = range_of(wanted, size);
    if (!part) return;
    const std::string of = "/" + std::to_string(size);
    if (part->size == 0) {
        given = plain_response(HTTP_STATUS_RANGE_NOT_SATISFIABLE);
        given.add("Content-Range", "bytes *" + of);
        return;
    }
    given.status = HTTP_STATUS_PARTIAL_CONTENT;
    given.first = part->first;
    given.size = part->size;
    const std::string ends = std::to_string(part->first) + "-" + std::to_string(part->first + part->size - 1);
    given.add("Content-Range", "bytes " + ends + of);
}

}  // namespace

response file_response(file opened, std::string_view content_type, const http::head& asked) {
    const file_status& status = opened.status_when_opened();
    const version current = version_of(status);
    response made;
    made.add("ETag", current.etag);
    made.add("Last-Modified", date_text(current.modified));
    if (client_has(asked, current)) {
        made.status = HTTP_STATUS_NOT_MODIFIED;
        return made;
    }
    made.add("Content-Type", content_type);
    made.add("Accept-Ranges", "bytes");
    made.size = status.size;
    made.source = std::move(opened);
    const std::string* wanted = asked.find("Range");
    if (wanted && asked.method == "GET" && continues(asked, current)) narrow(made, *wanted, made.size);
    return made;
}

}  // namespace http_server
