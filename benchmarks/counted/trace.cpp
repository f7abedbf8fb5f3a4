// What a recorder costs: `counted_trace turn N` and `counted_trace recorded N` do N turns of the loop, without and with one, for
// scripts/bench-check, which counts the instructions. `counted_trace time N` tells the nanoseconds of an event: the least of
// some rounds, in turn.

#include <fermata/async.hpp>
#include <fermata/trace/recorder.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

task<> turns(int n) {
    for (int i = 0; i < n; ++i) co_await sleep(0s);
}

struct took {
    double nanoseconds;
    std::size_t events;
};

took plain(int n) {
    const auto begin = std::chrono::steady_clock::now();
    run(turns(n), {.virtual_time = true});
    return {std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count(), 0};
}

took recorded(int n) {
    trace::recorder recorder({.capacity = 100'000'000});
    const auto begin = std::chrono::steady_clock::now();
    run(turns(n), {.virtual_time = true, .instrument = &recorder});
    return {std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count(),
            recorder.size()};
}

void tell_time(int n) {
    constexpr int rounds = 20;
    double least_plain = 1e30;
    double least_recorded = 1e30;
    std::size_t events = 0;
    for (int i = 0; i < rounds; ++i) {
        least_plain = std::min(least_plain, plain(n).nanoseconds);
        const took with = recorded(n);
        least_recorded = std::min(least_recorded, with.nanoseconds);
        events = with.events;
    }
    std::printf("%.1f ns an event, %zu events\n", (least_recorded - least_plain) / static_cast<double>(events), events);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc == 3 ? argv[1] : "";
    const int n = argc == 3 ? std::atoi(argv[2]) : 0;
    if (what == "turn") {
        plain(n);
    } else if (what == "recorded") {
        std::printf("%zu\n", recorded(n).events);
    } else if (what == "time") {
        tell_time(n);
    } else {
        std::fputs("usage: counted_trace turn|recorded|time N\n", stderr);
        return 2;
    }
}
