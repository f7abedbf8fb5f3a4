#pragma once

// Benchmarks that are coroutines: the loop over benchmark::State stands in a task.

#include <fermata/async.hpp>

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>

namespace measured {

using namespace fermata;
using namespace std::chrono_literals;

/// Runs program(state, arguments...) on virtual time, and counts `items` for each of its iterations.
template <class Program, class... Arguments>
void in_a_loop(benchmark::State& state, std::int64_t items, Program program, Arguments&&... arguments) {
    run(program(state, arguments...), {.virtual_time = true});
    state.SetItemsProcessed(state.iterations() * items);
}

}  // namespace measured
