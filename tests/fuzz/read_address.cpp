// Addresses from text and from the kernel's bytes: what is one reads back as itself.

#include "targets.hpp"

#include <fermata/base/errors.hpp>
#include <fermata/net/address.hpp>

#include <algorithm>
#include <cstring>

namespace fuzz {

void read_address(std::string_view input) {
    using fermata::address;
    choices of(input);
    const bool is_text = of.byte() % 2 == 0;
    const auto port = static_cast<std::uint16_t>(of.byte() << 8U | of.byte());
    const std::string_view rest = of.rest();
    if (is_text) {
        try {
            const address made = address::of(rest, port);
            require(address::is_numeric(rest), "address: it is one, and is said to be none");
            require(made.port() == port, "address: another port");
            require(address::of(made.host(), port) == made, "address: its text is another one");
        } catch (const fermata::value_error&) {
            require(!address::is_numeric(rest), "address: it is none, and is said to be one");
        }
        try {
            require(address::of_unix(rest).host() == rest, "address: another path");
        } catch (const fermata::value_error&) {
            require(rest.size() >= 107 || rest.find('\0') != std::string_view::npos, "address: a good path is refused");
        }
        return;
    }
    sockaddr_storage storage{};
    const std::size_t size = std::min(rest.size(), sizeof storage);
    if (size > 0) std::memcpy(&storage, rest.data(), size);
    const address made(reinterpret_cast<const sockaddr*>(&storage), static_cast<socklen_t>(size));
    static_cast<void>(made.text().size() + made.host().size() + made.port());
}

}  // namespace fuzz
