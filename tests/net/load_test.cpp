// Ten thousand connections at once, and what one costs that waits.

#include "clients.hpp"

#include <fermata/base/config.hpp>
#include <fermata/net/server.hpp>

#include <malloc.h>

#include <cstdio>
#include <fstream>

namespace {

using namespace tests;

FERMATA_ON_BOTH_BACKENDS(load);

constexpr bool sanitized = FERMATA_DETAIL_ASAN || FERMATA_DETAIL_TSAN;
constexpr std::size_t many = sanitized ? 1'000 : 10'000;

task<> echo(stream s) {
    for (;;) {
        const std::string some = co_await s.read(1000);
        if (some.empty()) break;
        co_await s.write(some);
    }
}

task<> echo_lines(stream s) {
    for (;;) {
        const std::string line = co_await s.readline();
        if (line.empty()) break;
        co_await s.write(line);
    }
}

std::size_t bytes_of_heap() {
    const struct mallinfo2 now = mallinfo2();
    return now.uordblks + now.hblkhd;
}

std::size_t resident_bytes() {
    std::ifstream of("/proc/self/statm");
    std::size_t pages = 0;
    of >> pages >> pages;
    return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

task<> until_none_is_left(const server& s) {
    while (s.connections() > 0) co_await sleep(1ms);
}

template <class Handler>
void is_cheap_while_it_waits(Handler handle, const char* backend) {
    clients all;
    run([](clients& them, Handler serve, const char* on) -> task<> {
        server s = co_await start_server(serve, "127.0.0.1", 0);
        co_await them.connect(1, s);
        const std::size_t heap = bytes_of_heap();
        const std::size_t resident = resident_bytes();
        co_await them.connect(many - 1, s);
        co_await them.have("send ping");
        co_await them.have("receive ping");
        const std::size_t heap_each = (bytes_of_heap() - heap) / (many - 1);
        const std::size_t resident_each = (resident_bytes() - resident) / (many - 1);
        std::printf("a connection that waits costs %zu bytes of the heap, %zu resident (%s)\n", heap_each, resident_each,
                    on);
        // A sanitizer has an allocator of its own.
        if (!sanitized) {
            EXPECT_GT(heap_each, 0U);
            EXPECT_LT(heap_each, 1024U);
            EXPECT_LT(resident_each, 1200U);
        }
        EXPECT_EQ(s.connections(), many);
        co_await them.have("close");
        co_await until_none_is_left(s);
    }(all, handle, backend));
}

TEST_P(load, of_ten_thousand_connections_is_cheap_where_they_wait_in_a_read) {
    ASSERT_GT(raise_limit_of_descriptors(), many + 100);
    is_cheap_while_it_waits(echo, GetParam());
}

TEST_P(load, of_ten_thousand_connections_is_cheap_where_they_wait_for_a_line) {
    ASSERT_GT(raise_limit_of_descriptors(), many + 100);
    is_cheap_while_it_waits(echo_lines, GetParam());
}

}  // namespace
