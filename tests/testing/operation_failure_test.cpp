// I/O that fails: in programs that use all of it, each operation meets each fault once. Nothing leaks, hangs or terminates, and the
// loop goes on.

#include "io_programs.hpp"
#include "on_backends.hpp"

#include <fermata/testing/fail_every_operation.hpp>
#include <fermata/testing/failing_new.hpp>
#include <fermata/testing/gtest.hpp>

#include <gtest/gtest.h>

#include <tuple>

namespace {

using namespace programs;

using failing_io = on_backend;

TEST_P(failing_io, is_stood_by_a_program) {
    const operation_options options{.test = {.time_limit = 10s, .real_time = true, .failures = gtest_failures}};
    const std::size_t faults = fail_every_operation(run_it(), [] {}, options);
    RecordProperty("injected", static_cast<int>(faults));
    const bool is_of_files = run_it() == files || run_it() == files_beneath_a_directory;
    const bool on_threads = is_of_files && std::string_view(backend()) == "epoll";
    EXPECT_GE(faults, on_threads ? 0U : 8U);
}

INSTANTIATE_TEST_SUITE_P(io, failing_io, on_both_backends(with_io), backend_and_program);

}  // namespace
