#pragma once

/// \file
/// Python's `asyncio.open_connection`, and what is common to connections.

#include <fermata/io/stream.hpp>
#include <fermata/net/address.hpp>
#include <fermata/task/task.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fermata::inline v0 {

struct connect_options {
    int family = AF_UNSPEC;            // AF_INET or AF_INET6: only those
    std::optional<address> from = {};  // `local_addr`
    bool no_delay = true;              // TCP_NODELAY, as asyncio sets it
    bool keep_alive = false;           // SO_KEEPALIVE
    /// RFC 8305: how long an address may take until the next is tried beside it. Zero: one after the other.
    std::chrono::nanoseconds happy_eyeballs_delay = std::chrono::milliseconds(250);
};

/// `reader, writer = await asyncio.open_connection(host, port)`. Of a host with several addresses the first that answers is
/// taken, IPv6 and IPv4 in turn (RFC 8305); the other attempts are cancelled.
///
/// Raises gaierror; std::system_error "connect to 127.0.0.1:1: Connection refused"; where all of several
/// addresses failed, "Multiple exceptions: …" with each of them and the code of the last. It has no limit of time: `wait_for`, `timeout`.
task<stream> open_connection(std::string host, std::uint16_t port, connect_options options = {});

/// `asyncio.open_unix_connection(path)`. Where the server's backlog is full, io_uring waits for room; on epoll, as in asyncio, it
/// raises std::system_error "connect to /the/path: Resource temporarily unavailable": the kernel tells nobody when there is some.
task<stream> open_unix_connection(std::string path);

/// To this address.
task<stream> open_connection(address to, connect_options options = {});

/// TCP_NODELAY and SO_KEEPALIVE of a connection. Raise std::system_error.
void set_no_delay(const stream& s, bool on);
void set_keep_alive(const stream& s, bool on);

namespace detail {

/// To one of these, of which there is one at least: the addresses of a host.
task<stream> open_first(std::vector<address> found, connect_options options);

/// A connected socket as a stream; takes the descriptor over, also when it raises.
stream stream_of_socket(event_loop& loop, int descriptor, std::string name);

}  // namespace detail

}  // namespace fermata::inline v0
