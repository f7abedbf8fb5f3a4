// The messages of HTTP: in whatever pieces they come, the same is understood.

#include "../../examples/http/message_parser.hpp"
#include "targets.hpp"

namespace fuzz {

namespace {

struct understood {
    std::string error;
    std::string head;
    std::string body;
    std::size_t taken = 0;

    bool operator==(const understood&) const = default;
};

std::string text_of(const http::head& of) {
    std::string text =
        of.method + " " + of.target + " " + std::to_string(of.status) + " " + std::to_string(of.keep_alive);
    for (const http::header& each : of.headers) text += "\n" + each.name + ": " + each.value;
    return text;
}

understood parse(http_parser_type type, std::string_view message, std::size_t piece) {
    understood found;
    http::message_parser parser(type);
    try {
        for (choices left(message); !left.empty() && !parser.is_complete();) {
            const std::string_view next = left.bytes(piece);
            const std::size_t taken = parser.feed(next);
            require(taken <= next.size(), "http: more was taken than was there");
            found.taken += taken;
            found.body += parser.take_body();
        }
        if (!parser.is_complete()) parser.end();
    } catch (const http::parse_error& error) {
        found.error = error.what();
        found.taken = 0;
    }
    if (parser.has_head()) found.head = text_of(parser.head());
    found.body += parser.take_body();
    return found;
}

}  // namespace

void read_http(std::string_view input) {
    choices of(input);
    const unsigned how = of.byte();
    const http_parser_type type = how % 2 == 0 ? HTTP_REQUEST : HTTP_RESPONSE;
    const std::string_view message = of.rest();
    const understood whole = parse(type, message, message.size() + 1);
    const understood pieces = parse(type, message, how / 2 % 16 + 1);
    require(whole.error.empty() == pieces.error.empty(),
            "http: in pieces it is an error, and whole it is none, or the other way");
    if (!whole.error.empty()) return;
    require(whole == pieces, "http: in pieces it is another message");
}

}  // namespace fuzz
