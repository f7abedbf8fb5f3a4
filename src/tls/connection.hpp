#pragma once

// TLS between a stream and what carries its ciphertext.
//
// It is the channel of what a stream asks for, and asks in turn for ciphertext, by two operations of its own: one each way.
// These outlive who waits, so a cancelled read loses no byte, and a cancelled write is not cut within a record. OpenSSL does
// no I/O: it finds what has come in incoming_, and leaves what is to go in outgoing_.
//
// All that happens, a request or ciphertext that came or went, ends in move(), which does what can be done by then:
//
//   a reader waits    | bytes can be decrypted      → done, with them
//                     | OpenSSL needs more          → ciphertext is read, one buffer at a time
//   a writer waits    | the last ciphertext is gone → at most 64 KiB are encrypted, and sent
//                     | all of that is gone         → done, with so many bytes; the rest is the next request
//
// So there is never more in memory than one buffer each way, and nothing is read that nobody asked for.

#include <fermata/io/detail/endpoint.hpp>
#include <fermata/io/detail/operation.hpp>
#include <fermata/net/tls.hpp>
#include <fermata/sync/event.hpp>

#include "openssl.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace fermata::inline v0::detail {

using tls_session = openssl_ptr<SSL, SSL_free>;

/// hostname: a client's. Raises value_error "check_hostname requires server_hostname"; tls_error.
tls_session make_tls_session(const tls_context& context, const std::string& hostname);

class tls_connection final : public channel {
public:
    /// carrier: where the ciphertext goes, and by which operations; to be owned before anything is asked for.
    tls_connection(const tls_context& context, tls_session session, endpoint& carrier, io_code reads,
                   io_code writes) noexcept;
    ~tls_connection() { close(); }
    void own(std::unique_ptr<endpoint> carrier) noexcept { owned_ = std::move(carrier); }

    /// connect: the handshake. sync: done when all has gone, and the peer has ended. What is read or written before the
    /// handshake waits for it.
    void submit(operation& o) noexcept override;
    void cancel(operation& o) noexcept override;
    void drain(operation& o) noexcept override { cancel(o); }

    /// Tells the peer that nothing more will be written.
    void send_close_notify() noexcept;
    /// Who waits gets -ECANCELED.
    void give_up_waiting() noexcept;
    /// The same, before it is closed. Gives whether there is something to wait for; the second time there is not.
    bool begin_to_part() noexcept;
    /// Nothing is under way then.
    void close() noexcept;

    endpoint& carrier() const noexcept { return carrier_; }
    void raise_failure(int result, const char* what, const std::string& whom) const;
    tls_info info() const;

    // OpenSSL's: gives how many bytes; 0: none for now. And whether there was memory for them.
    std::size_t take_incoming(char* into, std::size_t size) noexcept;
    bool add_outgoing(const char* bytes, std::size_t size) noexcept;

private:
    class flow : public operation {
    public:
        flow(tls_connection& of, io_code code, int flags) noexcept
            : operation(of.carrier_, {.code = code, .flags = flags}), of_(of) {}

    protected:
        ~flow() = default;
        /// Something has changed. Gives whether this operation is to go on, with more; where move() is already looking after
        /// it, it is not, and is started anew.
        bool goes_on(bool (tls_connection::*prepare)() noexcept) noexcept;

        tls_connection& of_;
    };
    class inflow final : public flow {
    public:
        using flow::flow;
        ~inflow() { end(); }

    private:
        bool advance(int result) noexcept override;
    };
    class outflow final : public flow {
    public:
        using flow::flow;
        ~outflow() { end(); }

    private:
        bool advance(int result) noexcept override;
    };

    void move() noexcept;
    void shake_hands() noexcept;
    void read() noexcept;
    void write() noexcept;
    void part() noexcept;
    void send() noexcept;
    void receive() noexcept;
    bool prepare_to_send() noexcept;
    bool prepare_to_receive() noexcept;
    void end_output() noexcept;
    void finish(operation*& o, int result) noexcept;
    int result_of(int returned) noexcept;
    void discard_what_came() noexcept;
    int fail_at_end() noexcept;
    int fail() noexcept;
    void become_orphan() noexcept;
    /// The handshake was done, and nobody has broken off since.
    bool is_sound() const noexcept { return shook_hands_ && broken_ == 0 && out_failure_ == 0 && in_failure_ == 0; }
    bool peer_has_ended() const noexcept;
    bool has_sent_all() const noexcept { return outgoing_.empty() && sending_.empty(); }

    const tls_context context_;
    endpoint& carrier_;
    std::unique_ptr<endpoint> owned_;
    const tls_session ssl_;

    operation* handshaking_ = nullptr;
    operation* reading_ = nullptr;
    operation* writing_ = nullptr;
    operation* parting_ = nullptr;

    std::unique_ptr<char[]> incoming_;
    std::size_t incoming_from_ = 0;
    std::size_t incoming_to_ = 0;
    std::size_t incoming_room_ = 4096;
    std::string outgoing_;  // what OpenSSL adds to
    std::string sending_;   // what is under way, and how much of it has gone
    std::size_t sent_ = 0;
    std::size_t encrypted_ = 0;  // of the request that writing_ is
    std::size_t discarded_ = 0;  // while parting

    bool moving_ = false;
    bool changed_ = false;
    bool needs_input_ = false;
    bool shook_hands_ = false;
    bool in_ended_ = false;
    bool began_to_part_ = false;
    bool shut_down_ = false;
    // Results, negative: of TLS itself, and of what carries it, each way.
    int broken_ = 0;
    int in_failure_ = 0;
    int out_failure_ = 0;
    bool was_cut_off_ = false;
    long verify_code_ = X509_V_OK;
    std::string failure_;

    inflow in_;
    outflow out_;
};

/// A stream's end of it.
class tls_endpoint final : public endpoint {
public:
    tls_endpoint(event_loop& loop, std::unique_ptr<tls_connection> connection) noexcept
        : endpoint(loop, *connection), connection_(std::move(connection)) {}
    ~tls_endpoint() override { close(); }

    bool is_orphan() const noexcept override;
    int descriptor() const noexcept override;
    void shut_down_writing() override;
    void close() noexcept override;
    task<> wait_closed() const override;
    void raise_failure(int result, const char* what, const std::string& whom) const override;

    std::optional<tls_info> info() const;
    void own(std::unique_ptr<endpoint> carrier) noexcept { connection_->own(std::move(carrier)); }

private:
    class parting_note;
    static task<> part(std::unique_ptr<tls_connection> from, parting_note note);

    std::unique_ptr<tls_connection> connection_;  // null: it is closed
    std::shared_ptr<event> parted_;               // null: nothing is left to be done
};

}  // namespace fermata::inline v0::detail
