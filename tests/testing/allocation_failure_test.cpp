// The library out of memory: in programs that use all of it, each allocation fails once. Nothing leaks, hangs or terminates, and
// the loop goes on.

#include "programs.hpp"

#include <fermata/testing/fail_every_allocation.hpp>
#include <fermata/testing/failing_new.hpp>
#include <fermata/testing/gtest.hpp>

#include <gtest/gtest.h>

namespace {

using namespace programs;

const auto nothing = [] {};

template <class Program>
void fail_everywhere(Program program) {
    const std::size_t failed = fail_every_allocation(program, nothing, {.test = {.failures = gtest_failures}});
    testing::Test::RecordProperty("injected", static_cast<int>(failed));
    EXPECT_GT(failed, 3U);
}

TEST(out_of_memory, generators_end_cleanly) { fail_everywhere(generators); }

class out_of_memory : public testing::TestWithParam<program> {};

TEST_P(out_of_memory, a_program_ends_cleanly) { fail_everywhere(GetParam().run); }

TEST_P(out_of_memory, run_ends_cleanly) {
    fail_everywhere([] { run(GetParam().run(), {.virtual_time = true}); });
}

INSTANTIATE_TEST_SUITE_P(allocation_failure, out_of_memory, testing::ValuesIn(without_io),
                         [](const auto& each) { return each.param.name; });

}  // namespace
