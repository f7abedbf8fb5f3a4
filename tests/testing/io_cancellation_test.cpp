// Programs that use all of the I/O, cancelled wherever they wait: descriptors are closed, children reaped, the loop goes on.

#include "../io/backends.hpp"
#include "io_programs.hpp"

#include <fermata/testing/cancel_at_every_await.hpp>
#include <fermata/testing/gtest.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <filesystem>
#include <iterator>
#include <tuple>

namespace {

using namespace programs;

std::ptrdiff_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
}

bool has_children() { return waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD; }

class cancelled_io : public testing::TestWithParam<std::tuple<const char*, program>> {
public:
    void SetUp() override {
        if (const std::string reason = tests::why_not(std::get<0>(GetParam())); !reason.empty()) GTEST_SKIP() << reason;
    }
    void TearDown() override { unsetenv("FERMATA_BACKEND"); }
};

TEST_P(cancelled_io, leaves_nothing_behind) {
    const auto run_it = std::get<1>(GetParam()).run;
    run(run_it());  // what is made once for all, as the threads for files, is there from now on
    const std::ptrdiff_t before = open_descriptors();
    const auto check = [&] {
        EXPECT_EQ(open_descriptors(), before);
        EXPECT_FALSE(has_children());
    };
    const cancellation_options options{.test = {.time_limit = 10s, .real_time = true, .failures = gtest_failures}};
    const std::size_t cancellations = cancel_at_every_await(run_it, check, options);
    RecordProperty("injected", static_cast<int>(cancellations));
    EXPECT_GE(cancellations, 4U);
}

// What is to be cancelled must do the same in each run: each of these waits once for a child.
task<> talks_to_a_child() {
    process child = co_await create_subprocess_exec(
        {.stdin_ = redirect::pipe(), .stdout_ = redirect::pipe(), .stderr_ = redirect::pipe()}, "/bin/sh", "-c",
        "cat; exec >&- 2>&-; sleep 0.02");
    const process_output output = co_await child.communicate(long_text(1));
}
task<> waits_for_a_child() {
    process child = co_await create_subprocess_exec("/bin/sleep", "0.02");
    co_await child.wait();
}

constexpr program to_be_cancelled[] = {
    {"pipes", pipes},
    {"served_over_tcp", served_over_tcp},
    {"served_over_unix_sockets", served_over_unix_sockets},
    {"datagrams", datagrams},
    {"files", files},
    {"files_that_are_sent", files_that_are_sent},
    {"talks_to_a_child", talks_to_a_child},
    {"waits_for_a_child", waits_for_a_child},
};

INSTANTIATE_TEST_SUITE_P(io, cancelled_io,
                         testing::Combine(testing::Values("io_uring", "epoll"), testing::ValuesIn(to_be_cancelled)),
                         [](const auto& each) {
                             return std::string(std::get<0>(each.param)) + "_" + std::get<1>(each.param).name;
                         });

}  // namespace
