// The library out of memory: in programs that use all of it, each allocation fails once. Nothing leaks, hangs or terminates, and
// the loop goes on.

#include "io_programs.hpp"
#include "on_backends.hpp"

#include <fermata/testing/fail_every_allocation.hpp>
#include <fermata/testing/failing_new.hpp>
#include <fermata/testing/gtest.hpp>

#include <gtest/gtest.h>

#include <tuple>

namespace {

using namespace programs;

const auto nothing = [] {};

template <class Program>
void fail_everywhere(Program program, test_options options = {}) {
    options.failures = gtest_failures;
    const std::size_t failed = fail_every_allocation(program, nothing, {.test = options});
    testing::Test::RecordProperty("injected", static_cast<int>(failed));
    EXPECT_GT(failed, 3U);
}

TEST(out_of_memory, generators_end_cleanly) { fail_everywhere(generators); }

TEST(out_of_memory, streams_in_memory_end_cleanly) { fail_everywhere(streams_in_memory); }

// What main leaves behind, run() cancels, and closes.
TEST(out_of_memory, run_winds_up_what_is_left) {
    fail_everywhere([] {
        run(
            []() -> task<> {
                auto left = delegating_texts();
                co_await left.next();
                for (int i = 0; i < 3; ++i) create_task(pause(1h));
                create_task(fails_late());
                co_await sleep(2ms);
            }(),
            {.virtual_time = true});
    });
}

class out_of_memory : public testing::TestWithParam<program> {};

TEST_P(out_of_memory, a_program_ends_cleanly) { fail_everywhere(GetParam().run); }

TEST_P(out_of_memory, run_ends_cleanly) {
    fail_everywhere([] { run(GetParam().run(), {.virtual_time = true}); });
}

TEST_P(out_of_memory, run_in_debug_mode_ends_cleanly) {
    fail_everywhere([] { run(GetParam().run(), {.virtual_time = true, .debug = true}); });
}

constexpr auto name_of = [](const auto& each) { return each.param.name; };
INSTANTIATE_TEST_SUITE_P(without_io, out_of_memory, testing::ValuesIn(without_io), name_of);
INSTANTIATE_TEST_SUITE_P(with_threads, out_of_memory, testing::ValuesIn(with_threads), name_of);

using out_of_memory_on = on_backend;

TEST_P(out_of_memory_on, a_program_ends_cleanly) { fail_everywhere(run_it(), {.time_limit = 10s, .real_time = true}); }

INSTANTIATE_TEST_SUITE_P(io, out_of_memory_on, on_both_backends(with_io), backend_and_program);

}  // namespace
