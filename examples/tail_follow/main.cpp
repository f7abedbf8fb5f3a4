// Shows the ends of files, and what comes to be written behind them: tail -F.
//
//   tail_follow --lines 3 /var/log/dpkg.log

#include "../program.hpp"
#include "followed_file.hpp"

#include <CLI/CLI.hpp>

#include <list>
#include <string>
#include <vector>

namespace {

using namespace fermata;

struct options {
    std::vector<std::string> paths;
    std::size_t lines = 10;
    double interval = 0.1;
};

task<int> follow_all(const options& chosen) {
    tail_follow::output out(chosen.paths.size() > 1);
    std::list<tail_follow::followed_file> files;
    for (const std::string& each : chosen.paths) files.emplace_back(each, out);
    for (tail_follow::followed_file& each : files) co_await each.show_end(chosen.lines);
    const std::chrono::duration<double> interval(chosen.interval);
    for (;;) {
        co_await sleep(std::chrono::duration_cast<std::chrono::nanoseconds>(interval));
        for (tail_follow::followed_file& each : files) co_await each.show_news();
    }
}

}  // namespace

int main(int argc, char** argv) {
    options chosen;
    CLI::App command("Shows the ends of files, and what comes to be written behind them, until ctrl-C. A file that is "
                     "not there is waited "
                     "for, one that is replaced or cut is read from its start.");
    command.add_option("FILE", chosen.paths)->required();
    command.add_option("--lines,-n", chosen.lines, "how many to show at first")->capture_default_str();
    command.add_option("--interval", chosen.interval, "seconds between two looks")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    CLI11_PARSE(command, argc, argv);
    return program::run("tail_follow", follow_all(chosen));
}
