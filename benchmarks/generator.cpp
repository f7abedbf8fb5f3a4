// Generators against the limit (benchmarks/support/bare.hpp), and the frame pool against malloc. Compare what stands
// beside each other in one run: absolute times mean little.

#include "support/bodies.hpp"

#include <benchmark/benchmark.h>

#include <memory>

namespace {

constexpr int steps = 1000;

void step_bare(benchmark::State& state) {
    for (auto _ : state) {
        auto g = bodies::count_bare(steps);
        long sum = 0;
        while (g.next()) sum += *g;
        benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(state.iterations() * steps);
}
BENCHMARK(step_bare);

template <class Make>
void drain(benchmark::State& state, Make make) {
    for (auto _ : state) {
        auto g = make();
        long sum = 0;
        while (auto s = g.next()) sum += *s;
        benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(state.iterations() * steps);
}

void step(benchmark::State& state) {
    drain(state, [] { return bodies::count(steps); });
}
BENCHMARK(step);

void step_in_a_loop(benchmark::State& state) {
    for (auto _ : state) {
        long sum = 0;
        for (int i : bodies::count(steps)) sum += i;
        benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(state.iterations() * steps);
}
BENCHMARK(step_in_a_loop);

// Per element, once the delegation stands: the depth must not show.
void step_at_depth(benchmark::State& state) {
    const int depth = static_cast<int>(state.range(0));
    auto g = bodies::count_at(depth, 2'000'000'000);
    long sum = 0;
    for (auto _ : state) sum += *g.next();
    benchmark::DoNotOptimize(sum);
}
BENCHMARK(step_at_depth)->Arg(1)->Arg(10)->Arg(1000)->Arg(10000);

void send(benchmark::State& state) {
    auto g = bodies::echo();
    g.next();
    int value = 0;
    for (auto _ : state) value = *g.send(value + 1);
    benchmark::DoNotOptimize(value);
}
BENCHMARK(send);

void create_drain_destroy_pool(benchmark::State& state) {
    for (auto _ : state) {
        auto g = bodies::count(3);
        while (auto s = g.next()) benchmark::DoNotOptimize(*s);
    }
}
BENCHMARK(create_drain_destroy_pool);

void create_drain_destroy_malloc(benchmark::State& state) {
    for (auto _ : state) {
        auto g = bodies::count_malloc(std::allocator_arg, {}, 3);
        while (auto s = g.next()) benchmark::DoNotOptimize(*s);
    }
}
BENCHMARK(create_drain_destroy_malloc);

}  // namespace

BENCHMARK_MAIN();
