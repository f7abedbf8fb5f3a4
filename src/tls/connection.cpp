#include "connection.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <new>
#include <system_error>
#include <utility>

namespace fermata::inline v0::detail {

namespace {

constexpr std::size_t most_incoming = std::size_t{64} * 1024;
constexpr std::size_t most_encrypted_at_once = std::size_t{64} * 1024;
// What waits behind what is being sent are answers to what was read (new keys): a peer that does not take them is not read
// from either.
constexpr std::size_t most_answers = std::size_t{16} * 1024;
// Of a peer that still sends, and whom nobody reads any more.
constexpr std::size_t most_discarded = std::size_t{64} * 1024;

tls_connection& connection_of(BIO* bio) noexcept { return *static_cast<tls_connection*>(BIO_get_data(bio)); }

int bio_read(BIO* bio, char* into, int size) {
    BIO_clear_retry_flags(bio);
    const std::size_t taken = connection_of(bio).take_incoming(into, static_cast<std::size_t>(size));
    if (taken > 0) return static_cast<int>(taken);
    BIO_set_retry_read(bio);
    return -1;
}

int bio_write(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    return connection_of(bio).add_outgoing(bytes, static_cast<std::size_t>(size)) ? size : -1;
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

int bio_create(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
}

// Made once, and kept: OpenSSL frees its own things at the program's end, perhaps before us.
const BIO_METHOD* bio_of_connections() {
    static const BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "fermata");
        if (!made) throw std::bad_alloc();
        BIO_meth_set_read(made, bio_read);
        BIO_meth_set_write(made, bio_write);
        BIO_meth_set_ctrl(made, bio_control);
        BIO_meth_set_create(made, bio_create);
        return made;
    }();
    return method;
}

std::string subject_of(X509* certificate) {
    const openssl_ptr<BIO, BIO_free> text(BIO_new(BIO_s_mem()));
    if (!text) throw std::bad_alloc();
    X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(text.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

// As SSL_set_tlsext_host_name, a macro with an old cast.
bool ask_for_host(SSL* ssl, const std::string& host) {
    return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    const_cast<char*>(host.c_str())) == 1;  // NOLINT: it is only read
}

}  // namespace

tls_session make_tls_session(const tls_context& context, const std::string& hostname) {
    const tls_context_state& state = *context.state();
    tls_session made(SSL_new(state.context.get()));
    if (!made) throw tls_error("TLS connection: " + take_openssl_error());
    SSL* const ssl = made.get();
    BIO* const bio = BIO_new(bio_of_connections());
    if (!bio) throw std::bad_alloc();
    SSL_set_bio(ssl, bio, bio);
    if (state.is_server) {
        SSL_set_accept_state(ssl);
        return made;
    }
    SSL_set_connect_state(ssl);
    if (hostname.empty()) {
        if (state.checks_hostname) throw value_error("check_hostname requires server_hostname");
        return made;
    }
    const bool is_numeric = address::is_numeric(hostname);
    bool good = is_numeric || ask_for_host(ssl, hostname);
    if (good && state.checks_hostname) {
        X509_VERIFY_PARAM* const checks = SSL_get0_param(ssl);
        X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        good = (is_numeric ? X509_VERIFY_PARAM_set1_ip_asc(checks, hostname.c_str())
                           : X509_VERIFY_PARAM_set1_host(checks, hostname.c_str(), hostname.size())) == 1;
    }
    ERR_clear_error();
    if (!good) throw value_error("server_hostname '" + hostname + "' is no name of a host");
    return made;
}

tls_connection::tls_connection(const tls_context& context, tls_session session, endpoint& carrier, io_code reads,
                               io_code writes) noexcept
    : context_(context),
      carrier_(carrier),
      ssl_(std::move(session)),
      in_(*this, reads, 0),
      out_(*this, writes, MSG_WAITALL) {
    BIO_set_data(SSL_get_rbio(ssl_.get()), this);
}

// Requests

void tls_connection::submit(operation& o) noexcept {
    switch (o.request.code) {
    case io_code::connect: handshaking_ = &o; break;
    case io_code::sync: parting_ = &o; break;
    case io_code::write: writing_ = &o; break;
    default: reading_ = &o; break;
    }
    changed_ = true;
    move();
}

// What has been encrypted for it goes on its way.
void tls_connection::cancel(operation& o) noexcept {
    if (writing_ == &o) encrypted_ = 0;
    for (operation** each : {&handshaking_, &reading_, &writing_, &parting_}) {
        if (*each == &o) *each = nullptr;
    }
    o.complete(-ECANCELED);
}

void tls_connection::give_up_waiting() noexcept {
    for (operation** each : {&handshaking_, &reading_, &writing_, &parting_}) {
        if (*each) (*each)->abort();
    }
}

// The loop goes, and with it those who wait: nobody is to be scheduled.
void tls_connection::become_orphan() noexcept {
    for (operation** each : {&handshaking_, &reading_, &writing_, &parting_}) {
        if (!*each) continue;
        (*each)->become_orphan();
        std::exchange(*each, nullptr)->complete(-ECANCELED);
    }
}

void tls_connection::finish(operation*& o, int result) noexcept {
    if (o) std::exchange(o, nullptr)->complete(result);
}

// What can be done

// What is completed or started here may bring the next at once: it is looked after here, and not within itself.
void tls_connection::move() noexcept {
    if (std::exchange(moving_, true)) return;
    while (std::exchange(changed_, false)) {
        needs_input_ = false;
        shake_hands();
        read();
        write();
        part();
        send();
        receive();
    }
    if (has_sent_all() && !writing_) {
        std::string().swap(sending_);
        std::string().swap(outgoing_);
    }
    moving_ = false;
}

void tls_connection::shake_hands() noexcept {
    if (shook_hands_ || !(handshaking_ || reading_ || writing_)) return;
    if (broken_ == 0) {
        ERR_clear_error();
        int result = result_of(SSL_do_handshake(ssl_.get()));
        if (result == -EAGAIN && out_failure_ == 0) return;
        // The peer does not answer what has not reached it.
        if (result == -EAGAIN) result = out_failure_;
        if (result == 0) result = fail_at_end();
        if (result > 0) {
            shook_hands_ = true;
            return finish(handshaking_, 0);
        }
        broken_ = result;
    }
    finish(handshaking_, broken_);
    finish(reading_, broken_);
    finish(writing_, broken_);
}

void tls_connection::read() noexcept {
    if (!reading_ || !shook_hands_) return;
    if (!sending_.empty() && outgoing_.size() > most_answers) return;
    if (broken_ != 0) return finish(reading_, broken_);
    const io_request& wanted = reading_->request;
    // For who keeps no buffer.
    std::array<char, 4096> shared;  // NOLINT(*-member-init): it is written before it is read
    const bool lacks_buffer = wanted.lacks_buffer();
    char* const into = lacks_buffer ? shared.data() : static_cast<char*>(wanted.address);
    const std::size_t size = lacks_buffer ? std::min(wanted.size, shared.size()) : wanted.size_at_once();
    std::size_t got = 0;
    int result = 0;
    while (got < size) {
        ERR_clear_error();
        result = result_of(SSL_read(ssl_.get(), into + got, static_cast<int>(size - got)));
        if (result <= 0) break;
        got += static_cast<std::size_t>(result);
    }
    // Whatever comes behind these bytes, it is still there for the next one.
    if (got > 0) {
        needs_input_ = false;
        if (lacks_buffer && !reading_->make_room(got)) return finish(reading_, -ENOMEM);
        if (lacks_buffer) std::memcpy(wanted.address, shared.data(), got);
        finish(reading_, static_cast<int>(got));
    } else if (result != -EAGAIN) {
        finish(reading_, result);
    }
}

void tls_connection::write() noexcept {
    if (!writing_ || !shook_hands_) return;
    if (out_failure_ != 0) {
        encrypted_ = 0;
        return finish(writing_, out_failure_);
    }
    if (!has_sent_all()) return;
    if (encrypted_ > 0) return finish(writing_, static_cast<int>(std::exchange(encrypted_, 0)));
    if (broken_ != 0) return finish(writing_, broken_);
    ERR_clear_error();
    const io_request& given = writing_->request;
    const std::size_t size = std::min(given.size_at_once(), most_encrypted_at_once);
    const int result = result_of(SSL_write(ssl_.get(), given.address, static_cast<int>(size)));
    if (result > 0) {
        encrypted_ = static_cast<std::size_t>(result);
    } else if (result != -EAGAIN) {
        finish(writing_, result == 0 ? -EPIPE : result);
    }
}

// Without the peer's end, what it still sends would be answered by the kernel with a reset, which takes along what we have
// sent and the peer has not read yet.
void tls_connection::part() noexcept {
    if (!parting_) return;
    if (has_sent_all()) end_output();
    discarded_ += incoming_to_ - std::exchange(incoming_from_, incoming_to_);
    const bool is_done = has_sent_all() && (peer_has_ended() || discarded_ > most_discarded);
    if (is_done || out_failure_ != 0) return finish(parting_, out_failure_);
    needs_input_ = !peer_has_ended();
}

void tls_connection::end_output() noexcept {
    if (std::exchange(shut_down_, true)) return;
    try {
        carrier_.shut_down_writing();
    } catch (const std::system_error& e) {
        if (out_failure_ == 0) out_failure_ = -e.code().value();
    }
}

bool tls_connection::peer_has_ended() const noexcept {
    return in_ended_ || in_failure_ != 0 || (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

bool tls_connection::begin_to_part() noexcept {
    if (std::exchange(began_to_part_, true)) return false;
    send_close_notify();
    return is_sound() && !(has_sent_all() && peer_has_ended());
}

void tls_connection::send_close_notify() noexcept {
    if (!is_sound() || (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    changed_ = true;
    move();
}

// What comes in while a backend drains would begin the next sending, and nobody waits for more to come in: so in_ is first.
void tls_connection::close() noexcept {
    in_.abort();
    out_.abort();
    if (began_to_part_ && has_sent_all() && out_failure_ == 0) {
        end_output();
        discard_what_came();
    }
    if (owned_) owned_->close();
}

// The kernel answers the closing of a socket with bytes that nobody has read by a reset, which takes along what the peer has
// not read yet. It may not be the program that has not read them: tickets for sessions, for instance.
void tls_connection::discard_what_came() noexcept {
    std::array<char, 4096> bytes;  // NOLINT(*-member-init): nobody reads it
    std::size_t most = most_discarded;
    while (most > 0) {
        const ssize_t got = recv(carrier_.descriptor(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (got <= 0) return;
        most -= std::min(most, static_cast<std::size_t>(got));
    }
}

// Ciphertext

bool tls_connection::flow::goes_on(bool (tls_connection::*prepare)() noexcept) noexcept {
    const bool looked_after = of_.moving_;
    of_.changed_ = true;
    of_.move();
    if (looked_after) return false;
    if ((of_.*prepare)()) return true;
    of_.move();  // where there was no memory for it
    return false;
}

bool tls_connection::inflow::advance(int result) noexcept {
    if (given_up()) {
        if (cancelled()) of_.become_orphan();
        return true;
    }
    if (result > 0) {
        of_.incoming_to_ = static_cast<std::size_t>(result);
        // Who sends much is read from in larger parts.
        if (of_.incoming_to_ == of_.incoming_room_)
            of_.incoming_room_ = std::min(2 * of_.incoming_room_, most_incoming);
    } else if (result == 0) {
        of_.in_ended_ = true;
    } else {
        of_.in_failure_ = result;
    }
    return !goes_on(&tls_connection::prepare_to_receive);
}

bool tls_connection::outflow::advance(int result) noexcept {
    if (given_up()) {
        if (cancelled()) of_.become_orphan();
        return true;
    }
    if (result >= 0) {
        of_.sent_ += static_cast<std::size_t>(result);
        request.address = of_.sending_.data() + of_.sent_;
        request.size = of_.sending_.size() - of_.sent_;
        if (request.size > 0) return false;
    } else {
        of_.out_failure_ = result;
    }
    of_.sending_.clear();
    return !goes_on(&tls_connection::prepare_to_send);
}

void tls_connection::send() noexcept {
    if (!out_.under_way() && prepare_to_send()) out_.start();
}

bool tls_connection::prepare_to_send() noexcept {
    // A peer that waits for what is lost here learns that nothing more comes.
    if (out_failure_ != 0) {
        outgoing_.clear();
        end_output();
    }
    if (outgoing_.empty()) return false;
    sending_.swap(outgoing_);
    sent_ = 0;
    out_.request.address = sending_.data();
    out_.request.size = sending_.size();
    return true;
}

void tls_connection::receive() noexcept {
    if (!in_.under_way() && prepare_to_receive()) in_.start();
}

// OpenSSL has taken all that came, or it would not need more.
bool tls_connection::prepare_to_receive() noexcept {
    if (!needs_input_) {
        if (incoming_from_ == incoming_to_) incoming_.reset();
        return false;
    }
    incoming_from_ = incoming_to_ = 0;
    incoming_.reset(new (std::nothrow) char[incoming_room_]);
    if (!incoming_) {
        in_failure_ = -ENOMEM;
        changed_ = true;
        return false;
    }
    in_.request.address = incoming_.get();
    in_.request.size = incoming_room_;
    return true;
}

std::size_t tls_connection::take_incoming(char* into, std::size_t size) noexcept {
    const std::size_t taken = std::min(size, incoming_to_ - incoming_from_);
    if (taken > 0) std::memcpy(into, incoming_.get() + incoming_from_, taken);
    incoming_from_ += taken;
    return taken;
}

bool tls_connection::add_outgoing(const char* bytes, std::size_t size) noexcept {
    try {
        outgoing_.append(bytes, size);
        return true;
    } catch (const std::bad_alloc&) {
        out_failure_ = -ENOMEM;
        return false;
    }
}

// What OpenSSL says

// Positive: done. 0: the peer has said that it has ended. -EAGAIN: once more has come. Or another failure.
int tls_connection::result_of(int returned) noexcept {
    if (returned > 0) return returned;
    switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_ZERO_RETURN: return 0;
    case SSL_ERROR_WANT_READ: break;
    default: return fail();
    }
    if (in_failure_ != 0) return in_failure_;
    if (in_ended_) return fail_at_end();
    needs_input_ = true;
    return -EAGAIN;
}

// Where our own half was broken before, that is why.
int tls_connection::fail_at_end() noexcept {
    if (out_failure_ != 0) return broken_ = out_failure_;
    was_cut_off_ = true;
    return broken_ = -EPROTO;
}

int tls_connection::fail() noexcept {
    const unsigned long last = ERR_peek_last_error();
    if (ERR_GET_LIB(last) == ERR_LIB_SSL && ERR_GET_REASON(last) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        verify_code_ = SSL_get_verify_result(ssl_.get());
    }
    try {
        failure_ = take_openssl_error();
        return broken_ = out_failure_ == -ENOMEM ? -ENOMEM : -EPROTO;
    } catch (const std::bad_alloc&) {
        return broken_ = -ENOMEM;
    }
}

void tls_connection::raise_failure(int result, const char* what, const std::string& whom) const {
    if (result != -EPROTO || broken_ != result) return;
    const std::string where = what + (" " + whom) + ": ";
    if (was_cut_off_) throw tls_eof_error(where + "EOF occurred in violation of protocol");
    if (verify_code_ == X509_V_OK) throw tls_error(where + failure_);
    const int code = static_cast<int>(verify_code_);
    std::string why = X509_verify_cert_error_string(verify_code_);
    X509_VERIFY_PARAM* const checks = SSL_get0_param(ssl_.get());
    if (code == X509_V_ERR_HOSTNAME_MISMATCH) {
        why = "Hostname mismatch, certificate is not valid for '" +
              std::string(X509_VERIFY_PARAM_get0_host(checks, 0)) + "'.";
    } else if (code == X509_V_ERR_IP_ADDRESS_MISMATCH) {
        char* const asked = X509_VERIFY_PARAM_get1_ip_asc(checks);
        why = "IP address mismatch, certificate is not valid for '" + std::string(asked ? asked : "") + "'.";
        OPENSSL_free(asked);
    }
    throw tls_cert_verification_error(code, where + failure_ + ": " + why);
}

tls_info tls_connection::info() const {
    tls_info told;
    SSL* const ssl = ssl_.get();
    told.version = SSL_get_version(ssl);
    if (const char* cipher = SSL_get_cipher_name(ssl)) told.cipher = cipher;
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &protocol, &size);
    if (protocol) told.alpn_protocol.assign(reinterpret_cast<const char*>(protocol), size);
    if (const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)) told.server_name = name;
    if (X509* certificate = SSL_get0_peer_certificate(ssl)) told.peer_subject = subject_of(certificate);
    return told;
}

}  // namespace fermata::inline v0::detail
