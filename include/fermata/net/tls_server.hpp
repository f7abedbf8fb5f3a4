#pragma once

/// \file
/// Python's `asyncio.start_server(ssl=…)`.

#include <fermata/net/server.hpp>
#include <fermata/net/tls_context.hpp>
#include <fermata/task/task.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

struct tls_server_options {
    server_options server = {};
    /// `ssl_handshake_timeout`.
    std::chrono::nanoseconds handshake_timeout = std::chrono::seconds(60);
};

namespace detail {

/// True once the stream speaks TLS. False where that failed: the loop's exception handler has been told.
task<bool> accept_tls(stream& s, tls_context context, std::chrono::nanoseconds limit);

/// What a server calls: the handshake, in the connection's own task, and then the user's handler.
template <class Handler>
class tls_handler {
public:
    template <class Given>
    tls_handler(Given&& handle, tls_context context, std::chrono::nanoseconds limit)
        : handle_(std::forward<Given>(handle)), context_(std::move(context)), limit_(limit) {}

    task<> operator()(stream s) {
        const bool accepted = co_await accept_tls(s, context_, limit_);
        if (accepted) co_await handle_(std::move(s));
    }

private:
    Handler handle_;
    tls_context context_;
    std::chrono::nanoseconds limit_;
};

/// Raises value_error where it cannot be a server's.
void check_server_context(const tls_context& context, std::chrono::nanoseconds limit);

}  // namespace detail

/// `await asyncio.start_server(handle, host, port, ssl=context)`: as start_server, of which the handler gets streams whose
/// handshake is done. One that fails, or takes too long, is reported to the loop's exception handler, "SSL handshake
/// failed", and its connection closed; others are accepted meanwhile.
///
/// Raises what start_server does, and value_error "start_tls_server() needs a server's context: tls_context::server()".
template <class Handler>
    requires detail::connection_handler<std::decay_t<Handler>>
task<server> start_tls_server(Handler&& handle, std::string host, std::uint16_t port, tls_context context,
                              tls_server_options options = {}) {
    detail::check_server_context(context, options.handshake_timeout);
    using handler = detail::tls_handler<std::decay_t<Handler>>;
    return start_server(handler(std::forward<Handler>(handle), std::move(context), options.handshake_timeout),
                        std::move(host), port, options.server);
}

}  // namespace fermata::inline v0
