// URLs, targets of requests, and names of files in them.

#include "../../examples/http/url.hpp"
#include "targets.hpp"

namespace fuzz {

void read_url(std::string_view input) {
    choices of(input);
    const unsigned how = of.byte() % 3;
    const std::string rest(of.rest());
    if (how == 0) {
        // A name with a slash or a zero is none.
        if (rest.empty() || rest.find_first_of(std::string_view("/\0", 2)) != std::string::npos) return;
        const auto path = http::path_of_target("/" + http::escape_name(rest));
        require(path == "/" + rest, "url: a name is another one when it has been escaped and read");
    } else if (how == 1) {
        const auto path = http::path_of_target(rest);
        require(!path || path->find('\0') == std::string::npos, "url: a path with a zero in it");
    } else {
        try {
            const http::url read = http::parse_url(rest);
            require(!read.host.empty() && read.target.starts_with('/'), "url: it names no host, or no path");
            require(read.target.find_first_of("\r\n ") == std::string::npos,
                    "url: what is asked for breaks the request's line");
            require(read.authority.find_first_of("\r\n ") == std::string::npos, "url: the host breaks its header");
            static_cast<void>(http::resolve(read, "../x?y"));
        } catch (const http::bad_url&) {
            return;
        }
    }
}

}  // namespace fuzz
