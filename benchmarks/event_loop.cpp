// What a callback costs, by way of call_soon and call_later.

#include <fermata/loop/event_loop.hpp>

#include <benchmark/benchmark.h>

#include <memory>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

constexpr int calls = 1000;

loop_options virtual_time() {
    loop_options options;
    options.clock = std::make_unique<virtual_clock>();
    return options;
}

template <class Schedule>
void run_calls(benchmark::State& state, Schedule schedule) {
    event_loop loop(virtual_time());
    long called = 0;
    for (auto _ : state) {
        for (int i = 0; i < calls; ++i) schedule(loop, i, [&called] { ++called; });
        schedule(loop, calls, [&loop] { loop.stop(); });
        loop.run_forever();
    }
    benchmark::DoNotOptimize(called);
    state.SetItemsProcessed(state.iterations() * calls);
}

void call_soon(benchmark::State& state) {
    run_calls(state, [](event_loop& loop, int, auto f) { loop.call_soon(f); });
}
BENCHMARK(call_soon);

void call_later(benchmark::State& state) {
    run_calls(state, [](event_loop& loop, int i, auto f) { loop.call_later(std::chrono::microseconds(i + 1), f); });
}
BENCHMARK(call_later);

void call_later_and_cancel(benchmark::State& state) {
    event_loop loop(virtual_time());
    for (auto _ : state) loop.call_later(1s, [] {}).cancel();
}
BENCHMARK(call_later_and_cancel);

void call_soon_threadsafe(benchmark::State& state) {
    run_calls(state, [](event_loop& loop, int, auto f) { loop.call_soon_threadsafe(f); });
}
BENCHMARK(call_soon_threadsafe);

// What a turn costs in which one callback runs.
void turn(benchmark::State& state) {
    event_loop loop(virtual_time());
    struct nothing final : detail::callback {
        void run() override {}
        std::string describe() const override { return "<nothing>"; }
    } callback;
    for (auto _ : state) {
        loop.schedule(callback);
        loop.run_ready();
    }
}
BENCHMARK(turn);

}  // namespace

BENCHMARK_MAIN();
