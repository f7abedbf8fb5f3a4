#include <fermata/base/errors.hpp>
#include <fermata/io/detail/backend.hpp>
#include <fermata/io/detail/stream_state.hpp>
#include <fermata/net/udp.hpp>

#include <cerrno>
#include <system_error>
#include <utility>

namespace fermata::inline v0 {

namespace {

using detail::io_code;
using detail::plain_operation;

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

int family_of(const datagram_options& options) {
    if (options.remote) return options.remote->family();
    if (options.local) return options.local->family();
    throw value_error("unexpected address family: a datagram_socket needs a local or a remote address");
}

void set_up(int descriptor, const datagram_options& options) {
    const int yes = 1;
    if (options.broadcast && setsockopt(descriptor, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes) < 0)
        fail("SO_BROADCAST");
    if (options.reuse_port && setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) < 0)
        fail("SO_REUSEPORT");
    if (options.local && bind(descriptor, options.local->data(), options.local->size()) < 0) {
        fail("bind to " + options.local->text());
    }
    if (options.remote && connect(descriptor, options.remote->data(), options.remote->size()) < 0) {
        fail("connect to " + options.remote->text());
    }
}

}  // namespace

datagram_socket::datagram_socket(const datagram_options& options)
    : name_(options.remote  ? options.remote->text()
            : options.local ? options.local->text()
                            : "") {
    detail::backend& by = detail::backend::of(current_loop());
    detail::unique_descriptor opened(socket(family_of(options), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const int descriptor = opened.get();
    if (descriptor < 0) fail("socket for " + name_);
    socket_ = std::make_unique<detail::descriptor_endpoint>(by, std::move(opened));
    set_up(descriptor, options);
}

task<std::size_t> datagram_socket::receive(std::span<char> buffer, address* from) {
    address ignored;
    address& peer = from ? *from : ignored;
    iovec piece{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_name = peer.data();
    message.msg_namelen = *peer.size_to_fill();
    plain_operation receiving(*socket_, {.code = io_code::receive_message, .address = &message});
    const int result = co_await receiving;
    if (result < 0) detail::raise_io_error(result, "receive from", name_);
    peer.set_size(message.msg_namelen);
    co_return static_cast<std::size_t>(result);
}

task<datagram> datagram_socket::receive() {
    constexpr std::size_t largest = 64 * 1024;
    datagram came;
    came.bytes.resize(largest);
    const std::size_t size = co_await receive(came.bytes, &came.from);
    came.bytes.resize(size);
    came.bytes.shrink_to_fit();
    co_return came;
}

task<std::size_t> datagram_socket::send_message(std::string_view bytes, const address* to) {
    iovec piece{const_cast<char*>(bytes.data()), bytes.size()};  // NOLINT: it is only read
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    if (to) {
        message.msg_name = const_cast<sockaddr*>(to->data());  // NOLINT: likewise
        message.msg_namelen = to->size();
    }
    plain_operation sending(*socket_, {.code = io_code::send_message, .address = &message});
    const int result = co_await sending;
    if (result < 0) detail::raise_io_error(result, "send to", to ? to->text() : name_);
    co_return static_cast<std::size_t>(result);
}

task<> datagram_socket::send(std::string_view bytes) { co_await send_message(bytes, nullptr); }
task<> datagram_socket::send(std::string_view bytes, address to) { co_await send_message(bytes, &to); }

}  // namespace fermata::inline v0
