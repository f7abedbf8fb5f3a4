// Many tasks, and many sleeps, on virtual time.

#include <fermata/async.hpp>
#include <fermata/base/config.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

using namespace fermata;
using namespace std::chrono_literals;

namespace {

// Sanitizers are ten to thirty times slower.
constexpr int seconds = FERMATA_DETAIL_ASAN || FERMATA_DETAIL_TSAN ? 360 : 3600;
constexpr int sleepers = 1000;
constexpr int naps = 200'000;

}  // namespace

TEST(many, tasks_sleep_an_hour_second_by_second) {
    int slept = 0;
    const auto sleeps = [&]() -> task<> {
        for (int i = 0; i < seconds; ++i) {
            co_await sleep(1s);
            ++slept;
        }
        EXPECT_EQ(current_loop().time(), seconds * 1s);
    };
    const auto program = [&]() -> task<> {
        std::vector<task_handle<>> sleeping;
        for (int i = 0; i < sleepers; ++i) sleeping.push_back(create_task(sleeps()));
        // This task is the first to go to sleep, and to wake, in each second.
        int all_were_awake = 0;
        for (int i = 0; i < seconds; ++i) {
            co_await sleep(1s);
            all_were_awake += slept == i * sleepers ? 1 : 0;
        }
        EXPECT_EQ(all_were_awake, seconds);
        for (const auto& each : sleeping) co_await each;
        EXPECT_EQ(current_loop().time(), seconds * 1s);
    };
    run(program(), {.virtual_time = true});
    EXPECT_EQ(slept, sleepers * seconds);
}

TEST(many, sleeps_end_in_the_order_of_their_deadlines) {
    const auto program = []() -> task<> {
        std::chrono::nanoseconds latest{0};
        int in_order = 0;
        const auto nap = [&](std::chrono::nanoseconds until) -> task<> {
            co_await sleep_until(until);
            in_order += current_loop().time() == until && until >= latest ? 1 : 0;
            latest = until;
        };
        // Each deadline twice, in no order: the factor has none in common with the number of naps.
        for (int i = 0; i < naps; ++i) create_task(nap(std::chrono::nanoseconds(1 + i * 7'919LL % (naps / 2))));
        co_await sleep(1s);
        EXPECT_EQ(in_order, naps);
    };
    run(program(), {.virtual_time = true});
}
