#pragma once

// A peer that is OpenSSL by itself, over a plain stream: it does what no stream of ours would do.

#include "tls_streams.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace tests {

class openssl_peer {
public:
    /// A server; the stream stays another's.
    explicit openssl_peer(fermata::stream& over);
    ~openssl_peer();
    openssl_peer(const openssl_peer&) = delete;
    openssl_peer& operator=(const openssl_peer&) = delete;

    fermata::task<> shake_hands();
    fermata::task<> write(std::string_view bytes);
    fermata::task<std::string> read_exactly(std::size_t size);
    /// Asks for new keys each way; goes with what is written next, or flushed.
    void update_keys();
    /// Sends what is to be sent.
    fermata::task<> flush();

private:
    struct session;

    /// Takes in what comes.
    fermata::task<> take_in();

    fermata::stream* over_;
    std::unique_ptr<session> session_;
};

}  // namespace tests
