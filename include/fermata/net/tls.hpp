#pragma once

/// \file
/// Connections with TLS: Python's `asyncio.open_connection(ssl=…)` and `writer.start_tls`.

#include <fermata/io/stream.hpp>
#include <fermata/net/tcp.hpp>
#include <fermata/net/tls_context.hpp>
#include <fermata/task/task.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace fermata::inline v0 {

/// Trivial, so that a temporary is safe beside `co_await` (g++ 12). The name is copied when the coroutine is made.
struct tls_options {
    /// Whom the certificate must name, and what is asked for by SNI; empty: the host.
    std::string_view server_hostname = {};
    /// `ssl_handshake_timeout`.
    std::chrono::nanoseconds handshake_timeout = std::chrono::seconds(60);
    connect_options connect = {};
};
static_assert(std::is_trivially_destructible_v<tls_options>);

/// `asyncio.open_connection(host, port, ssl=context)`. The stream is one like any other; what is peculiar to it:
///
/// - The peer's end is one only where it has said so ("close_notify"). A connection that just ends raises tls_eof_error "read
///   from 10.0.0.1:443: EOF occurred in violation of protocol": what came may have been cut off.
/// - write_eof() says so to the peer, and close() too: that is sent after the bytes that are under way, in a task of the
///   loop that waits up to 30 seconds (`ssl_shutdown_timeout`) for the peer to end as well. `run` cancels it, as all tasks:
///   `co_await s.wait_closed()`, where that the peer hears of the end matters.
/// - A cancelled write may leave bytes that are encrypted; they are sent before what is written next.
///
/// Raises what open_connection does; tls_error, tls_cert_verification_error "TLS handshake with example.org:443:
/// certificate verify failed: …"; std::system_error ECONNABORTED where the handshake takes too long, and what the
/// connection raises meanwhile: "TLS handshake with example.org:443: Connection reset by peer".
task<stream> open_tls_connection(std::string host, std::uint16_t port, tls_context context,
                                 const tls_options& options = {});

/// `await writer.start_tls(context)`: goes on with TLS on a connection, be it a socket or another stream; as a server, if
/// the context is one. A client's options name the server: `.connect` is not used. Where the handshake fails or is
/// cancelled, the stream is closed. The stream must stay where it is meanwhile.
///
/// Raises runtime_error where bytes have been read that nobody took ("start_tls() called with 5 bytes in the buffer: …"),
/// while somebody reads or writes, or after the end; value_error "check_hostname requires server_hostname"; and what
/// open_tls_connection raises.
task<> start_tls(stream& s, tls_context context, const tls_options& options = {});

/// What has been agreed upon: `writer.get_extra_info('ssl_object')`.
struct tls_info {
    std::string version;        // `version()`: "TLSv1.3"
    std::string cipher;         // `cipher()[0]`: "TLS_AES_256_GCM_SHA384"
    std::string alpn_protocol;  // `selected_alpn_protocol()`; empty: none
    std::string server_name;    // what the client asked for by SNI; empty: nothing
    std::string peer_subject;   // of `getpeercert()`: "CN=example.org,O=Example"; empty: it has shown none
};

/// None: of a stream without TLS, or that is closed.
std::optional<tls_info> get_tls_info(const stream& s);

}  // namespace fermata::inline v0
