#include "url.hpp"

#include <http_parser.h>
#include <uriparser/Uri.h>

#include <charconv>
#include <cstddef>
#include <vector>

namespace http {

namespace {

// Frees what uriparser has made.
class parsed_uri {
public:
    parsed_uri() noexcept = default;
    explicit parsed_uri(const std::string& text) {
        const char* wrong = nullptr;
        if (uriParseSingleUriExA(&uri_, text.data(), text.data() + text.size(), &wrong) == URI_SUCCESS) return;
        std::string why = "bad URL: ";
        if (wrong && wrong < text.data() + text.size()) {
            why += "\"" + std::string(wrong, text.data() + text.size()) + "\" cannot stand there";
        } else {
            why += "it ends early";
        }
        throw bad_url(why);
    }
    parsed_uri(const parsed_uri&) = delete;
    parsed_uri& operator=(const parsed_uri&) = delete;
    ~parsed_uri() { uriFreeUriMembersA(&uri_); }

    UriUriA* get() noexcept { return &uri_; }
    const UriUriA* operator->() const noexcept { return &uri_; }

private:
    UriUriA uri_{};
};

std::string text_of(const UriTextRangeA& range) {
    return range.first ? std::string(range.first, range.afterLast) : std::string();
}

std::uint16_t port_of(const std::string& digits, bool is_secure) {
    if (digits.empty()) return is_secure ? 443 : 80;
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || port == 0) throw bad_url("bad URL: no port is " + digits);
    return port;
}

}  // namespace

url parse_url(const std::string& text) {
    const std::string whole = text.substr(0, text.find('#'));
    const parsed_uri uri(whole);
    std::string scheme = text_of(uri->scheme);
    for (char& c : scheme) c = static_cast<char>(c | 0x20);  // letters, as far as it matters
    if (scheme != "http" && scheme != "https") throw bad_url("bad URL: it has to begin with http:// or https://");
    if (uri->userInfo.first) throw bad_url("bad URL: a user's name in it is not supported");

    url made;
    made.text = whole;
    made.is_secure = scheme == "https";
    made.host = text_of(uri->hostText);
    if (made.host.empty()) throw bad_url("bad URL: it names no host");
    const std::string port = text_of(uri->portText);
    made.port = port_of(port, made.is_secure);
    made.authority = uri->hostData.ip6 ? "[" + made.host + "]" : made.host;
    if (!port.empty()) made.authority += ":" + port;
    for (const UriPathSegmentA* each = uri->pathHead; each; each = each->next) made.target += "/" + text_of(each->text);
    if (made.target.empty()) made.target = "/";
    if (uri->query.first) made.target += "?" + text_of(uri->query);
    return made;
}

url resolve(const url& base, const std::string& link) {
    parsed_uri from(base.text);
    parsed_uri to(link);
    parsed_uri resolved;
    if (uriAddBaseUriA(resolved.get(), to.get(), from.get()) != URI_SUCCESS)
        throw bad_url("bad URL: \"" + link + "\" leads nowhere");
    int size = 0;
    uriToStringCharsRequiredA(resolved.get(), &size);
    std::string text(static_cast<std::size_t>(size) + 1, '\0');
    uriToStringA(text.data(), resolved.get(), size + 1, nullptr);
    text.resize(static_cast<std::size_t>(size));
    return parse_url(text);
}

std::optional<std::string> path_of_target(std::string_view target) {
    http_parser_url parts;
    http_parser_url_init(&parts);
    if (http_parser_parse_url(target.data(), target.size(), 0, &parts) != 0) return std::nullopt;
    if ((parts.field_set & (1U << UF_PATH)) == 0) return "/";
    std::string path(target.substr(parts.field_data[UF_PATH].off, parts.field_data[UF_PATH].len));
    const char* end = uriUnescapeInPlaceExA(path.data(), URI_FALSE, URI_BR_DONT_TOUCH);
    path.resize(static_cast<std::size_t>(end - path.data()));
    // No file's name has a zero in it, and what reads it as the end of the name sees another one.
    if (path.find('\0') != std::string::npos) return std::nullopt;
    return path;
}

std::string escape_name(std::string_view name) {
    std::vector<char> escaped(name.size() * 3 + 1);
    const char* end = uriEscapeExA(name.data(), name.data() + name.size(), escaped.data(), URI_FALSE, URI_FALSE);
    return {escaped.data(), static_cast<std::size_t>(end - escaped.data())};
}

}  // namespace http
