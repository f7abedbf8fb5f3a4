#pragma once

/// \file
/// What goes wrong with TLS: Python's `ssl.SSLError` and its kinds.

#include <fermata/base/errors.hpp>

namespace fermata::inline v0 {

/// Python's `ssl.SSLError`: the peer, or what it sent, is not what TLS asks for. what() names the operation and the peer:
/// "TLS handshake with example.org:80: wrong version number (does the peer speak TLS?)". What the connection below raises
/// stays std::system_error.
class tls_error : public error {
public:
    using error::error;
};

/// Python's `ssl.SSLEOFError`, "EOF occurred in violation of protocol": the connection ended, and the peer had not said that
/// it would. What came may have been cut off, by whoever stands between.
class tls_eof_error : public tls_error {
public:
    using tls_error::tls_error;
};

/// Python's `ssl.SSLCertVerificationError`: "TLS handshake with expired.example:443: certificate verify failed: certificate
/// has expired".
class tls_cert_verification_error : public tls_error {
public:
    template <class Text>
    tls_cert_verification_error(int code, const Text& text) : tls_error(text), code_(code) {}

    /// OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED and its like.
    int verify_code() const noexcept { return code_; }

private:
    int code_;
};

}  // namespace fermata::inline v0
