// Many tasks that sleep, on virtual time: what the timers cost. (What they keep in memory: counted/memory.cpp.)

#include "support/measured.hpp"

#include <vector>

namespace {

using namespace measured;

constexpr int tasks = 1'000'000;

task<> nap(std::chrono::nanoseconds delay) { co_await sleep(delay); }

// Each deadline is another's, in no order.
std::chrono::nanoseconds delay_of(int i) { return std::chrono::nanoseconds(1 + (i * 7'919LL) % tasks); }

task<> all_sleep(benchmark::State& state) {
    for (auto _ : state) {
        for (int i = 0; i < tasks; ++i) create_task(nap(delay_of(i)));
        co_await sleep(1s);
    }
}
void sleep_of_1000000_tasks(benchmark::State& state) { in_a_loop(state, tasks, all_sleep); }
BENCHMARK(sleep_of_1000000_tasks)->Unit(benchmark::kMillisecond);

// An hour in a thousand tasks, second by second.
constexpr int sleepers = 1000;
constexpr int seconds = 3600;

task<> sleeps_an_hour() {
    for (int i = 0; i < seconds; ++i) co_await sleep(1s);
}
task<> hours(benchmark::State& state) {
    std::vector<task_handle<>> sleeping;
    for (auto _ : state) {
        for (int i = 0; i < sleepers; ++i) sleeping.push_back(create_task(sleeps_an_hour()));
        for (const auto& each : sleeping) co_await each;
        sleeping.clear();
    }
}
void hour_of_1000_tasks(benchmark::State& state) { in_a_loop(state, std::int64_t{sleepers} * seconds, hours); }
BENCHMARK(hour_of_1000_tasks)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
