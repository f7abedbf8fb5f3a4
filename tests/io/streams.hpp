#pragma once

// What a stream promises is to hold over each kind of it.

#include <fermata/async.hpp>
#include <fermata/io/backend.hpp>
#include <fermata/io/stream.hpp>
#include <fermata/net/address.hpp>
#include <fermata/net/tcp.hpp>
#include <fermata/testing/fault_injection.hpp>
#include <fermata/testing/memory_streams.hpp>
#include <fermata/testing/run_test.hpp>

#ifdef FERMATA_TESTS_OVER_TLS
#include "../tls/tls_streams.hpp"
#endif

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace tests {

using namespace fermata;
using namespace std::chrono_literals;

enum class transport : unsigned char { memory, tcp, unix_socket, nonblocking_unix_socket };

struct stream_kind {
    const char* name;
    transport over;
    const char* backend;
    fault_options faults = {};
    bool has_faults = false;
};

inline void PrintTo(const stream_kind& kind, std::ostream* out) { *out << kind.name; }

inline constexpr stream_kind all_kinds[] = {
    {"memory", transport::memory, ""},
    {"tcp_on_io_uring", transport::tcp, "io_uring"},
    {"tcp_on_epoll", transport::tcp, "epoll"},
    {"unix_on_io_uring", transport::unix_socket, "io_uring"},
    {"unix_on_epoll", transport::unix_socket, "epoll"},
    // Of descriptors that do not block, older kernels say EAGAIN, and are to be asked again.
    {"nonblocking_unix_on_io_uring", transport::nonblocking_unix_socket, "io_uring"},
    // Delays, and few bytes at once.
    {"faulty_tcp_on_io_uring", transport::tcp, "io_uring", {.seed = 1, .longest_delay = 3, .most_bytes = 40'000}, true},
    {"faulty_tcp_on_epoll", transport::tcp, "epoll", {.seed = 2, .longest_delay = 3, .most_bytes = 40'000}, true},
    {"faulty_unix_on_io_uring", transport::unix_socket, "io_uring", {.seed = 3, .longest_delay = 2}, true},
    {"faulty_unix_on_epoll", transport::unix_socket, "epoll", {.seed = 4, .most_bytes = 10'000}, true},
};

// Hardly anything at once: for little bytes.
inline constexpr stream_kind stingy_kinds[] = {
    {"stingy_tcp_on_io_uring", transport::tcp, "io_uring", {.seed = 5, .longest_delay = 1, .most_bytes = 3}, true},
    {"stingy_tcp_on_epoll", transport::tcp, "epoll", {.seed = 6, .longest_delay = 1, .most_bytes = 3}, true},
    {"stingy_unix_on_epoll", transport::unix_socket, "epoll", {.seed = 7, .most_bytes = 2}, true},
};

inline constexpr stream_kind socket_kinds[] = {all_kinds[1], all_kinds[2], all_kinds[3], all_kinds[4]};
inline constexpr stream_kind tcp_kinds[] = {all_kinds[1], all_kinds[2]};

inline std::string name_of_kind(const ::testing::TestParamInfo<stream_kind>& info) { return info.param.name; }

// Small, so that few megabytes are too many.
inline void limit_buffers(int descriptor) {
    const int size = 64 * 1024;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

inline int checked(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

inline std::pair<stream, stream> tcp_streams() {
    address where = address::of("127.0.0.1", 0);
    const int listener = checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    limit_buffers(listener);
    checked(bind(listener, where.data(), where.size()), "bind");
    checked(listen(listener, 1), "listen");
    where = detail::local_address_of(listener);
    const int client = checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    limit_buffers(client);
    checked(connect(client, where.data(), where.size()), "connect");
    const int server = checked(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC), "accept");
    close(listener);
    stream first = detail::stream_of_socket(current_loop(), client, where.text());
    stream second = detail::stream_of_socket(current_loop(), server, detail::local_address_of(client).text());
    set_no_delay(first, true);
    set_no_delay(second, true);
    return {std::move(first), std::move(second)};
}

inline std::pair<stream, stream> unix_streams(int flags) {
    int ends[2] = {-1, -1};
    checked(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0, ends), "socketpair");
    for (const int each : ends) limit_buffers(each);
    stream first = detail::stream_of_socket(current_loop(), ends[0], "a Unix socket");
    stream second = detail::stream_of_socket(current_loop(), ends[1], "a Unix socket");
    return {std::move(first), std::move(second)};
}

inline std::pair<stream, stream> plain_streams(const stream_kind& kind) {
    if (kind.has_faults) inject_faults(kind.faults);
    switch (kind.over) {
    case transport::tcp: return tcp_streams();
    case transport::unix_socket: return unix_streams(0);
    case transport::nonblocking_unix_socket: return unix_streams(SOCK_NONBLOCK);
    case transport::memory: break;
    }
    return memory_streams();
}

/// Two streams of that kind, of the running loop: with TLS, where the tests are compiled for that.
inline task<std::pair<stream, stream>> connected_streams(const stream_kind& kind) {
    std::pair<stream, stream> ends = plain_streams(kind);
#ifdef FERMATA_TESTS_OVER_TLS
    co_await start_tls_on_both(ends, our_client(), our_server());
#endif
    co_return ends;
}

/// Why this kind cannot be had here; empty where it can.
inline std::string why_not(const stream_kind& kind) {
    if (kind.over == transport::memory) return "";
    try {
        run_test([]() -> task<> {
            backend_name();
            co_return;
        }());
    } catch (const std::system_error& e) {
        return e.what();
    }
    return "";
}

class stream_conformance : public ::testing::TestWithParam<stream_kind> {
public:
    void SetUp() override {
        setenv("FERMATA_BACKEND", GetParam().backend, 1);
        if (const std::string reason = why_not(GetParam()); !reason.empty()) GTEST_SKIP() << reason;
    }
    void TearDown() override { unsetenv("FERMATA_BACKEND"); }

    /// Runs body(a, b), a coroutine, with two streams that are connected.
    template <class Body>
    void with_streams(Body body) {
        run_test(run_body(body));
    }

private:
    template <class Body>
    static task<> run_body(Body& body) {
        std::pair<stream, stream> ends = co_await connected_streams(GetParam());
        co_await body(ends.first, ends.second);
    }
};

/// What it raises, as text; "nothing".
template <class T>
task<std::string> raised_by(task<T> t) {
    try {
        co_await std::move(t);
    } catch (const std::exception& e) {
        co_return std::string(e.what());
    }
    co_return std::string("nothing");
}

/// Whether it ends as cancelled.
template <class T>
task<bool> ends_cancelled(task_handle<T>& each) {
    try {
        co_await each;
    } catch (const cancelled_error&) {
        co_return true;
    }
    co_return false;
}

inline task<> write_all(stream& to, std::string_view bytes) { co_await to.write(bytes); }
inline task<std::size_t> read_into(stream& from, std::span<char> buffer) { co_return co_await from.read(buffer); }

/// Some turns of the loop.
inline task<> turns(int count) {
    for (int i = 0; i < count; ++i) co_await sleep(0s);
}

/// Bytes of which no part is like the next.
inline std::string many_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 1;
    for (char& each : bytes) {
        state = state * 1664525 + 1013904223;
        each = static_cast<char>(state >> 24);
    }
    return bytes;
}

}  // namespace tests

// NOLINTBEGIN(bugprone-macro-parentheses): a name
#define FERMATA_OVER_ALL_STREAMS(suite)                                                                                \
    using suite = ::tests::stream_conformance;                                                                         \
    INSTANTIATE_TEST_SUITE_P(over, suite, ::testing::ValuesIn(::tests::all_kinds), ::tests::name_of_kind)
// NOLINTEND(bugprone-macro-parentheses)
