// Runs the cases that are named, or all: each prints its lines below its heading.

#include "cases.hpp"

#include <cstdio>
#include <cstring>

namespace cases {

namespace {

struct known {
    const char* name;
    task<> (*run)();
};

std::vector<known>& all() {
    static std::vector<known> cases;
    return cases;
}

void report(event_loop&, const error_context& context) {
    say("reported", context.message, context.exception ? name(context.exception) : "");
}

task<> in_loop(task<> (*run)()) {
    current_loop().set_exception_handler(&report);
    co_await run();
}

}  // namespace

registered::registered(const char* name, task<> (*run)()) { all().push_back({name, run}); }

void print(const text& line) { std::printf("%s\n", line.substr(0, line.find_last_not_of(' ') + 1).c_str()); }

task<int> value(int number, std::chrono::milliseconds delay) {
    if (delay > 0ms) co_await sleep(delay);
    co_return number;
}

task<int> failing(text message, std::chrono::milliseconds delay) {
    if (delay > 0ms) co_await sleep(delay);
    throw value_error(message);
}

task<> sleeper(text label, std::chrono::milliseconds delay) {
    try {
        co_await sleep(delay);
        say(label, "slept");
    } catch (const cancelled_error&) {
        say(label, "cancelled");
        throw;
    }
}

task<int> stubborn(text label, std::chrono::milliseconds delay, std::chrono::milliseconds after) {
    try {
        co_await sleep(delay);
    } catch (const cancelled_error&) {
        say(label, "swallows");
    }
    co_await sleep(after);
    co_return 7;
}

}  // namespace cases

int main(int argc, char** argv) {
    for (const auto& each : cases::all()) {
        bool chosen = argc == 1;
        for (int i = 1; i < argc; ++i) chosen = chosen || std::strcmp(argv[i], each.name) == 0;
        if (!chosen) continue;
        std::printf("== %s\n", each.name);
        fermata::run_options options;
        options.virtual_time = true;
        fermata::run(cases::in_loop(each.run), options);
        std::fflush(stdout);
    }
}
