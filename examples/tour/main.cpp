// The tour: the programs of an article on Python's generators, in its order, each printing what Python prints; its main loop
// once more, as Python does it today; and then one of its coroutines on real input.

#include "programs.hpp"
#include "real_input.hpp"
#include "time_source.hpp"
#include "timeline.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

// As EX_USAGE and the like: also where the input cannot be read. 1 is what --strict ends with.
constexpr int cannot_run = 2;

struct program {
    std::string stem;
    std::string title;
    std::function<int()> run;
};

struct options {
    std::vector<std::string> names;
    std::optional<std::string> path;
    std::optional<std::string> timeline;
    bool list = false;
    bool strict = false;
    bool wall_clock = false;
};

std::function<int()> succeeding(std::function<void()> run) {
    return [run = std::move(run)] {
        run();
        return 0;
    };
}

std::string input_path(const options& chosen) {
    if (chosen.path) return *chosen.path;
    return tour::standard_input_brings_something() ? "-" : FERMATA_EXAMPLE_DIR "/data/sleeps.txt";
}

std::vector<program> programs(const options& chosen, tour::time_source& time, tour::timeline& seen) {
    std::vector<program> all = {
        {"01_iterables", "iterables and iterators", succeeding(tour::iterables)},
        {"02_for_loop", "a for loop taken apart", succeeding(tour::for_loop)},
        {"03_dict_views", "dict views", succeeding(tour::dict_views)},
        {"04_enumerate", "enumerate, and identity", succeeding(tour::enumerate)},
        {"05_range", "range taken apart", succeeding(tour::range)},
        {"06_fib", "an infinite generator", succeeding(tour::fib)},
        {"07_squares", "a finite generator", succeeding(tour::squares)},
        {"08_averager", "sending values, and the states of a generator", succeeding(tour::averager)},
        {"09_return_value", "return values", succeeding(tour::return_value)},
        {"10_averager2", "sending values, and a return value", succeeding(tour::averager2)},
        {"11_throwing", "exception handling with throw", succeeding(tour::throwing)},
        {"12_main_loop", "two sleepers in a main loop", succeeding([&time] { tour::main_loop(time); })},
        {"13_yield_from", "yield from: values, and return values", succeeding(tour::yield_from)},
        {"14_yield_from_sends", "yield from: sends", succeeding(tour::yield_from_sends)},
        {"15_yield_from_throws", "yield from: throws and close", succeeding(tour::yield_from_throws)},
        {"16_event_loop", "the two sleepers in an event loop",
         succeeding([&seen] { tour::event_loop({.instrument = seen.event_loop()}); })},
    };
    const auto real_input = [&chosen] {
        const tour::input from = {input_path(chosen), chosen.strict};
        return tour::average_numbers(from);
    };
    all.push_back({"17_real_input", "real input", real_input});
    return all;
}

// "03_dict_views" is also called "dict_views", "03", and "3".
bool is_called(const program& each, std::size_t index, std::string_view name) {
    const std::string_view stem = each.stem;
    return name == stem || name == stem.substr(3) || name == stem.substr(0, 2) || name == std::to_string(index + 1);
}

std::vector<std::size_t> choose(const std::vector<program>& all, const options& chosen) {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; chosen.names.empty() && i < all.size(); ++i) indices.push_back(i);
    for (const std::string& name : chosen.names) {
        std::size_t i = 0;
        while (i < all.size() && !is_called(all[i], i, name)) ++i;
        if (i == all.size()) throw CLI::ValidationError("there is no program \"" + name + "\"; --list lists them");
        indices.push_back(i);
    }
    const std::size_t real_input = all.size() - 1;
    const bool has_it = std::find(indices.begin(), indices.end(), real_input) != indices.end();
    if (chosen.path && !has_it) indices.push_back(real_input);
    return indices;
}

void describe(CLI::App& app, options& chosen) {
    app.add_option("NAME", chosen.names, "Run only these: a name or a number of --list");
    app.add_flag("--list", chosen.list, "List the programs");
    app.add_option("--input", chosen.path, "After the tour, average the numbers in this file; - is standard input")
        ->type_name("PATH");
    app.add_flag("--strict", chosen.strict, "Stop with exit status 1 at the first word that is not a number");
    app.add_flag("--wall-clock", chosen.wall_clock, "Let the two sleepers of main_loop sleep for real");
    app.add_option("--timeline", chosen.timeline,
                   "Write what the two sleepers of main_loop and event_loop did when, as a page")
        ->type_name("PATH");
    app.footer("Without --input, numbers that are piped in are taken, or else a small file of the project's own.\n"
               "A number is what Python's float() takes, but nan and inf. Lines that begin with # are comments.\n"
               "Exit status: 0, 1 where --strict stopped, 2 where the input cannot be read or an option is wrong.");
}

int run(const options& chosen) {
    std::unique_ptr<tour::time_source> time = std::make_unique<tour::stepping_time>();
    if (chosen.wall_clock) time = std::make_unique<tour::wall_time>();
    tour::timeline seen(*time);
    const auto all = programs(chosen, seen.busy_loop(), seen);
    if (chosen.list) {
        for (const program& each : all) std::printf("%-22s %s\n", each.stem.c_str(), each.title.c_str());
        return 0;
    }
    int status = 0;
    const auto indices = choose(all, chosen);
    for (std::size_t index : indices) {
        if (index != indices.front()) std::printf("\n");
        std::printf("== %zu. %s ==\n", index + 1, all[index].title.c_str());
        status = std::max(status, all[index].run());
    }
    if (chosen.timeline) seen.write(*chosen.timeline);
    return status;
}

int fail(const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "tour: %s\n", error.what());
    return cannot_run;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("A tour of fermata: Python's iterators, generators and event loop, program by program.", "tour");
    options chosen;
    describe(app, chosen);
    int status = 0;
    try {
        app.parse(argc, argv);
        status = run(chosen);
    } catch (const CLI::ParseError& error) {
        status = app.exit(error) == 0 ? 0 : cannot_run;
    } catch (const std::exception& error) {
        status = fail(error);
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
        std::perror("tour: standard output");
        return cannot_run;
    }
    return status;
}
