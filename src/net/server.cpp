#include <fermata/base/errors.hpp>
#include <fermata/io/detail/backend.hpp>
#include <fermata/io/detail/unique_descriptor.hpp>
#include <fermata/loop/detail/reporting.hpp>
#include <fermata/net/getaddrinfo.hpp>
#include <fermata/net/server.hpp>
#include <fermata/net/tcp.hpp>
#include <fermata/sync/event.hpp>
#include <fermata/task/cancellation.hpp>
#include <fermata/task/future.hpp>
#include <fermata/task/sleep.hpp>
#include <fermata/task/task_handle.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <system_error>
#include <utility>

namespace fermata::inline v0::detail {

namespace {
constexpr const char* client_failed = "Unhandled exception in client_connected_cb";
}

// What runs for the server, and keeps it. It is a parameter of the coroutine, so that it goes also where that is cancelled
// before it begins; it knows the task, and does not own it, for the task owns it.
class server_core::part : public list_node {
public:
    explicit part(std::shared_ptr<server_core> of) : core_(std::move(of)) {
        ++core_->part_count_;
        core_->idle_.clear();
    }
    ~part() {
        unlink();
        if (--core_->part_count_ == 0) core_->idle_.set();
    }
    part(const part&) = delete;
    part& operator=(const part&) = delete;

    server_core& core() const noexcept { return *core_; }
    void run_by(const task_handle<>& task) noexcept { by_ = &task_access::core_of(task); }
    void cancel() noexcept {
        if (by_) by_->cancel();
    }

private:
    std::shared_ptr<server_core> core_;
    task_core* by_ = nullptr;
};

class server_core::acceptor final : public part {
public:
    acceptor(std::shared_ptr<server_core> of, std::unique_ptr<descriptor_endpoint> listens)
        : part(std::move(of)), on_(std::move(listens)) {}

    descriptor_endpoint& on() const noexcept { return *on_; }

    /// An operation on it, which stop() gives up.
    class noted {
    public:
        noted(acceptor& of, operation& what) noexcept : of_(of) { of_.under_way_ = &what; }
        noted(const noted&) = delete;
        noted& operator=(const noted&) = delete;
        ~noted() { of_.under_way_ = nullptr; }

    private:
        acceptor& of_;
    };

    /// The address is free when this returns. Who has been accepted by the kernel would be reset otherwise, and is kept.
    void stop() noexcept {
        if (under_way_) under_way_->abort();
        try {
            core().accept_the_rest(*on_, rest_);
        } catch (...) {
            core().report("socket.accept() failed", std::current_exception());
        }
        on_->close();
        cancel();
    }
    std::vector<stream> take_rest() noexcept { return std::move(rest_); }

private:
    std::unique_ptr<descriptor_endpoint> on_;
    operation* under_way_ = nullptr;
    std::vector<stream> rest_;
};

// Who is served. It ends when the handler's task does, as its callback, and owns itself until then: a coroutine around the
// handler's would cost each connection a frame.
class server_core::connection final : public part {
public:
    explicit connection(std::shared_ptr<server_core> of) : part(std::move(of)), ending_(*this) {
        ++core().connection_count_;
    }
    ~connection() {
        --core().connection_count_;
        if (core().slots_) core().slots_->release();
    }

    void serve(stream with) {
        const task_handle<> handler = create_task(core().handle(std::move(with)));
        run_by(handler);
        task_ = reference<task_core>::share(task_access::core_of(handler));
        task_->add_done_callback(ending_);
    }

private:
    class ending final : public callback {
    public:
        explicit ending(connection& of) noexcept : of_(of) {}
        void run() override { of_.end(); }
        std::string describe() const override { return "<end of a connection>"; }
        // The loop is closed. It comes here twice, the second time when all tasks have gone: they use the handler, which
        // goes with the last connection.
        void abandon() noexcept override {
            if (std::exchange(is_last_, true)) {
                delete &of_;
                return;
            }
            of_.core().loop_.schedule(*this);
            of_.task_ = {};
        }

    private:
        connection& of_;
        bool is_last_ = false;
    };

    void end() {
        const std::unique_ptr<connection> gone(this);
        if (task_->cancelled()) return;
        if (const std::exception_ptr raised = task_->exception()) core().report(client_failed, raised);
    }

    reference<task_core> task_;
    ending ending_;
};

namespace {

unique_descriptor open_listener(const address& on, const server_options& options) {
    unique_descriptor opened(socket(on.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int descriptor = opened.get();
    const int yes = 1;
    if (descriptor >= 0) {
        if (on.family() != AF_UNIX) setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (options.reuse_port) setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
        // Its IPv4 twin listens for itself.
        if (on.family() == AF_INET6) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
        if (bind(descriptor, on.data(), on.size()) == 0 && ::listen(descriptor, options.backlog) == 0) return opened;
    }
    throw std::system_error(errno, std::generic_category(), "listen on " + on.text());
}

// A machine without IPv6: its IPv4 addresses will do, as in asyncio.
bool lacks_family(const address& on, const std::error_code& failure) noexcept {
    return on.family() == AF_INET6 &&
           (failure == std::errc::address_family_not_supported || failure == std::errc::address_not_available);
}

// Which file it is, or 0.
std::uint64_t file_at(const std::string& path) noexcept {
    struct stat found{};
    return stat(path.c_str(), &found) == 0 ? static_cast<std::uint64_t>(found.st_ino) : 0;
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

}  // namespace

server_core::server_core() : loop_(current_loop()) { idle_.set(); }
server_core::~server_core() = default;

// Listening

void server_core::listen(const address& on, const server_options& options) {
    backend& by = backend::of(loop_);
    listeners_.push_back(std::make_unique<descriptor_endpoint>(by, open_listener(on, options)));
    addresses_.push_back(local_address_of(listeners_.back()->descriptor()));
}

void server_core::listen_unix(const std::string& path, const server_options& options) {
    const address on = address::of_unix(path);
    remove_if_nobody_listens(on, path);
    const bool is_file = !path.empty() && path.front() != '\0';
    if (is_file) unix_path_ = path;
    const std::uint64_t before = file_at(path);
    try {
        listen(on, options);
    } catch (...) {
        if (is_file && file_at(path) != before) unlink(path.c_str());
        throw;
    }
    if (is_file) unix_file_ = file_at(path);
}

void server_core::begin(const server_options& options) {
    no_delay_ = options.no_delay;
    if (options.connections > 0) slots_ = std::make_unique<semaphore>(static_cast<std::ptrdiff_t>(options.connections));
    for (auto& each : listeners_) {
        auto made = std::make_unique<acceptor>(shared_from_this(), std::move(each));
        acceptor& here = *made;
        accepting_.push_back(here);
        // At once: one that is cancelled before it begins would turn those away who have got in.
        here.run_by(create_task(accept(std::move(made)), {.eager_start = true}));
    }
    listeners_.clear();
}

// Accepting

task<> server_core::accept(std::unique_ptr<acceptor> given) {
    const std::unique_ptr<acceptor> here = std::move(given);
    server_core& self = here->core();
    bool cancelled = false;
    bool failed = false;
    while (!self.closed_ && !cancelled) {
        try {
            if (std::exchange(failed, false)) co_await sleep(std::chrono::milliseconds(100));
            co_await self.accept_one(*here);
        } catch (const cancelled_error&) {
            cancelled = true;
        } catch (...) {
            failed = true;
            self.report("socket.accept() failed", std::current_exception());
        }
    }
    if (!self.closed_) throw cancelled_error();  // with all else: not by close()
    std::vector<stream> rest = here->take_rest();
    for (stream& each : rest) {
        if (self.slots_) co_await self.slots_->acquire();
        try {
            self.take(std::move(each));
        } catch (...) {
            if (self.slots_) self.slots_->release();
            self.report(client_failed, std::current_exception());
        }
    }
}

// A connection takes its place among those that are allowed when it is there, and not before: several listeners share them.
task<> server_core::accept_one(acceptor& here) {
    if (slots_) {
        plain_operation coming(here.on(), {.code = io_code::poll, .flags = POLLIN});
        const acceptor::noted noted(here, coming);
        co_await coming;
        co_await slots_->acquire();
    }
    address peer;
    const io_request accept{.code = io_code::accept, .address = peer.data(), .extra = peer.size_to_fill()};
    plain_operation accepting(here.on(), accept);
    const acceptor::noted noted(here, accepting);
    bool cancelled = false;
    try {
        co_await accepting;
    } catch (const cancelled_error&) {
        cancelled = true;
    }
    const int result = accepting.take();
    if (result >= 0) {
        try {
            take(stream_of(result, peer));
        } catch (...) {
            if (slots_) slots_->release();
            throw;
        }
    } else if (slots_) {
        slots_->release();
    }
    if (cancelled) throw cancelled_error();
    if (result < 0 && result != -ECONNABORTED) co_await pause_after(-result);
}

// Told once a second. A server that has run out of descriptors is not helped by a busy loop.
task<> server_core::pause_after(int failure) {
    if (loop_.time() >= quiet_until_) {
        quiet_until_ = loop_.time() + std::chrono::seconds(1);
        const bool lacks = failure == EMFILE || failure == ENFILE || failure == ENOBUFS || failure == ENOMEM;
        report(lacks ? "socket.accept() out of system resource" : "socket.accept() failed",
               std::make_exception_ptr(std::system_error(failure, std::generic_category(), "accept")));
    }
    co_await sleep(std::chrono::milliseconds(100));
}

void server_core::accept_the_rest(const descriptor_endpoint& on, std::vector<stream>& rest) {
    while (perform({.code = io_code::poll, .flags = POLLIN}, on.descriptor()) > 0) {
        address peer;
        const int accepted =
            perform({.code = io_code::accept, .address = peer.data(), .extra = peer.size_to_fill()}, on.descriptor());
        if (accepted < 0) break;
        rest.push_back(stream_of(accepted, peer));
    }
}

stream server_core::stream_of(int descriptor, const address& peer) {
    unique_descriptor taken(descriptor);
    const int yes = 1;
    if (no_delay_ && peer.family() != AF_UNIX) setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    std::string name = peer.text();
    return stream_of_socket(loop_, taken.release(), std::move(name));
}

// Serving

void server_core::take(stream connected) {
    auto made = std::make_unique<connection>(shared_from_this());
    try {
        made->serve(std::move(connected));
    } catch (...) {
        return report(client_failed, std::current_exception());
    }
    connection& here = *made.release();
    serving_.push_back(here);
    if (cancels_new_) here.cancel();
}

void server_core::report(const char* what, const std::exception_ptr& raised) noexcept {
    detail::report(&loop_, raised, [&] { return error_context{what, raised, ""}; });
}

// Ending

void server_core::close() noexcept {
    if (std::exchange(closed_, true)) return;
    accepting_.for_each([](part& each) { static_cast<acceptor&>(each).stop(); });
    remove_path();
}

void server_core::remove_path() noexcept {
    if (!unix_path_.empty() && unix_file_ != 0 && file_at(unix_path_) == unix_file_) unlink(unix_path_.c_str());
}

void server_core::cancel_clients() noexcept {
    cancels_new_ = closed_;
    serving_.for_each([](part& each) { each.cancel(); });
}

task<> server_core::serve_forever(std::shared_ptr<server_core> core) {
    const struct ending {
        server_core& core;
        ~ending() { core.close(); }
    } at_the_end{*core};
    co_await create_future<>();
}

task<> server_core::wait_closed(std::shared_ptr<server_core> core) { co_await core->idle_.wait(); }

task<> server_core::leave(std::shared_ptr<server_core> core, bool failed) {
    core->close();
    if (failed) core->cancel_clients();
    co_await core->idle_.wait();
}

namespace {

// Begun in part, it is not left behind.
void begin(server_core& core, const server_options& options) {
    try {
        core.begin(options);
    } catch (...) {
        core.close();
        throw;
    }
}

}  // namespace

task<server> start(std::shared_ptr<server_core> core, std::string host, std::uint16_t port, server_options options) {
    std::vector<address> on;
    if (host.empty()) {
        on.push_back(address::of("0.0.0.0", port));
        if (options.family != AF_INET) on.push_back(address::of("::", port));
        if (options.family == AF_INET6) on.erase(on.begin());
    } else {
        on = co_await getaddrinfo(std::move(host), port, options.family);
    }
    std::exception_ptr refused;
    for (auto at = on.begin(); at != on.end(); ++at) {
        const address& each = *at;
        // "localhost" in /etc/hosts twice, as Debian has it: once, as in asyncio.
        if (std::find(on.begin(), at, each) != at) continue;
        try {
            core->listen(each, options);
        } catch (const std::system_error& e) {
            if (!lacks_family(each, e.code())) throw;
            refused = std::current_exception();
        }
    }
    if (core->addresses().empty() && refused) std::rethrow_exception(refused);
    begin(*core, options);
    co_return server(std::move(core));
}

task<server> start_unix(std::shared_ptr<server_core> core, std::string path, server_options options) {
    core->listen_unix(path, options);
    begin(*core, options);
    co_return server(std::move(core));
}

}  // namespace fermata::inline v0::detail
