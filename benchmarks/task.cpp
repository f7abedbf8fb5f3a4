// What a task costs, and an await that need not wait.

#include "support/measured.hpp"

#include <vector>

namespace {

using namespace measured;

constexpr int tasks = 1'000'000;

[[gnu::noinline]] task<int> one() { co_return 1; }

task<> spawn_and_forget(benchmark::State& state) {
    for (auto _ : state) {
        for (int i = 0; i < tasks; ++i) create_task(one());
        co_await sleep(0s);
    }
}

// As asyncio.gather, but one after another: all have run when the first has been awaited.
task<> spawn_and_join(benchmark::State& state) {
    std::vector<task_handle<int>> spawned;
    spawned.reserve(tasks);
    for (auto _ : state) {
        long sum = 0;
        for (int i = 0; i < tasks; ++i) spawned.push_back(create_task(one()));
        for (const auto& each : spawned) {
            const int got = co_await each;
            sum += got;
        }
        benchmark::DoNotOptimize(sum);
        spawned.clear();
    }
}

// As above, with frames from the pool: no more than that keeps are alive at a time.
task<> spawn_and_join_one(benchmark::State& state) {
    for (auto _ : state) {
        int got = co_await create_task(one());
        benchmark::DoNotOptimize(got);
    }
}

task<> await_a_child(benchmark::State& state) {
    for (auto _ : state) {
        int got = co_await one();
        benchmark::DoNotOptimize(got);
    }
}

task<> await_a_done_future(benchmark::State& state) {
    const auto done = create_future<int>();
    done.set_result(1);
    for (auto _ : state) {
        int got = co_await done;
        benchmark::DoNotOptimize(got);
    }
}

// A task at a time, and many in turn.
task<> turns(benchmark::State& state) {
    for (auto _ : state) co_await sleep(0s);
}

task<> gives_way(int n) {
    for (int i = 0; i < n; ++i) co_await sleep(0s);
}
task<> turns_of_a_thousand(benchmark::State& state) {
    std::vector<task_handle<>> taking_turns;
    for (auto _ : state) {
        for (int i = 0; i < 1000; ++i) taking_turns.push_back(create_task(gives_way(1000)));
        for (const auto& each : taking_turns) co_await each;
        taking_turns.clear();
    }
}

void spawn_1000000_and_forget(benchmark::State& state) { in_a_loop(state, tasks, spawn_and_forget); }
void spawn_1000000_and_join(benchmark::State& state) { in_a_loop(state, tasks, spawn_and_join); }
void spawn_one_and_join(benchmark::State& state) { in_a_loop(state, 1, spawn_and_join_one); }
void await_child(benchmark::State& state) { in_a_loop(state, 1, await_a_child); }
void await_done_future(benchmark::State& state) { in_a_loop(state, 1, await_a_done_future); }
void turn(benchmark::State& state) { in_a_loop(state, 1, turns); }
void turn_of_1000_tasks(benchmark::State& state) { in_a_loop(state, 1'000'000, turns_of_a_thousand); }

BENCHMARK(spawn_1000000_and_forget)->Unit(benchmark::kMillisecond);
BENCHMARK(spawn_1000000_and_join)->Unit(benchmark::kMillisecond);
BENCHMARK(spawn_one_and_join);
BENCHMARK(await_child);
BENCHMARK(await_done_future);
BENCHMARK(turn);
BENCHMARK(turn_of_1000_tasks)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
