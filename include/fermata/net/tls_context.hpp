#pragma once

/// \file
/// Python's `ssl.SSLContext`.

#include <fermata/net/tls_error.hpp>

#include <memory>
#include <string>
#include <vector>

namespace fermata::inline v0 {

namespace detail {
struct tls_context_state;
}  // namespace detail

enum class tls_version : unsigned char { tls_1_2, tls_1_3 };

/// What connections have in common: whom they trust, and what they show of themselves. Copies share one state, as Python's
/// names share an object: to be set up before the first connection, and then used from any thread. To make one takes a while
/// (a client's reads the system's roots): make one, and keep it.
///
///     tls_context trusted = tls_context::client();
///     trusted.load_verify_locations("our-ca.pem");
///
/// What a file lacks is raised with its name: std::system_error "load certificate /x/y.pem: No such file or directory",
/// tls_error "load private key /x/key.pem: key values mismatch".
class tls_context {
public:
    /// `ssl.create_default_context()`: TLS 1.2 or newer; the peer's certificate must come from a root that the system trusts
    /// (SSL_CERT_FILE and SSL_CERT_DIR name others), and be made out to the host that was asked for.
    static tls_context client();
    /// `ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)` and load_cert_chain: clients need no certificate.
    static tls_context server(const std::string& certificate_chain, const std::string& private_key);

    /// `load_cert_chain(certfile, keyfile, password)`: PEM files; no key: it stands in the file of the certificates. Of a
    /// client: what it shows to servers that ask for a certificate.
    void load_cert_chain(const std::string& certificate_chain, const std::string& private_key = {},
                         const std::string& password = {});
    /// `load_verify_locations(cafile)`, or `capath` where it is a directory: whom to trust besides.
    void load_verify_locations(const std::string& path);
    /// `set_alpn_protocols`: what is spoken within, the preferred first: "h2", "http/1.1". Of a server: the first of its own
    /// that the client has too. Raises value_error "ALPN protocols must be 1 to 255 bytes in length".
    void set_alpn_protocols(const std::vector<std::string>& protocols);
    /// `verify_mode`: CERT_REQUIRED, or CERT_NONE, with which the host's name is not checked either: anybody may answer. Of
    /// a server: whether clients must show a certificate.
    void set_verify(bool on);
    /// `check_hostname`: whether the certificate must be made out to the host that was asked for. Raises value_error
    /// "check_hostname needs a certificate that is verified: call set_verify(true) before".
    void set_check_hostname(bool on);
    /// `minimum_version`, `maximum_version`.
    void set_minimum_version(tls_version version);
    void set_maximum_version(tls_version version);

    bool is_server() const noexcept;

    /// For the implementation.
    const std::shared_ptr<detail::tls_context_state>& state() const noexcept { return state_; }

private:
    explicit tls_context(std::shared_ptr<detail::tls_context_state> state) noexcept;

    std::shared_ptr<detail::tls_context_state> state_;
};

}  // namespace fermata::inline v0
