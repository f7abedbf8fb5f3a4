#pragma once

// Both ends of a connection, with TLS.

#include "certificates.hpp"

#include <fermata/async.hpp>
#include <fermata/tls.hpp>

#include <utility>

namespace tests {

/// A client that trusts our authority, and a server that is localhost: to be changed.
inline fermata::tls_context make_client() {
    fermata::tls_context made = fermata::tls_context::client();
    made.load_verify_locations(our_authority().certificate());
    return made;
}
inline fermata::tls_context make_server(const identity& who = localhost()) {
    return fermata::tls_context::server(who.certificate, who.key);
}

/// The same, shared.
inline const fermata::tls_context& our_client() {
    static const fermata::tls_context made = make_client();
    return made;
}
inline const fermata::tls_context& our_server() {
    static const fermata::tls_context made = make_server();
    return made;
}

inline constexpr fermata::tls_options to_localhost{.server_hostname = "localhost"};

/// Goes on with TLS on both ends.
inline fermata::task<> start_tls_on_both(std::pair<fermata::stream, fermata::stream>& ends, fermata::tls_context client,
                                         fermata::tls_context server) {
    co_await fermata::gather(fermata::start_tls(ends.first, std::move(client), to_localhost),
                             fermata::start_tls(ends.second, std::move(server)));
}

}  // namespace tests
