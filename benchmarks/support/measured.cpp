#include "measured.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

namespace measured {

// By this name callgrind is told what to count.
extern "C" [[gnu::noinline]] long benchmark_repetitions(const workload& what, long n, long repetitions) {
    long units = 0;
    for (long i = 0; i < repetitions; ++i) units += what.run(n);
    return units;
}

namespace {

bool counts_instructions = false;

double cpu_time() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Not getrusage's: that is inherited from who started the program.
long status_bytes(const char* field) {
    long kilobytes = 0;
    if (std::FILE* file = std::fopen("/proc/self/status", "r")) {
        char line[256];
        while (std::fgets(line, sizeof line, file)) {
            if (std::strncmp(line, field, std::strlen(field)) == 0) kilobytes = std::atol(line + std::strlen(field));
        }
        std::fclose(file);
    }
    return kilobytes * 1024;
}

struct cost {
    double seconds;
    long units;
};

cost repeat(const workload& what, long n, long repetitions) {
    const double start = cpu_time();
    const long units = benchmark_repetitions(what, n, repetitions);
    return {.seconds = cpu_time() - start, .units = units};
}

cost measure(const workload& what, long n) {
    constexpr double enough = 0.06;
    what.run(n);
    for (long repetitions = 1;;) {
        const cost found = repeat(what, n, repetitions);
        if (found.seconds > enough / 2) return found;
        const double missing = enough / (found.seconds + 1e-6);
        repetitions *= missing > 100 ? 100 : static_cast<long>(missing) + 1;
    }
}

}  // namespace

bool counting() noexcept { return counts_instructions; }

void require(bool done, const char* what) {
    if (done) return;
    std::fprintf(stderr, "not so: %s\n", what);
    std::exit(1);
}

void main_of(int argc, char** argv, std::initializer_list<workload> workloads) {
    const std::string_view name = argc > 1 ? argv[1] : "";
    const long n = argc > 2 ? std::atol(argv[2]) : 0;
    const std::string_view how = argc > 3 ? argv[3] : "";
    const long repetitions = how == "once" ? 1 : how.empty() ? 0 : std::atol(argv[3]);
    for (const workload& each : workloads) {
        if (each.name != name || n <= 0) continue;
        const bool once = how == "once";
        counts_instructions = repetitions > 0 && !once;
        if (each.prepare) each.prepare(n);
        if (once) each.run(1);
        if (counts_instructions) each.run(n);
        const long before = status_bytes("VmRSS:");
        const cost found = repetitions > 0 ? repeat(each, n, repetitions) : measure(each, n);
        std::printf("{\"units\": %ld, \"ns\": %.4f, \"bytes\": %ld}\n", found.units,
                    found.seconds * 1e9 / static_cast<double>(found.units), status_bytes("VmHWM:") - before);
        std::fflush(stdout);
        std::_Exit(0);  // what was prepared need not be taken down
    }
    std::fputs("usage: PROGRAM WORKLOAD N [once|REPETITIONS], where WORKLOAD is one of:", stderr);
    for (const workload& each : workloads) std::fprintf(stderr, " %s", std::string(each.name).c_str());
    std::fputs("\n", stderr);
    std::exit(2);
}

}  // namespace measured
