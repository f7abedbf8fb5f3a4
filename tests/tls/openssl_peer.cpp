#include "openssl_peer.hpp"

#include <openssl/ssl.h>

#include <stdexcept>
#include <utility>

namespace tests {

using fermata::task;

struct openssl_peer::session {
    session() : context(of_localhost()), ssl(SSL_new(context)) {
        SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_accept_state(ssl);
    }
    ~session() {
        SSL_free(ssl);
        SSL_CTX_free(context);
    }
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    static SSL_CTX* of_localhost() {
        SSL_CTX* const made = SSL_CTX_new(TLS_server_method());
        SSL_CTX_use_certificate_chain_file(made, localhost().certificate.c_str());
        SSL_CTX_use_PrivateKey_file(made, localhost().key.c_str(), SSL_FILETYPE_PEM);
        return made;
    }

    std::string take_outgoing() const {
        std::string bytes(static_cast<std::size_t>(BIO_pending(SSL_get_wbio(ssl))), '\0');
        BIO_read(SSL_get_wbio(ssl), bytes.data(), static_cast<int>(bytes.size()));
        return bytes;
    }

    SSL_CTX* context;
    SSL* ssl;
};

openssl_peer::openssl_peer(fermata::stream& over) : over_(&over), session_(std::make_unique<session>()) {}
openssl_peer::~openssl_peer() = default;

task<> openssl_peer::take_in() {
    const std::string came = co_await over_->read(100'000);
    if (came.empty()) throw std::runtime_error("the other end has gone");
    BIO_write(SSL_get_rbio(session_->ssl), came.data(), static_cast<int>(came.size()));
}

task<> openssl_peer::flush() {
    const std::string bytes = session_->take_outgoing();
    co_await over_->write(bytes);
}

task<> openssl_peer::shake_hands() {
    for (;;) {
        const int done = SSL_do_handshake(session_->ssl);
        co_await flush();
        if (done == 1) break;
        co_await take_in();
    }
}

task<> openssl_peer::write(std::string_view bytes) {
    if (SSL_write(session_->ssl, bytes.data(), static_cast<int>(bytes.size())) <= 0) {
        throw std::runtime_error("SSL_write failed");
    }
    co_await flush();
}

task<std::string> openssl_peer::read_exactly(std::size_t size) {
    std::string got;
    while (got.size() < size) {
        char buffer[1000];
        const int some = SSL_read(session_->ssl, buffer, static_cast<int>(std::min(size - got.size(), sizeof buffer)));
        if (some > 0) {
            got.append(buffer, static_cast<std::size_t>(some));
        } else if (SSL_get_error(session_->ssl, some) == SSL_ERROR_WANT_READ) {
            co_await take_in();
        } else {
            throw std::runtime_error("SSL_read failed");
        }
    }
    co_return got;
}

void openssl_peer::update_keys() {
    if (SSL_key_update(session_->ssl, SSL_KEY_UPDATE_REQUESTED) != 1 || SSL_do_handshake(session_->ssl) != 1) {
        throw std::runtime_error("SSL_key_update failed");
    }
}

}  // namespace tests
