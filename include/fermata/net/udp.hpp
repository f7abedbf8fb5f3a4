#pragma once

/// \file
/// Datagrams: Python's `loop.create_datagram_endpoint`, to be awaited.

#include <fermata/base/errors.hpp>
#include <fermata/io/detail/io_awaiter.hpp>
#include <fermata/net/address.hpp>
#include <fermata/task/task.hpp>

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fermata::inline v0 {

/// A datagram that came.
struct datagram {
    std::string bytes;
    address from;
};

struct datagram_options {
    std::optional<address> local = {};   // `local_addr`: where to receive; port 0: any that is free
    std::optional<address> remote = {};  // `remote_addr`: the only peer
    bool broadcast = false;              // SO_BROADCAST
    bool reuse_port = false;             // SO_REUSEPORT
};

/// A socket for datagrams: UDP, or Unix. What goes wrong raises std::system_error "send to 127.0.0.1:9: …"; with a remote
/// address also what the peer's machine has answered to one sent before ("Connection refused"), as Python's
/// error_received tells. One task may receive while another sends. Cancelled, a receive loses nothing that has not come yet. One that
/// was moved from raises runtime_error "this socket is not open: it was moved from".
class datagram_socket {
public:
    /// Raises std::system_error "bind to 0.0.0.0:53: Permission denied". On a running loop.
    explicit datagram_socket(const datagram_options& options);
    datagram_socket(datagram_socket&&) noexcept = default;
    datagram_socket& operator=(datagram_socket&& other) noexcept {
        datagram_socket moved(std::move(other));
        std::swap(state_, moved.state_);
        return *this;
    }
    ~datagram_socket() { close(); }

    /// The next one, of at most 64 KiB.
    [[nodiscard]] task<datagram> receive() { return receive(open_state()); }
    /// Into the buffer: what does not fit is lost, as the kernel has it. `from` is set if it is not null.
    [[nodiscard]] task<std::size_t> receive(std::span<char> buffer, address* from = nullptr) {
        return receive(open_state(), buffer, from);
    }
    /// To the remote address, or to this one.
    [[nodiscard]] task<> send(std::string_view bytes) { return send(open_state(), bytes, std::nullopt); }
    [[nodiscard]] task<> send(std::string_view bytes, address to) { return send(open_state(), bytes, to); }

    address local_address() const { return detail::local_address_of(open_state()->socket->descriptor()); }
    /// Those who receive or send get an error, "receive from 127.0.0.1:9: Operation canceled". Idempotent; the destructor does
    /// the same.
    void close() noexcept {
        if (state_) close(*state_);
    }

private:
    struct state {
        std::unique_ptr<detail::descriptor_endpoint> socket;
        std::string name;
        std::vector<detail::plain_operation*> under_way;
    };
    class noted;
    using shared_state = std::shared_ptr<state>;
    const shared_state& open_state() const {
        if (!state_) throw runtime_error("this socket is not open: it was moved from");
        return state_;
    }
    // They keep it: the socket may be dropped meanwhile.
    static task<datagram> receive(shared_state of);
    static task<std::size_t> receive(shared_state of, std::span<char> buffer, address* from);
    static task<> send(shared_state of, std::string_view bytes, std::optional<address> to);
    static void close(state& of) noexcept;

    shared_state state_;
};

}  // namespace fermata::inline v0
