// The faults themselves: that they come, and come again with the same seed. That streams stand them is tested in tests/io.

#include "../net/servers.hpp"

#include <fermata/io/detail/backend.hpp>
#include <fermata/net/server.hpp>
#include <fermata/os/file.hpp>

#include <sys/ioctl.h>

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <system_error>
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

/// The most turns that one of some writes waits, of those turns that count.
template <class Counts>
task<int> longest_write(std::pair<stream, stream>& ends, Counts counts) {
    int most = 0;
    for (int i = 0; i < 20; ++i) {
        auto writing = create_task(write_all(ends.first, "x"));
        int waited = 0;
        while (!writing.done()) {
            co_await turns(1);
            if (counts(i)) ++waited;
        }
        most = std::max(most, waited);
    }
    co_return most;
}

TEST_P(fault_injection, delays) {
    runs([]() -> task<> {
        inject_faults({.longest_delay = 50});
        std::pair<stream, stream> ends = unix_streams(0);
        const int most = co_await longest_write(ends, [](int) { return true; });
        EXPECT_GT(most, 20);
    });
}

/// How many bytes of a peer's can be read, without the loop.
int readable_at(const stream& s) {
    int bytes = 0;
    checked(ioctl(s.descriptor(), FIONREAD, &bytes), "FIONREAD");
    return bytes;
}

TEST_P(fault_injection, tells_late_what_is_done) {
    runs([]() -> task<> {
        inject_faults({.longest_hold = 50});
        std::pair<stream, stream> ends = unix_streams(0);
        const auto has_come = [&](int before) { return readable_at(ends.second) > before; };
        const int most = co_await longest_write(ends, has_come);
        EXPECT_GT(most, 20);
    });
}

TEST_P(fault_injection, moves_little_of_several_pieces) {
    runs([]() -> task<> {
        inject_faults({.longest_hold = 1000, .most_bytes = 10});
        std::pair<stream, stream> ends = unix_streams(0);
        const std::string sent = many_bytes(100);
        const std::string_view all = sent;
        const std::vector<std::string_view> pieces = {all.substr(0, 3), all.substr(3, 90), all.substr(93)};
        auto writing = create_task([](stream& to, const std::vector<std::string_view>& what) -> task<> {
            co_await to.write(what);
        }(ends.first, pieces));
        co_await turns(3);
        EXPECT_GE(readable_at(ends.second), 1);
        EXPECT_LE(readable_at(ends.second), 10);
        const std::string got = co_await ends.second.read_exactly(100);
        EXPECT_EQ(got, sent);
        co_await writing;
    });
}

/// The turns that a hundred bytes take, one after the other.
int turns_for_a_hundred_bytes(const fault_options& options) {
    int count = 0;
    run_test([](const fault_options& given, int& counted) -> task<> {
        inject_faults(given);
        std::pair<stream, stream> ends = unix_streams(0);
        auto writing = create_task([](stream& to) -> task<> {
            for (int i = 0; i < 100; ++i) co_await to.write("x");
        }(ends.first));
        for (; !writing.done(); ++counted) co_await turns(1);
        const std::string got = co_await ends.second.read_exactly(100);
        EXPECT_EQ(got, std::string(100, 'x'));
    }(options, count));
    return count;
}

TEST_P(fault_injection, interrupts_and_nobody_hears_of_it) {
    const int usual = turns_for_a_hundred_bytes({.longest_hold = 3});
    const int often = turns_for_a_hundred_bytes({.longest_hold = 3, .one_in_interrupted = 2});
    EXPECT_GT(often, usual + usual / 2);
}

TEST_P(fault_injection, interrupts_no_more_than_can_be_borne) {
    runs([]() -> task<> {
        const std::string text = co_await raised_by([]() -> task<> {
            inject_faults({.one_in_interrupted = 1});
            co_return;
        }());
        EXPECT_EQ(text, "one_in_interrupted is 1: what is always interrupted never ends; it must be 0, or 2 or more");
    });
}

TEST_P(fault_injection, has_files_done_by_whom_they_are_done_without_it) {
    runs([]() -> task<> {
        inject_faults({.seed = 3, .longest_hold = 1, .most_bytes = 1000, .one_in_interrupted = 3});
        EXPECT_EQ(detail::backend::of(current_loop()).does_files(), std::string_view(GetParam()) == "io_uring");
        const std::string path = (std::filesystem::temp_directory_path() / "fermata_fault_injection").string();
        const std::string written = many_bytes(20'000);
        file out = co_await open_file(path, "w");
        co_await out.write(written);
        out.close();
        file in = co_await open_file(path);
        const std::string got = co_await in.read();
        in.close();
        std::filesystem::remove(path);
        EXPECT_EQ(got, written);
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

TEST_P(fault_injection, fails_connects_and_files_with_texts_that_say_what) {
    runs([]() -> task<> {
        inject_faults({.one_in_fails = 1});
        std::vector<std::string> failed;
        for (int i = 0; i < 20; ++i) {
            const std::string text = co_await raised_by(open_connection(address::of("127.0.0.1", 9)));
            failed.push_back(text);
        }
        std::ranges::sort(failed);
        failed.erase(std::ranges::unique(failed).begin(), failed.end());
        EXPECT_EQ(failed, (std::vector<std::string>{"connect to 127.0.0.1:9: Connection refused",
                                                    "connect to 127.0.0.1:9: Connection timed out"}));
        if (!detail::backend::of(current_loop()).does_files()) co_return;
        const std::string text = co_await raised_by(open_file("/dev/null"));
        EXPECT_EQ(text, "open /dev/null: Too many open files");
    });
}

TEST_P(fault_injection, fails_what_is_asked_of_files) {
    runs([]() -> task<> {
        inject_faults({.one_in_fails = 2});
        if (!detail::backend::of(current_loop()).does_files()) co_return;
        std::optional<file> opened;
        while (!opened) {
            try {
                opened = co_await open_file("/dev/null", "w");
            } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch): half of them fail
            }
        }
        const auto state_of = [](const file& of) -> task<> { co_await of.stat(); };
        std::set<std::string> failed;
        for (int i = 0; i < 20; ++i) {
            const std::string of_sync = co_await raised_by(opened->fsync());
            const std::string of_stat = co_await raised_by(state_of(*opened));
            failed.insert({of_sync, of_stat});
        }
        EXPECT_TRUE(failed.contains("fsync /dev/null: Input/output error"));
        EXPECT_TRUE(failed.contains("stat /dev/null: Input/output error"));
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
        SCOPED_TRACE(seed);
        runs_in_real_time([seed]() -> task<> {
            inject_faults({.seed = seed,
                           .longest_delay = 3,
                           .longest_hold = 2,
                           .most_bytes = 50,
                           .one_in_interrupted = 4,
                           .one_in_fails = 10});
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
                    if (!answer.ends_with('\n')) continue;  // the server has failed within it
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
