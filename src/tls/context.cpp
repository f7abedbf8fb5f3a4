#include <fermata/net/tls_context.hpp>

#include "openssl.hpp"

#include <openssl/err.h>
#include <openssl/pemerr.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

namespace fermata::inline v0 {

namespace detail {

std::string take_openssl_error() {
    const unsigned long last = ERR_peek_last_error();
    const char* reason = ERR_reason_error_string(last);
    std::string text = reason ? reason : "unknown error";
    if (ERR_GET_REASON(last) == SSL_R_WRONG_VERSION_NUMBER) text += " (does the peer speak TLS?)";
    ERR_clear_error();
    return text;
}

}  // namespace detail

namespace {

using detail::tls_context_state;

// The first error is what is the matter; those behind it say who has stumbled over it.
[[noreturn]] void fail(const std::string& what, const std::string& path) {
    const unsigned long first = ERR_peek_error();
    const char* const reason = ERR_reason_error_string(first);
    std::string text = reason ? reason : "unknown error";
    const bool found_none = ERR_GET_LIB(first) == ERR_LIB_PEM && ERR_GET_REASON(first) == PEM_R_NO_START_LINE;
    if (found_none || ERR_GET_LIB(first) == ERR_LIB_OSSL_DECODER) text = "there is none in it, in the PEM format";
    ERR_clear_error();
    throw tls_error(what + " " + path + ": " + text);
}

// OpenSSL hides behind "system lib" what is the matter with a file.
void check_readable(const char* what, const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "re");
    if (!file) throw std::system_error(errno, std::generic_category(), what + (" " + path));
    const int first = std::fgetc(file);
    const int failure = first == EOF && std::ferror(file) != 0 ? errno : 0;
    std::fclose(file);
    if (failure != 0) throw std::system_error(failure, std::generic_category(), what + (" " + path));
}

struct password_asked {
    const std::string& password;
    bool asked = false;
};

// Without it, OpenSSL would ask at the terminal.
int give_password(char* into, int size, int, void* data) {
    auto& given = *static_cast<password_asked*>(data);
    given.asked = true;
    const std::string& password = given.password;
    if (password.empty() || password.size() > static_cast<std::size_t>(size)) return -1;
    std::memcpy(into, password.data(), password.size());
    return static_cast<int>(password.size());
}

// The first of ours that the client has.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void* data) {
    const std::string& ours = static_cast<const tls_context_state*>(data)->alpn_protocols;
    unsigned char* chosen = nullptr;
    const int outcome = SSL_select_next_proto(&chosen, size, reinterpret_cast<const unsigned char*>(ours.data()),
                                              static_cast<unsigned>(ours.size()), offered, offered_size);
    *out = chosen;
    return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

int number_of(tls_version version) noexcept {
    return version == tls_version::tls_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

std::shared_ptr<tls_context_state> make_state(bool is_server) {
    auto made = std::make_shared<tls_context_state>();
    made->is_server = is_server;
    made->context.reset(SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method()));
    if (!made->context) throw tls_error("TLS context: " + detail::take_openssl_error());
    SSL_CTX* const context = made->context.get();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // Python's: forward secrecy, and no SHA-1.
    constexpr const char* ciphers =
        "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM";
    if (SSL_CTX_set_cipher_list(context, ciphers) != 1) throw tls_error("TLS context: " + detail::take_openssl_error());
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // As create_default_context since 3.13.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_X509_STRICT);
    // Without a name, a server that asks for certificates cannot resume a session, and would end the connection.
    constexpr unsigned char name[] = "fermata";
    SSL_CTX_set_session_id_context(context, name, sizeof name - 1);
    return made;
}

}  // namespace

tls_context::tls_context(std::shared_ptr<tls_context_state> state) noexcept : state_(std::move(state)) {}

tls_context tls_context::client() {
    tls_context made(make_state(false));
    SSL_CTX_set_default_verify_paths(made.state_->context.get());
    ERR_clear_error();  // a system without roots is no error, as in Python, until somebody is to be trusted
    made.set_verify(true);
    made.set_check_hostname(true);
    return made;
}

tls_context tls_context::server(const std::string& certificate_chain, const std::string& private_key) {
    tls_context made(make_state(true));
    made.load_cert_chain(certificate_chain, private_key);
    return made;
}

void tls_context::load_cert_chain(const std::string& certificate_chain, const std::string& private_key,
                                  const std::string& password) {
    constexpr const char* loading_certificate = "load certificate";
    constexpr const char* loading_key = "load private key";
    SSL_CTX* const context = state_->context.get();
    const std::string& key = private_key.empty() ? certificate_chain : private_key;
    check_readable(loading_certificate, certificate_chain);
    check_readable(loading_key, key);
    ERR_clear_error();
    password_asked asked{password};
    SSL_CTX_set_default_passwd_cb(context, give_password);
    SSL_CTX_set_default_passwd_cb_userdata(context, &asked);
    if (SSL_CTX_use_certificate_chain_file(context, certificate_chain.c_str()) != 1) {
        fail(loading_certificate, certificate_chain);
    }
    const bool loaded = SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1;
    if (!loaded && asked.asked) {
        ERR_clear_error();
        throw tls_error(std::string(loading_key) + " " + key +
                        (password.empty() ? ": it is encrypted, and needs a password" : ": the password is wrong"));
    }
    if (!loaded || SSL_CTX_check_private_key(context) != 1) fail(loading_key, key);
}

void tls_context::load_verify_locations(const std::string& path) {
    constexpr const char* loading = "load trusted certificates";
    struct stat found{};
    if (stat(path.c_str(), &found) != 0) {
        throw std::system_error(errno, std::generic_category(), std::string(loading) + " " + path);
    }
    const bool is_directory = S_ISDIR(found.st_mode);
    if (!is_directory) check_readable(loading, path);
    ERR_clear_error();
    SSL_CTX* const context = state_->context.get();
    const int done =
        is_directory ? SSL_CTX_load_verify_dir(context, path.c_str()) : SSL_CTX_load_verify_file(context, path.c_str());
    if (done != 1) fail(loading, path);
}

void tls_context::set_alpn_protocols(const std::vector<std::string>& protocols) {
    std::string sent;
    for (const std::string& each : protocols) {
        if (each.empty() || each.size() > 255) throw value_error("ALPN protocols must be 1 to 255 bytes in length");
        sent += static_cast<char>(static_cast<unsigned char>(each.size()));
        sent += each;
    }
    state_->alpn_protocols = std::move(sent);
    const std::string& all = state_->alpn_protocols;
    SSL_CTX* const context = state_->context.get();
    if (state_->is_server) {
        SSL_CTX_set_alpn_select_cb(context, all.empty() ? nullptr : choose_protocol, state_.get());
    } else if (SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(all.data()),
                                       static_cast<unsigned>(all.size())) != 0) {
        throw tls_error("set_alpn_protocols: " + detail::take_openssl_error());
    }
}

void tls_context::set_verify(bool on) {
    state_->verifies = on;
    state_->checks_hostname = on && !state_->is_server;
    SSL_CTX_set_verify(state_->context.get(), on ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE,
                       nullptr);
}

void tls_context::set_check_hostname(bool on) {
    if (on && !state_->verifies) {
        throw value_error("check_hostname needs a certificate that is verified: call set_verify(true) before");
    }
    state_->checks_hostname = on;
}

void tls_context::set_minimum_version(tls_version version) {
    SSL_CTX_set_min_proto_version(state_->context.get(), number_of(version));
}
void tls_context::set_maximum_version(tls_version version) {
    SSL_CTX_set_max_proto_version(state_->context.get(), number_of(version));
}

bool tls_context::is_server() const noexcept { return state_->is_server; }

}  // namespace fermata::inline v0
