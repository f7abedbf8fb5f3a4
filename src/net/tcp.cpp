#include <fermata/base/errors.hpp>
#include <fermata/io/detail/backend.hpp>
#include <fermata/net/getaddrinfo.hpp>
#include <fermata/net/tcp.hpp>
#include <fermata/task/task_handle.hpp>
#include <fermata/task/wait.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <exception>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace fermata::inline v0 {

namespace {

using detail::descriptor_endpoint;
using detail::io_code;
using detail::plain_operation;

void set_option(int descriptor, int level, int option, bool on, const char* what) {
    const int value = on ? 1 : 0;
    if (setsockopt(descriptor, level, option, &value, sizeof value) < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
}

std::unique_ptr<descriptor_endpoint> make_socket(event_loop& loop, const address& to, const connect_options& options) {
    detail::backend& by = detail::backend::of(loop);
    detail::unique_descriptor opened(socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int descriptor = opened.get();
    if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "socket for " + to.text());
    auto made = std::make_unique<descriptor_endpoint>(by, std::move(opened));
    if (to.family() != AF_UNIX) {
        if (options.no_delay) set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, true, "TCP_NODELAY");
        if (options.keep_alive) set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, true, "SO_KEEPALIVE");
    }
    if (options.from && bind(descriptor, options.from->data(), options.from->size()) < 0) {
        throw std::system_error(errno, std::generic_category(), "bind to " + options.from->text());
    }
    return made;
}

stream stream_on(std::unique_ptr<descriptor_endpoint> socket, std::string name) {
    return stream(
        std::make_unique<detail::stream_state>(std::move(socket), std::move(name), io_code::receive, io_code::send));
}

// IPv6 and IPv4 in turn, beginning with what the system prefers.
std::vector<address> interleaved(const std::vector<address>& found) {
    std::vector<address> ordered;
    std::vector<address> others;
    for (const address& each : found) (each.family() == found.front().family() ? ordered : others).push_back(each);
    std::size_t at = 1;
    for (const address& each : others) {
        ordered.insert(ordered.begin() + static_cast<std::ptrdiff_t>(std::min(at, ordered.size())), each);
        at += 2;
    }
    return ordered;
}

// Attempts that run beside each other, until one succeeds.
class race {
public:
    explicit race(connect_options options) noexcept : options_(options) {}

    task<stream> run(std::vector<address> to) {
        std::size_t next = 0;
        while (next < to.size() || !running_.empty()) {
            if (next < to.size()) running_.push_back(create_task(open_connection(to[next++], options_)));
            const bool more = next < to.size() && options_.happy_eyeballs_delay > std::chrono::nanoseconds(0);
            wait_options until{.return_when = return_when::first_completed};
            if (more) until.timeout = options_.happy_eyeballs_delay;
            co_await wait(running_, until);
            if (std::optional<task_handle<stream>> winner = take_winner()) {
                co_await stop();
                co_return co_await std::move(*winner);
            }
        }
        fail();
    }

    /// Cancels those that are left, and waits for them.
    task<> stop() {
        for (auto& each : running_) each.cancel();
        if (!running_.empty()) co_await wait(running_);
        for (auto& each : running_) {
            if (!each.cancelled()) each.exception();
        }
        running_.clear();
    }

private:
    std::optional<task_handle<stream>> take_winner() {
        std::optional<task_handle<stream>> winner;
        std::vector<task_handle<stream>> left;
        for (auto& each : running_) {
            if (!each.done()) {
                left.push_back(std::move(each));
            } else if (std::exception_ptr failure = each.exception()) {
                failures_.push_back(std::move(failure));
            } else if (!winner) {
                winner = std::move(each);
            }
        }
        running_ = std::move(left);
        return winner;
    }

    [[noreturn]] void fail() {
        if (failures_.size() == 1) std::rethrow_exception(failures_.front());
        std::string text = "Multiple exceptions: ";
        std::error_code last;
        for (const std::exception_ptr& each : failures_) {
            try {
                std::rethrow_exception(each);
            } catch (const std::system_error& e) {
                text += (&each == &failures_.front() ? "" : ", ") + std::string(e.what());
                last = e.code();
            }
        }
        throw std::system_error(last, text);
    }

    connect_options options_;
    std::vector<task_handle<stream>> running_;
    std::vector<std::exception_ptr> failures_;
};

}  // namespace

task<stream> open_connection(address to, connect_options options) {
    auto socket = make_socket(current_loop(), to, options);
    plain_operation connecting(*socket, {.code = io_code::connect, .address = to.data(), .size = to.size()});
    const int result = co_await connecting;
    if (result < 0) detail::raise_io_error(result, "connect to", to.text());
    co_return stream_on(std::move(socket), to.text());
}

task<stream> open_connection(std::string host, std::uint16_t port, connect_options options) {
    std::vector<address> found = co_await getaddrinfo(std::move(host), port, options.family);
    co_return co_await detail::open_first(std::move(found), options);
}

task<stream> open_unix_connection(std::string path) { co_return co_await open_connection(address::of_unix(path)); }

void set_no_delay(const stream& s, bool on) { set_option(s.descriptor(), IPPROTO_TCP, TCP_NODELAY, on, "TCP_NODELAY"); }
void set_keep_alive(const stream& s, bool on) {
    set_option(s.descriptor(), SOL_SOCKET, SO_KEEPALIVE, on, "SO_KEEPALIVE");
}

namespace detail {

task<stream> open_first(std::vector<address> found, connect_options options) {
    if (found.size() == 1) co_return co_await open_connection(found.front(), options);
    race attempts(options);
    std::exception_ptr raised;
    try {
        co_return co_await attempts.run(interleaved(found));
    } catch (...) {
        raised = std::current_exception();
    }
    co_await attempts.stop();
    std::rethrow_exception(raised);
}

stream stream_of_socket(event_loop& loop, int descriptor, std::string name) {
    unique_descriptor taken(descriptor);
    return stream_on(std::make_unique<descriptor_endpoint>(backend::of(loop), std::move(taken)), std::move(name));
}

}  // namespace detail

}  // namespace fermata::inline v0
