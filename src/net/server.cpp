#include <fermata/base/errors.hpp>
#include <fermata/io/detail/backend.hpp>
#include <fermata/net/getaddrinfo.hpp>
#include <fermata/net/server.hpp>
#include <fermata/net/tcp.hpp>
#include <fermata/sync/event.hpp>
#include <fermata/task/cancellation.hpp>
#include <fermata/task/future.hpp>
#include <fermata/task/sleep.hpp>
#include <fermata/task/wait.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

namespace fermata::detail {

// A task that serves: it stands in its frame.
struct server_core::connection : list_node {
    any_task by;
};

struct server_core::listener {
    listener(backend& by, int descriptor) : on(by, descriptor) {}
    descriptor_endpoint on;
};

namespace {

int open_listener(const address& on, const server_options& options) {
    const int descriptor = socket(on.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    if (descriptor >= 0) {
        if (on.family() != AF_UNIX) setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (options.reuse_port) setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
        // Its IPv4 twin listens for itself.
        if (on.family() == AF_INET6) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
        if (bind(descriptor, on.data(), on.size()) == 0 && ::listen(descriptor, options.backlog) == 0)
            return descriptor;
    }
    const int failure = errno;
    if (descriptor >= 0) ::close(descriptor);
    throw std::system_error(failure, std::generic_category(), "listen on " + on.text());
}

// Of a server that did not get to remove it.
void remove_if_nobody_listens(const address& on, const std::string& path) {
    struct stat found{};
    if (path.empty() || path.front() == '\0' || stat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) return;
    const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return;
    const bool refused = connect(descriptor, on.data(), on.size()) < 0 && errno == ECONNREFUSED;
    ::close(descriptor);
    if (refused) unlink(path.c_str());
}

bool lacks_resources(int failure) noexcept {
    return failure == EMFILE || failure == ENFILE || failure == ENOBUFS || failure == ENOMEM;
}

}  // namespace

server_core::server_core() : loop_(current_loop()) { idle_.set(); }
server_core::~server_core() = default;

// Listening

void server_core::listen(const address& on, const server_options& options) {
    const int descriptor = open_listener(on, options);
    listeners_.push_back(std::make_unique<listener>(backend::of(loop_), descriptor));
    addresses_.push_back(local_address_of(descriptor));
}

void server_core::listen_unix(const std::string& path, const server_options& options) {
    const address on = address::of_unix(path);
    remove_if_nobody_listens(on, path);
    listen(on, options);
    if (!path.empty() && path.front() != '\0') unix_path_ = path;
}

void server_core::begin(const server_options& options) {
    no_delay_ = options.no_delay;
    if (options.connections > 0) slots_ = std::make_unique<semaphore>(static_cast<std::ptrdiff_t>(options.connections));
    for (const auto& each : listeners_) accepting_.push_back(create_task(accept(shared_from_this(), *each)));
}

// Accepting

task<> server_core::accept(std::shared_ptr<server_core> self, listener& on) {
    bool cancelled = false;
    while (!self->closed_ && !cancelled) {
        try {
            if (self->slots_) co_await self->slots_->acquire();
        } catch (const cancelled_error&) {
            break;
        }
        address peer;
        plain_operation accepting(on.on,
                                  {.code = io_code::accept, .address = peer.data(), .extra = peer.size_to_fill()});
        try {
            co_await accepting;
        } catch (const cancelled_error&) {
            cancelled = true;
        }
        if (accepting.result() >= 0) {
            self->take(accepting.result(), peer);
            continue;
        }
        if (self->slots_) self->slots_->release();
        if (lacks_resources(-accepting.result()) && !cancelled) {
            try {
                co_await self->pause_after(-accepting.result());
            } catch (const cancelled_error&) {
                cancelled = true;
            }
        }
    }
    self->take_the_rest(on);
    on.on.close();
}

// Told once a second: a server that has run out of descriptors is not helped by a busy loop.
task<> server_core::pause_after(int failure) {
    loop_.call_exception_handler(
        {"socket.accept() out of system resource",
         std::make_exception_ptr(std::system_error(failure, std::generic_category(), "accept")), ""});
    co_await sleep(std::chrono::milliseconds(100));
}

// Who has been accepted by the kernel would be reset otherwise.
void server_core::take_the_rest(listener& on) {
    const int descriptor = on.on.descriptor();
    while (perform({.code = io_code::poll, .flags = POLLIN}, descriptor) > 0) {
        address peer;
        const int accepted =
            perform({.code = io_code::accept, .address = peer.data(), .extra = peer.size_to_fill()}, descriptor);
        if (accepted < 0) break;
        if (slots_ && !slots_->try_acquire()) {
            ::close(accepted);
            continue;
        }
        take(accepted, peer);
    }
}

void server_core::take(int descriptor, const address& peer) {
    const int yes = 1;
    if (no_delay_ && peer.family() != AF_UNIX) setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ++connection_count_;
    idle_.clear();
    create_task(serve(shared_from_this(), descriptor, peer.text()));
}

// Serving

task<> server_core::serve(std::shared_ptr<server_core> self, int descriptor, std::string name) {
    struct ending {
        server_core& core;
        ~ending() {
            if (core.slots_) core.slots_->release();
            if (--core.connection_count_ == 0) core.idle_.set();
        }
    };
    const ending at_the_end{*self};
    connection here;
    here.by = current_task();
    self->serving_.push_back(here);
    try {
        stream connected = stream_of_socket(self->loop_, descriptor, std::move(name));
        co_await self->handle(std::move(connected));
    } catch (const cancelled_error&) {
        throw;
    } catch (...) {
        self->report("Unhandled exception in client_connected_cb");
    }
}

void server_core::report(const char* what) { loop_.call_exception_handler({what, std::current_exception(), ""}); }

// Ending

void server_core::close() noexcept {
    if (std::exchange(closed_, true)) return;
    for (auto& each : accepting_) each.cancel();
    if (!unix_path_.empty()) unlink(unix_path_.c_str());
}

void server_core::cancel_clients() noexcept {
    serving_.for_each([](connection& each) { each.by.cancel(); });
}

task<> server_core::serve_forever() {
    const struct ending {
        server_core& core;
        ~ending() { core.close(); }
    } at_the_end{*this};
    co_await create_future<>();
}

task<> server_core::wait_closed() {
    if (!accepting_.empty()) co_await wait(accepting_);
    co_await idle_.wait();
}

task<> server_core::leave(bool failed) {
    close();
    if (failed) cancel_clients();
    co_await wait_closed();
}

task<server> start(std::shared_ptr<server_core> core, std::string host, std::uint16_t port, server_options options) {
    std::vector<address> on;
    if (host.empty()) {
        on.push_back(address::of("0.0.0.0", port));
        if (options.family != AF_INET) on.push_back(address::of("::", port));
        if (options.family == AF_INET6) on.erase(on.begin());
    } else {
        on = co_await getaddrinfo(std::move(host), port, options.family);
    }
    for (const address& each : on) core->listen(each, options);
    core->begin(options);
    co_return server(std::move(core));
}

task<server> start_unix(std::shared_ptr<server_core> core, std::string path, server_options options) {
    core->listen_unix(path, options);
    core->begin(options);
    co_return server(std::move(core));
}

}  // namespace fermata::detail
