// A mutex that is free, and one that is handed over in each turn.

#include "support/measured.hpp"

#include <vector>

namespace {

using namespace measured;

task<> takes(benchmark::State& state) {
    mutex m;
    for (auto _ : state) {
        const auto guard = co_await m.lock();
    }
}
void lock_and_unlock(benchmark::State& state) { in_a_loop(state, 1, takes); }
BENCHMARK(lock_and_unlock);

constexpr int rounds = 1000;

task<> contends(mutex& m) {
    for (int i = 0; i < rounds; ++i) {
        const auto guard = co_await m.lock();
        co_await sleep(0s);
    }
}
task<> several_contend(benchmark::State& state) {
    mutex m;
    std::vector<task_handle<>> contending;
    for (auto _ : state) {
        for (int i = 0; i < state.range(0); ++i) contending.push_back(create_task(contends(m)));
        for (const auto& each : contending) co_await each;
        contending.clear();
    }
}
void hand_over(benchmark::State& state) { in_a_loop(state, rounds * state.range(0), several_contend); }
BENCHMARK(hand_over)->Arg(2)->Arg(100);

}  // namespace

BENCHMARK_MAIN();
