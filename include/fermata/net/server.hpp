#pragma once

/// \file
/// Python's `asyncio.start_server`.

#include <fermata/base/errors.hpp>
#include <fermata/io/stream.hpp>
#include <fermata/net/address.hpp>
#include <fermata/net/detail/server_core.hpp>
#include <fermata/task/task.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace fermata::inline v0 {

struct server_options {
    int family = AF_UNSPEC;
    int backlog = 1024;                // connections that the kernel keeps until they are accepted
    std::size_t connections = 65'536;  // at once; more wait in the backlog; 0: no limit, as asyncio's
    bool reuse_port = false;           // SO_REUSEPORT
    bool no_delay = true;              // TCP_NODELAY
};

/// Python's `asyncio.Server`: accepts connections, and has a task of its own serve each. A scope:
///
///     server s = co_await start_server(handle, "127.0.0.1", 8080);
///     co_await with(s, [](server& running) { return running.serve_forever(); });
///
/// Leaving it closes it and waits for those who are being served, and cancels these where the body has raised (a
/// cancellation too). Dropped, it is closed, and those who are being served go on. One that was moved from serves nobody;
/// addresses() and what is awaited raise runtime_error "this server was moved from".
class server {
public:
    explicit server(std::shared_ptr<detail::server_core> core) noexcept : core_(std::move(core)) {}
    server(server&&) noexcept = default;
    server& operator=(server&&) = delete;
    ~server() { close(); }

    /// `[s.getsockname() for s in server.sockets]`: where it listens.
    const std::vector<address>& addresses() const { return core()->addresses(); }

    /// `server.serve_forever()`: until it is cancelled, and then closes it; it does not wait for those who are being served.
    /// (It accepts from the start, as asyncio's.)
    task<> serve_forever() { return detail::server_core::serve_forever(core()); }
    /// `server.close()`: no more is accepted, but for what the kernel has accepted already: nobody is turned away who got in.
    /// Its addresses are free when this returns.
    void close() noexcept {
        if (core_) core_->close();
    }
    /// `server.wait_closed()`: until all who are being served have ended.
    task<> wait_closed() { return detail::server_core::wait_closed(core()); }
    /// `server.close_clients()`, harder: cancels those who serve; after close() also whom the kernel has accepted already.
    void cancel_clients() noexcept {
        if (core_) core_->cancel_clients();
    }
    bool is_serving() const noexcept { return core_ && core_->is_serving(); }
    /// How many are being served.
    std::size_t connections() const noexcept { return core_ ? core_->connections() : 0; }

    void aenter() noexcept {}
    task<> aexit(const std::exception_ptr& raised) { return detail::server_core::leave(core(), raised != nullptr); }

private:
    const std::shared_ptr<detail::server_core>& core() const {
        if (!core_) throw runtime_error("this server was moved from");
        return core_;
    }

    std::shared_ptr<detail::server_core> core_;
};

namespace detail {

template <class Handler>
concept connection_handler = requires(Handler& handle, stream s) {
    { handle(std::move(s)) } -> std::same_as<task<>>;
};

template <class Handler>
class server_of final : public server_core {
public:
    explicit server_of(Handler&& handle) : handle_(std::move(handle)) {}
    explicit server_of(const Handler& handle) : handle_(handle) {}

private:
    task<> handle(stream s) override { return handle_(std::move(s)); }
    Handler handle_;
};

task<server> start(std::shared_ptr<server_core> core, std::string host, std::uint16_t port, server_options options);
task<server> start_unix(std::shared_ptr<server_core> core, std::string path, server_options options);

}  // namespace detail

/// `await asyncio.start_server(handle, host, port)`: listens on all addresses of the host (an empty one: on all of this
/// machine), and has `handle(stream)`, a coroutine, serve each connection; what it raises is reported to the loop's exception
/// handler. Port 0: any that is free; addresses() tells. handle is copied or moved in, and lives as long as any of its
/// coroutines: so the captures of a lambda are safe.
///
/// Where descriptors run out, connections wait in the backlog until there are some, and the loop's exception handler is told.
///
/// Raises gaierror, and std::system_error "listen on 127.0.0.1:80: Permission denied".
template <class Handler>
    requires detail::connection_handler<std::decay_t<Handler>>
task<server> start_server(Handler&& handle, std::string host, std::uint16_t port, server_options options = {}) {
    return detail::start(std::make_shared<detail::server_of<std::decay_t<Handler>>>(std::forward<Handler>(handle)),
                         std::move(host), port, options);
}

/// `await asyncio.start_unix_server(handle, path)`. A socket that nobody listens on any more is replaced; close() removes it.
template <class Handler>
    requires detail::connection_handler<std::decay_t<Handler>>
task<server> start_unix_server(Handler&& handle, std::string path, server_options options = {}) {
    return detail::start_unix(std::make_shared<detail::server_of<std::decay_t<Handler>>>(std::forward<Handler>(handle)),
                              std::move(path), options);
}

}  // namespace fermata::inline v0
