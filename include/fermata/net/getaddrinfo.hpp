#pragma once

/// \file
/// Python's `loop.getaddrinfo`.

#include <fermata/base/errors.hpp>
#include <fermata/net/address.hpp>
#include <fermata/task/task.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace fermata::inline v0 {

/// Python's `socket.gaierror`: a name that cannot be resolved. what(): "example.invalid: Name or service not known".
class gaierror : public error {
public:
    gaierror(int code, const std::string& text) : error(text), code_(code) {}
    /// EAI_NONAME and its like.
    int code() const noexcept { return code_; }

private:
    int code_;
};

/// `loop.getaddrinfo(host, port, type=SOCK_STREAM)`: the addresses of a host, in the order that the system prefers. An empty
/// host: the loopback addresses. Numbers cost nothing; names are looked up by the system's resolver in a thread of the loop
/// (docs/decisions/0008), so that its configuration holds. family: AF_INET, AF_INET6, or AF_UNSPEC for both.
///
/// Raises gaierror. Cancelled, the look-up goes on, and what comes of it is dropped.
task<std::vector<address>> getaddrinfo(std::string host, std::uint16_t port, int family = AF_UNSPEC);

}  // namespace fermata::inline v0
