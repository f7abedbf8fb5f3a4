#include "exchange.hpp"

#include "../http/message_parser.hpp"

#include <fermata/async.hpp>
#include <fermata/io.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace fetch {

using namespace fermata;

namespace {

std::string request_for(const http::url& what) {
    return "GET " + what.target + " HTTP/1.1\r\nHost: " + what.authority +
           "\r\nUser-Agent: fermata-fetch\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n";
}

bool is_redirect(const http::head& head) noexcept {
    const bool status = head.status == HTTP_STATUS_MOVED_PERMANENTLY || head.status == HTTP_STATUS_FOUND ||
                        head.status == HTTP_STATUS_SEE_OTHER || head.status == HTTP_STATUS_TEMPORARY_REDIRECT ||
                        head.status == HTTP_STATUS_PERMANENT_REDIRECT;
    return status && head.find("Location") != nullptr;
}

std::string ended_early(const http::message_parser& parser, std::uint64_t bytes) {
    if (!parser.has_head()) return "the connection ended before an answer came";
    std::string text = "the body ended early, after " + std::to_string(bytes);
    if (parser.head().content_length) text += " of " + std::to_string(*parser.head().content_length);
    return text + " bytes";
}

// Reads one piece of the answer. Gives false when there is no more.
task<bool> read_piece(stream& peer, http::message_parser& answer, std::uint64_t bytes) {
    std::array<char, 64 * 1024> buffer;  // NOLINT(*-member-init): it is written before it is read
    const std::size_t size = co_await peer.read(buffer);
    try {
        if (size > 0) {
            answer.feed({buffer.data(), size});
        } else {
            answer.end();
        }
    } catch (const http::parse_error& e) {
        if (e.is_early_end()) throw bad_answer(ended_early(answer, bytes));
        throw bad_answer(std::string("not HTTP: ") + e.what());
    }
    co_return !answer.is_complete();
}

// Asks once. Gives where it is to be asked next.
task<std::optional<std::string>> get_once(const http::url& from, body_file& to, progress& seen, const connector& how) {
    stream peer = co_await how.open(from);
    const std::string request = request_for(from);
    co_await peer.write(request);
    http::message_parser answer(HTTP_RESPONSE);
    for (bool more = true; more;) {
        more = co_await read_piece(peer, answer, seen.bytes);
        if (!answer.has_head()) continue;
        seen.status = answer.head().status;
        if (is_redirect(answer.head())) co_return *answer.head().find("Location");
        std::string piece = answer.take_body();
        seen.bytes += piece.size();
        if (seen.status / 100 == 2 && !piece.empty()) co_await to.write(std::move(piece));
    }
    co_return std::nullopt;
}

}  // namespace

task<> get(http::url from, body_file& to, progress& seen, unsigned most_redirects, const connector& how) {
    for (unsigned redirects = 0;; ++redirects) {
        seen.url = from.text;
        const std::optional<std::string> next = co_await get_once(from, to, seen, how);
        if (!next) co_return;
        if (redirects == most_redirects)
            throw bad_answer("more than " + std::to_string(most_redirects) + " redirects, the last to " + *next);
        const bool was_secure = from.is_secure;
        from = http::resolve(from, *next);
        if (was_secure && !from.is_secure) throw bad_answer("redirected from https to " + from.text);
    }
}

}  // namespace fetch
