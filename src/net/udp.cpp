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

// Notes what is under way, so that close() can end it.
class datagram_socket::noted {
public:
    noted(state& in, plain_operation& what) : in_(in), what_(&what) { in_.under_way.push_back(what_); }
    noted(const noted&) = delete;
    noted& operator=(const noted&) = delete;
    ~noted() { std::erase(in_.under_way, what_); }

private:
    state& in_;
    plain_operation* what_;
};

datagram_socket::datagram_socket(const datagram_options& options) : state_(std::make_shared<state>()) {
    if (options.remote) {
        state_->name = options.remote->text();
    } else if (options.local) {
        state_->name = options.local->text();
    }
    detail::backend& by = detail::backend::of(current_loop());
    detail::unique_descriptor opened(socket(family_of(options), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const int descriptor = opened.get();
    if (descriptor < 0) fail("socket for " + state_->name);
    state_->socket = std::make_unique<detail::descriptor_endpoint>(by, std::move(opened));
    set_up(descriptor, options);
}

void datagram_socket::close(state& of) noexcept {
    for (plain_operation* each : of.under_way) each->abort();
    of.socket->close();
}

task<std::size_t> datagram_socket::receive(shared_state of, std::span<char> buffer, address* from) {
    address ignored;
    address& peer = from ? *from : ignored;
    iovec piece{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_name = peer.data();
    message.msg_namelen = *peer.size_to_fill();
    plain_operation receiving(*of->socket, {.code = io_code::receive_message, .address = &message});
    const noted here(*of, receiving);
    const int result = co_await receiving;
    if (result < 0) detail::raise_io_error(result, "receive from", of->name);
    peer.set_size(message.msg_namelen);
    co_return static_cast<std::size_t>(result);
}

task<datagram> datagram_socket::receive(shared_state of) {
    constexpr std::size_t largest = 64 * 1024;
    datagram came;
    came.bytes.resize(largest);
    const std::size_t size = co_await receive(std::move(of), came.bytes, &came.from);
    came.bytes.resize(size);
    came.bytes.shrink_to_fit();
    co_return came;
}

task<> datagram_socket::send(shared_state of, std::string_view bytes, std::optional<address> to) {
    iovec piece{const_cast<char*>(bytes.data()), bytes.size()};  // NOLINT: it is only read
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    if (to) {
        message.msg_name = to->data();
        message.msg_namelen = to->size();
    }
    plain_operation sending(*of->socket, {.code = io_code::send_message, .address = &message});
    const noted here(*of, sending);
    const int result = co_await sending;
    if (result < 0) detail::raise_io_error(result, "send to", to ? to->text() : of->name);
}

}  // namespace fermata::inline v0
