#pragma once

// OpenSSL's objects with owners, and its errors as text.

#include <fermata/net/tls_context.hpp>

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace fermata::inline v0::detail {

template <auto Free>
struct openssl_deleter {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
template <class T, auto Free>
using openssl_ptr = std::unique_ptr<T, openssl_deleter<Free>>;

struct tls_context_state {
    openssl_ptr<SSL_CTX, SSL_CTX_free> context;
    bool is_server = false;
    bool verifies = false;
    bool checks_hostname = false;
    std::string alpn_protocols;  // as they are sent: each behind its length
};

/// What OpenSSL says of the last thing that went wrong in this thread, which is then forgotten.
std::string take_openssl_error();

}  // namespace fermata::inline v0::detail
