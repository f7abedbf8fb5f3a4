// The faults themselves: that they come, and come again with the same seed. That streams stand them is tested in tests/io.

#include "../net/servers.hpp"

#include <fermata/net/server.hpp>

#include <vector>

namespace {

using namespace tests;

FERMATA_ON_BOTH_BACKENDS(fault_injection);

/// The sizes of what a hundred bytes came in, and the turns that it took.
task<> read_in_parts(fault_options options, std::vector<std::size_t>& parts) {
    inject_faults(options);
    std::pair<stream, stream> ends = unix_streams(0);
    const std::string sent = many_bytes(100);
    co_await ends.first.write(sent);
    std::string got;
    while (got.size() < sent.size()) {
        const std::string part = co_await ends.second.read(100);
        parts.push_back(part.size());
        got += part;
    }
    EXPECT_EQ(got, sent);
}

std::vector<std::size_t> parts_of(const fault_options& options) {
    std::vector<std::size_t> parts;
    run_test(read_in_parts(options, parts));
    return parts;
}

TEST_P(fault_injection, gives_little_at_once) {
    const std::vector<std::size_t> parts = parts_of({.most_bytes = 10});
    EXPECT_GE(parts.size(), 10U);
    EXPECT_LE(*std::ranges::max_element(parts), 10U);
}

TEST_P(fault_injection, is_the_same_with_the_same_seed) {
    const std::vector<std::size_t> first = parts_of({.seed = 1, .longest_delay = 3, .most_bytes = 10});
    EXPECT_EQ(parts_of({.seed = 1, .longest_delay = 3, .most_bytes = 10}), first);
    EXPECT_NE(parts_of({.seed = 2, .longest_delay = 3, .most_bytes = 10}), first);
}

TEST_P(fault_injection, delays) {
    runs([]() -> task<> {
        inject_faults({.longest_delay = 50});
        std::pair<stream, stream> ends = unix_streams(0);
        int most = 0;
        for (int i = 0; i < 20; ++i) {
            auto writing = create_task(write_all(ends.first, "x"));
            int waited = 0;
            while (!writing.done()) {
                co_await turns(1);
                ++waited;
            }
            most = std::max(most, waited);
        }
        EXPECT_GT(most, 20);
    });
}

TEST_P(fault_injection, of_none_changes_nothing) { EXPECT_EQ(parts_of({}), std::vector<std::size_t>{100}); }

TEST_P(fault_injection, fails) {
    runs([]() -> task<> {
        inject_faults({.one_in_fails = 3});
        std::vector<std::string> failed;
        for (int i = 0; i < 60; ++i) {
            std::pair<stream, stream> ends = unix_streams(0);
            const std::string of_write = co_await raised_by(write_all(ends.first, "x"));
            if (of_write != "nothing") failed.push_back(of_write);
            ends.first.close();
            const std::string of_read = co_await raised_by(ends.second.read(1));
            if (of_read != "nothing") failed.push_back(of_read);
        }
        EXPECT_GT(failed.size(), 10U);
        EXPECT_LT(failed.size(), 80U);
        std::ranges::sort(failed);
        failed.erase(std::ranges::unique(failed).begin(), failed.end());
        EXPECT_EQ(failed, (std::vector<std::string>{"read from a Unix socket: Connection reset by peer",
                                                    "write to a Unix socket: Connection reset by peer",
                                                    "write to a Unix socket: No buffer space available"}));
    });
}

TEST_P(fault_injection, is_too_late_after_the_first_io) {
    runs([]() -> task<> {
        backend_name();
        EXPECT_THROW(inject_faults({}), runtime_error);
        co_return;
    });
    EXPECT_THROW(inject_faults({}), runtime_error);
}

TEST_P(fault_injection, can_be_cancelled_while_it_delays) {
    runs([]() -> task<> {
        inject_faults({.seed = 5, .longest_delay = 1000});
        std::pair<stream, stream> ends = unix_streams(0);
        for (int i = 0; i < 20; ++i) {
            auto reading = create_task(ends.second.read(1));
            co_await turns(2);
            reading.cancel();
            const bool cancelled = co_await ends_cancelled(reading);
            EXPECT_TRUE(cancelled);
        }
        auto left = create_task(ends.second.read(1));
        co_await turns(2);
        ends.second.close();
        const std::string got = co_await left;
        EXPECT_EQ(got, "");
    });
}

TEST_P(fault_injection, goes_with_its_loop) {
    std::vector<task_handle<std::string>> kept;
    event_loop loop;
    const auto program = [&]() -> task<> {
        inject_faults({.longest_delay = 1000});
        std::pair<stream, stream> ends = unix_streams(0);
        for (int i = 0; i < 2; ++i) kept.push_back(create_task((i == 0 ? ends.first : ends.second).read(1)));
        co_await turns(2);
        loop.stop();
        co_await create_future<>();
    };
    static_cast<void>(detail::task_access::spawn(loop, program(), {}));
    loop.run_forever();
    loop.close();
    kept.clear();
}

// Whole programs

TEST_P(fault_injection, does_not_keep_a_server_from_serving_who_gets_through) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
        runs_in_real_time([seed]() -> task<> {
            inject_faults({.seed = seed, .longest_delay = 3, .most_bytes = 50, .one_in_fails = 10});
            current_loop().set_exception_handler([](event_loop&, const error_context&) {});
            const auto echo = [](stream s) -> task<> {
                for (;;) {
                    const std::string line = co_await s.readline();
                    if (line.empty()) break;
                    co_await s.write(line);
                }
            };
            server s = co_await start_server(echo, "127.0.0.1", 0);
            int served = 0;
            for (int i = 0; i < 40; ++i) {
                try {
                    stream c = co_await open_connection(s.addresses().front());
                    co_await c.write("hello\n");
                    const std::string answer = co_await c.readline();
                    if (answer.empty()) continue;
                    EXPECT_EQ(answer, "hello\n");
                    ++served;
                } catch (const std::system_error& e) {
                    EXPECT_NE(std::string(e.what()), "");
                }
            }
            EXPECT_GT(served, 5);
            s.close();
            co_await s.wait_closed();
            EXPECT_EQ(s.connections(), 0U);
        });
    }
}

}  // namespace
