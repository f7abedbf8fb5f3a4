// Programs that use all of the I/O, cancelled wherever they wait: descriptors are closed, children reaped, the loop goes on.

#include "../os/support.hpp"
#include "io_programs.hpp"
#include "on_backends.hpp"

#include <fermata/testing/cancel_at_every_await.hpp>
#include <fermata/testing/gtest.hpp>

#include <gtest/gtest.h>

namespace {

using namespace programs;

using tests::has_no_child;
using tests::open_descriptors;

using cancelled_io = on_backend;

TEST_P(cancelled_io, leaves_nothing_behind) {
    const auto program = run_it();
    run(program());  // what is made once for all, as the threads for files, is there from now on
    const auto before = open_descriptors();
    const auto check = [&] {
        EXPECT_EQ(open_descriptors(), before);
        EXPECT_TRUE(has_no_child());
    };
    const cancellation_options options{.test = {.time_limit = 10s, .real_time = true, .failures = gtest_failures}};
    const std::size_t cancellations = cancel_at_every_await(program, check, options);
    RecordProperty("injected", static_cast<int>(cancellations));
    EXPECT_GE(cancellations, 4U);
}

// What is to be cancelled must do the same in each run: each of these waits once for a child.
task<> talks_to_a_child() {
    process child = co_await create_subprocess_exec(all_pipes, "/bin/sh", "-c", "cat; exec >&- 2>&-; sleep 0.02");
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

INSTANTIATE_TEST_SUITE_P(io, cancelled_io, on_both_backends(to_be_cancelled), backend_and_program);

}  // namespace
