// Asio with C++20 coroutines.

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <array>
#include <cstdio>
#include <exception>
#include <utility>

namespace {

using asio::use_awaitable;
using asio::ip::tcp;

asio::awaitable<void> echo(tcp::socket peer) {
    std::array<char, 16 * 1024> buffer;
    try {
        for (;;) {
            const std::size_t size = co_await peer.async_read_some(asio::buffer(buffer), use_awaitable);
            co_await asio::async_write(peer, asio::buffer(buffer.data(), size), use_awaitable);
        }
    } catch (const std::exception&) {
        co_return;  // the end is one, too
    }
}

asio::awaitable<void> serve(tcp::acceptor& listening) {
    for (;;) {
        tcp::socket peer = co_await listening.async_accept(use_awaitable);
        peer.set_option(tcp::no_delay(true));
        asio::co_spawn(listening.get_executor(), echo(std::move(peer)), asio::detached);
    }
}

}  // namespace

int main() {
    asio::io_context loop(1);
    tcp::acceptor listening(loop, {asio::ip::address_v4::loopback(), 0});
    std::printf("listening on 127.0.0.1:%u\n", listening.local_endpoint().port());
    std::fflush(stdout);
    asio::co_spawn(loop, serve(listening), asio::detached);
    loop.run();
}
