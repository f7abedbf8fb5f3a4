#include <fermata/net/tls.hpp>
#include <fermata/net/tls_server.hpp>
#include <fermata/task/timeout.hpp>
#include <fermata/task/with.hpp>

#include "connection.hpp"

#include <cerrno>
#include <exception>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

namespace fermata::inline v0 {

namespace {

using detail::stream_state;
using detail::tls_connection;
using detail::tls_endpoint;
using std::chrono::nanoseconds;

void check_limit(nanoseconds limit) {
    if (limit <= nanoseconds(0)) throw value_error("handshake_timeout should be a positive number");
}

// What came before would be taken for TLS, or be lost.
void check_upgrade(const stream_state& of) {
    if (of.closed) throw runtime_error("start_tls() called on a stream that is closed");
    if (of.reading) throw runtime_error("start_tls() called while another coroutine is reading");
    if (of.writing) throw runtime_error("start_tls() called while another coroutine is writing");
    if (of.wrote_end) throw runtime_error("start_tls() called after write_eof()");
    if (of.buffered() > 0) {
        throw runtime_error("start_tls() called with " + std::to_string(of.buffered()) +
                            " bytes in the buffer: read them before, they came without TLS");
    }
    if (of.at_end) throw runtime_error("start_tls() called after the end of the stream");
}

class endpoint_memory {
public:
    endpoint_memory() : memory_(::operator new(sizeof(tls_endpoint))) {}
    endpoint_memory(const endpoint_memory&) = delete;
    endpoint_memory& operator=(const endpoint_memory&) = delete;
    ~endpoint_memory() { ::operator delete(memory_); }
    void* take() noexcept { return std::exchange(memory_, nullptr); }

private:
    void* memory_;
};

tls_endpoint& upgrade(stream_state& of, const tls_context& context, const std::string& hostname) {
    event_loop& loop = of.on->loop();
    detail::tls_session session = detail::make_tls_session(context, hostname);
    // Memory first, and then what the stream has: it keeps that where there is none.
    endpoint_memory memory;
    std::unique_ptr<tls_connection> connection(new tls_connection(
        context, std::move(session), detail::tls_carrier{std::move(of.on), of.read_code, of.write_code}));
    std::unique_ptr<tls_endpoint> made(new (memory.take()) tls_endpoint(loop, std::move(connection)));
    tls_endpoint& on = *made;
    of.on = std::move(made);
    of.read_code = detail::io_code::read;
    of.write_code = detail::io_code::write;
    return on;
}

std::string in_seconds(nanoseconds limit) {
    std::string text = std::to_string(std::chrono::duration<double>(limit).count());
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
}

task<> shake_hands(tls_endpoint& on, int& result) {
    detail::plain_operation shaking(on, {.code = detail::io_code::connect});
    result = co_await shaking;
}

// Within the limit. Closes the stream where it fails, or is cancelled.
task<> shake_hands(stream& s, tls_endpoint& on, std::string peer, nanoseconds limit) {
    constexpr const char* what = "TLS handshake with";
    bool late = false;
    std::exception_ptr raised;
    try {
        int result = 0;
        co_await with(timeout(limit), [&](timeout&) { return shake_hands(on, result); });
        if (result >= 0) co_return;
        on.raise_failure(result, what, peer);
        detail::raise_io_error(result, what, peer);
    } catch (const timeout_error&) {
        late = true;
    } catch (...) {
        raised = std::current_exception();
    }
    s.close();
    if (raised) std::rethrow_exception(raised);
    if (late) {
        throw std::system_error(ECONNABORTED, std::generic_category(),
                                what + (" " + peer) + ": it takes longer than " + in_seconds(limit) + " seconds");
    }
}

task<> upgrade_and_shake_hands(stream& s, tls_context context, std::string hostname, nanoseconds limit) {
    check_limit(limit);
    stream_state& of = detail::state_of(s);
    check_upgrade(of);
    tls_endpoint& on = upgrade(of, context, hostname);
    co_await shake_hands(s, on, of.name, limit);
}

task<stream> open(std::string host, std::uint16_t port, tls_context context, std::string hostname, nanoseconds limit,
                  connect_options options) {
    check_limit(limit);
    stream made = co_await open_connection(host, port, options);
    tls_endpoint& on = upgrade(detail::state_of(made), context, hostname);
    co_await shake_hands(made, on, host + ":" + std::to_string(port), limit);
    co_return made;
}

}  // namespace

task<> start_tls(stream& s, tls_context context, const tls_options& options) {
    return upgrade_and_shake_hands(s, std::move(context), std::string(options.server_hostname),
                                   options.handshake_timeout);
}

task<stream> open_tls_connection(std::string host, std::uint16_t port, tls_context context,
                                 const tls_options& options) {
    std::string hostname(options.server_hostname.empty() ? std::string_view(host) : options.server_hostname);
    return open(std::move(host), port, std::move(context), std::move(hostname), options.handshake_timeout,
                options.connect);
}

std::optional<tls_info> get_tls_info(const stream& s) {
    const auto* on = dynamic_cast<const tls_endpoint*>(detail::state_of(s).on.get());
    return on ? on->info() : std::nullopt;
}

namespace detail {

void check_server_context(const tls_context& context, nanoseconds limit) {
    if (!context.is_server()) throw value_error("start_tls_server() needs a server's context: tls_context::server()");
    check_limit(limit);
}

task<bool> accept_tls(stream& s, tls_context context, nanoseconds limit) {
    event_loop& loop = current_loop();
    std::exception_ptr raised;
    try {
        co_await upgrade_and_shake_hands(s, std::move(context), std::string(), limit);
    } catch (const cancelled_error&) {
        throw;
    } catch (...) {
        raised = std::current_exception();
    }
    if (raised) loop.call_exception_handler({"SSL handshake failed", raised, ""});
    co_return !raised;
}

}  // namespace detail

}  // namespace fermata::inline v0
