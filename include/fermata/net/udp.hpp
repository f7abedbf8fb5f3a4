#pragma once

/// \file
/// Datagrams: Python's `loop.create_datagram_endpoint`, to be awaited.

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
/// error_received tells. One task may receive while another sends. Cancelled, a receive loses nothing that has not come yet.
class datagram_socket {
public:
    /// Raises std::system_error "bind to 0.0.0.0:53: Permission denied". On a running loop.
    explicit datagram_socket(const datagram_options& options);

    /// The next one, of at most 64 KiB.
    [[nodiscard]] task<datagram> receive();
    /// Into the buffer: what does not fit is lost, as the kernel has it. `from` is set if it is not null.
    [[nodiscard]] task<std::size_t> receive(std::span<char> buffer, address* from = nullptr);
    /// To the remote address, or to this one.
    [[nodiscard]] task<> send(std::string_view bytes);
    [[nodiscard]] task<> send(std::string_view bytes, address to);

    address local_address() const { return detail::local_address_of(socket_->descriptor()); }
    void close() noexcept { socket_->close(); }

private:
    task<std::size_t> send_message(std::string_view bytes, const address* to);

    std::unique_ptr<detail::descriptor_endpoint> socket_;
    std::string name_;
};

}  // namespace fermata::inline v0
