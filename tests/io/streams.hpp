#pragma once

// What a stream promises is to hold over each kind of it.

#include "backends.hpp"

#include <fermata/async.hpp>
#include <fermata/io/backend.hpp>
#include <fermata/io/stream.hpp>
#include <fermata/net/address.hpp>
#include <fermata/net/tcp.hpp>
#include <fermata/os/pipe.hpp>
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

enum class transport : unsigned char { memory, tcp, unix_socket, nonblocking_unix_socket, pipe };

struct stream_kind {
    const char* name;
    transport over;
    const char* backend;
    fault_options faults = {};
    bool has_faults = false;
};

/// FERMATA_FAULT_SEED has all that are faulty take another way.
inline fault_options faults_of(const stream_kind& kind) {
    fault_options faults = kind.faults;
    if (const char* seed = std::getenv("FERMATA_FAULT_SEED")) faults.seed = std::strtoull(seed, nullptr, 10);
    return faults;
}

/// What a test that fails says of it.
inline std::string text_of(const stream_kind& kind) {
    if (!kind.has_faults) return kind.name;
    return std::string(kind.name) + ", with FERMATA_FAULT_SEED=" + std::to_string(faults_of(kind).seed);
}
inline void PrintTo(const stream_kind& kind, std::ostream* out) { *out << text_of(kind); }

inline constexpr stream_kind all_kinds[] = {
    {"memory", transport::memory, ""},
    {"tcp_on_io_uring", transport::tcp, "io_uring"},
    {"tcp_on_epoll", transport::tcp, "epoll"},
    {"unix_on_io_uring", transport::unix_socket, "io_uring"},
    {"unix_on_epoll", transport::unix_socket, "epoll"},
    // Of descriptors that do not block, older kernels say EAGAIN, and are to be asked again.
    {"nonblocking_unix_on_io_uring", transport::nonblocking_unix_socket, "io_uring"},
    // Late to begin, few bytes at once, often interrupted, late to be told.
    {"faulty_tcp_on_io_uring",
     transport::tcp,
     "io_uring",
     {.seed = 1, .longest_delay = 3, .longest_hold = 2, .most_bytes = 40'000, .one_in_interrupted = 4},
     true},
    {"faulty_tcp_on_epoll",
     transport::tcp,
     "epoll",
     {.seed = 2, .longest_delay = 3, .longest_hold = 2, .most_bytes = 40'000, .one_in_interrupted = 4},
     true},
    {"late_unix_on_io_uring", transport::unix_socket, "io_uring", {.seed = 3, .longest_hold = 3}, true},
    {"late_unix_on_epoll", transport::unix_socket, "epoll", {.seed = 4, .longest_hold = 3}, true},
    {"interrupted_unix_on_io_uring", transport::unix_socket, "io_uring", {.seed = 5, .one_in_interrupted = 2}, true},
    {"interrupted_unix_on_epoll",
     transport::unix_socket,
     "epoll",
     {.seed = 6, .most_bytes = 10'000, .one_in_interrupted = 2},
     true},
};

// What goes one way only.
inline constexpr stream_kind pipe_kinds[] = {
    {"pipe_on_io_uring", transport::pipe, "io_uring"},
    {"pipe_on_epoll", transport::pipe, "epoll"},
    {"faulty_pipe_on_io_uring",
     transport::pipe,
     "io_uring",
     {.seed = 7, .longest_hold = 2, .most_bytes = 9'000, .one_in_interrupted = 3},
     true},
    {"faulty_pipe_on_epoll",
     transport::pipe,
     "epoll",
     {.seed = 8, .longest_delay = 2, .most_bytes = 9'000, .one_in_interrupted = 3},
     true},
};

// Hardly anything at once: for little bytes.
inline constexpr stream_kind stingy_kinds[] = {
    {"stingy_tcp_on_io_uring", transport::tcp, "io_uring", {.seed = 9, .longest_delay = 1, .most_bytes = 3}, true},
    {"stingy_tcp_on_epoll", transport::tcp, "epoll", {.seed = 10, .longest_hold = 1, .most_bytes = 3}, true},
    {"stingy_unix_on_epoll", transport::unix_socket, "epoll", {.seed = 11, .most_bytes = 2}, true},
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

/// What is written to the first is read from the second.
inline std::pair<stream, stream> one_way_streams() {
    auto [reads, writes] = open_pipe();
    return {std::move(writes), std::move(reads)};
}

inline std::pair<stream, stream> plain_streams(const stream_kind& kind) {
    if (kind.has_faults) inject_faults(faults_of(kind));
    switch (kind.over) {
    case transport::tcp: return tcp_streams();
    case transport::unix_socket: return unix_streams(0);
    case transport::nonblocking_unix_socket: return unix_streams(SOCK_NONBLOCK);
    case transport::pipe: return one_way_streams();
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

class stream_conformance : public ::testing::TestWithParam<stream_kind> {
public:
    void SetUp() override {
        if (GetParam().over == transport::memory) return;
        if (const std::string reason = why_not(GetParam().backend); !reason.empty()) GTEST_SKIP() << reason;
    }
    void TearDown() override { unsetenv("FERMATA_BACKEND"); }

    /// Runs body(a, b), a coroutine, with two streams that are connected.
    template <class Body>
    void with_streams(Body body) {
        SCOPED_TRACE(text_of(GetParam()));
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
