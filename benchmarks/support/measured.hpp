#pragma once

// What the programs of the benchmarks have in common: `program WORKLOAD N [once|REPETITIONS]` does the workload of size N,
// and prints one line of JSON: what a unit of it took in nanoseconds of the process's CPU time, and the bytes that were
// resident at most beyond what was before.

#include <initializer_list>
#include <string_view>

namespace measured {

struct workload {
    std::string_view name;
    long (*run)(long n);                // does it, checks what came of it, and gives the units of work that it did
    void (*prepare)(long n) = nullptr;  // what it needs, and is not measured
};

/// With REPETITIONS, just as many, after one that does not count, in benchmark_repetitions(): for callgrind.
/// With `once`, one, after one of size 1: what waits for the time, or gets much memory from the kernel. Without either, as
/// many as take some 60 ms, after one that does not count. Ends the program.
[[noreturn]] void main_of(int argc, char** argv, std::initializer_list<workload> workloads);

/// REPETITIONS were given: instructions are counted, and no time has to pass.
bool counting() noexcept;

/// Ends the program if the work was not done.
void require(bool done, const char* what);

/// The compiler must make this value, and may not know what it is.
template <class T>
[[gnu::always_inline]] inline T seen(T value) {
    asm volatile("" : "+r"(value));
    return value;
}

}  // namespace measured
