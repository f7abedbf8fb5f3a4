// An item through a queue: by one task, and from one to another.

#include "support/measured.hpp"

namespace {

using namespace measured;

task<> puts_and_gets_nowait(benchmark::State& state) {
    queue<int> items;
    for (auto _ : state) {
        items.put_nowait(1);
        int got = items.get_nowait();
        benchmark::DoNotOptimize(got);
    }
    co_return;
}
void put_and_get_nowait(benchmark::State& state) { in_a_loop(state, 1, puts_and_gets_nowait); }
BENCHMARK(put_and_get_nowait);

task<> puts_and_gets(benchmark::State& state) {
    queue<int> items;
    for (auto _ : state) {
        co_await items.put(1);
        int got = co_await items.get();
        benchmark::DoNotOptimize(got);
    }
}
void put_and_get(benchmark::State& state) { in_a_loop(state, 1, puts_and_gets); }
BENCHMARK(put_and_get);

constexpr int sent = 10'000;

task<> produces(queue<int>& items) {
    for (int i = 0; i < sent; ++i) co_await items.put(i);
}
task<> consumes(benchmark::State& state) {
    queue<int> items(state.range(0));
    for (auto _ : state) {
        long sum = 0;
        auto producing = create_task(produces(items));
        for (int i = 0; i < sent; ++i) {
            const int got = co_await items.get();
            sum += got;
        }
        co_await producing;
        benchmark::DoNotOptimize(sum);
    }
}
// By the room in it: with 1, each item is a change of tasks.
void from_task_to_task(benchmark::State& state) { in_a_loop(state, sent, consumes); }
BENCHMARK(from_task_to_task)->Arg(1)->Arg(64)->Arg(0);

}  // namespace

BENCHMARK_MAIN();
