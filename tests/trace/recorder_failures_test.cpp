// A recorder without memory: what it cannot keep is counted as dropped, and the program goes on as if nobody looked.

#include <fermata/async.hpp>
#include <fermata/testing/fail_every_allocation.hpp>
#include <fermata/testing/failing_new.hpp>
#include <fermata/testing/gtest.hpp>
#include <fermata/trace.hpp>

#include <gtest/gtest.h>

#include <cstddef>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

task<> naps(std::chrono::nanoseconds length) { co_await sleep(length); }

task<> two_naps() {
    auto one = create_task(naps(2s), {.name = "a name that is too long for a small string, one"});
    auto two = create_task(naps(3s), {.name = "a name that is too long for a small string, two"});
    co_await gather(one, two);
}

TEST(recorder_failures, of_memory_while_it_records_end_cleanly) {
    const auto program = [] {
        trace::recorder recorder({.loop_time = true});
        run(two_naps(), {.virtual_time = true, .instrument = &recorder});
    };
    const std::size_t failed = fail_every_allocation(program, [] {}, {.test = {.failures = gtest_failures}});
    RecordProperty("injected", static_cast<int>(failed));
    EXPECT_GT(failed, 5U);
}

// To rows: the library that makes JSON of them loses an allocation where there is no memory for the next.
TEST(recorder_failures, of_memory_while_it_tells_end_cleanly) {
    trace::recorder recorder({.loop_time = true});
    run(two_naps(), {.virtual_time = true, .instrument = &recorder});
    const auto program = [&] { EXPECT_EQ(recorder.timeline().groups.at(0).rows.size(), 4U); };
    const std::size_t failed = fail_every_allocation(program, [] {}, {.test = {.failures = gtest_failures}});
    RecordProperty("injected", static_cast<int>(failed));
    EXPECT_GT(failed, 20U);
}

}  // namespace
