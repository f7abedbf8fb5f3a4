// Runs a command for each of many things, so many at a time.
//
//   ls *.log | parallel --jobs 4 gzip
//   parallel cp {} {}.bak ::: a b c

#include "../program.hpp"

#include <fermata/io.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace fermata;

struct options {
    std::ptrdiff_t jobs = std::max(1U, std::thread::hardware_concurrency());
    bool keep_order = false;
    bool halt = false;
    std::vector<std::string> command;
    std::vector<std::string> things;
    bool things_are_given = false;  // else they are the lines of standard input
};

// The command and what follows ":::".
void take_words(options& chosen, const std::vector<std::string>& words) {
    const auto mark = std::find(words.begin(), words.end(), ":::");
    chosen.command.assign(words.begin(), mark);
    chosen.things_are_given = mark != words.end();
    if (chosen.things_are_given) chosen.things.assign(mark + 1, words.end());
}

/// The command for one thing: in place of each "{}", or at the end where there is none.
std::vector<std::string> command_for(const std::vector<std::string>& command, const std::string& thing) {
    std::vector<std::string> made = command;
    bool is_there = false;
    for (std::string& word : made) {
        for (std::size_t at = 0; (at = word.find("{}", at)) != std::string::npos; at += thing.size()) {
            word.replace(at, 2, thing);
            is_there = true;
        }
    }
    if (!is_there) made.push_back(thing);
    return made;
}

struct job {
    std::size_t number = 0;
    std::string thing;
};

struct result {
    process_output output;
    int status = 0;
};

class command_runner {
public:
    explicit command_runner(const options& chosen) : chosen_(chosen), jobs_(chosen.jobs) {}

    task<int> run_all() {
        co_await with(task_group(), [this](task_group& all) { return give_to_workers(all); });
        constexpr std::size_t most = 101;  // as GNU parallel
        co_return static_cast<int>(std::min(failed_, most));
    }

private:
    task<> give_to_workers(task_group& all) {
        for (std::ptrdiff_t i = 0; i < chosen_.jobs; ++i) all.create_task(work());
        co_await give();
        jobs_.shutdown();
    }

    // No more than are wanted: standard input may be long.
    task<> give() {
        if (chosen_.things_are_given) {
            for (const std::string& each : chosen_.things) co_await give(each);
            co_return;
        }
        stream lines = standard_input();
        for (;;) {
            std::string line = co_await lines.readline();
            if (line.empty()) break;
            if (line.back() == '\n') line.pop_back();
            co_await give(line);
        }
    }

    task<> give(const std::string& thing) {
        job next{given_++, thing};
        co_await jobs_.put(std::move(next));
    }

    task<> work() {
        try {
            for (;;) {
                const job next = co_await jobs_.get();
                result ended = co_await run_one(next.thing);
                const int status = ended.status;
                tell(next.number, std::move(ended));
                if (status != 0) fail(next, status);
            }
        } catch (const queue_shutdown&) {
            co_return;  // that was all
        }
    }

    // Cancelled, it kills what it runs.
    task<result> run_one(const std::string& thing) const {
        const std::vector<std::string> words = command_for(chosen_.command, thing);
        subprocess_options to;
        to.stdin_ = redirect::devnull();
        to.stdout_ = redirect::pipe();
        to.stderr_ = redirect::pipe();
        process running = co_await create_subprocess_exec(to, words);
        result ended;
        co_await with(running, [&ended](process& here) { return wait_for_end(here, ended); });
        co_return ended;
    }

    static task<> wait_for_end(process& running, result& ended) {
        ended.output = co_await running.communicate();
        ended.status = co_await running.wait();
    }

    void fail(const job& what, int status) {
        ++failed_;
        const std::string how =
            status < 0 ? "ended by signal " + std::to_string(-status) : "gave " + std::to_string(status);
        if (chosen_.halt) throw std::runtime_error(chosen_.command.front() + " for \"" + what.thing + "\" " + how);
        std::fprintf(stderr, "parallel: %s for \"%s\" %s\n", chosen_.command.front().c_str(), what.thing.c_str(),
                     how.c_str());
    }

    // What one has said comes in one piece; all in the order of the things, if so wished.
    void tell(std::size_t number, result ended) {
        ended_.emplace(number, std::move(ended));
        while (!ended_.empty() && (!chosen_.keep_order || ended_.begin()->first == told_)) {
            const process_output& said = ended_.begin()->second.output;
            std::fwrite(said.stdout_.data(), 1, said.stdout_.size(), stdout);
            std::fflush(stdout);
            std::fwrite(said.stderr_.data(), 1, said.stderr_.size(), stderr);
            ended_.erase(ended_.begin());
            ++told_;
        }
    }

    const options& chosen_;
    queue<job> jobs_;
    std::size_t given_ = 0;
    std::size_t told_ = 0;
    std::size_t failed_ = 0;
    std::map<std::size_t, result> ended_;
};

}  // namespace

int main(int argc, char** argv) {
    options chosen;
    CLI::App command("parallel [OPTIONS] COMMAND… [::: THING…]\n"
                     "Runs COMMAND for each thing, in place of {} or at its end: for what follows :::, or else for "
                     "each line of standard "
                     "input. No shell is used: sh -c '…' sh is one. Ends with how many have failed, 101 at most.");
    command.add_option("--jobs,-j", chosen.jobs, "how many at once")->capture_default_str()->check(CLI::PositiveNumber);
    command.add_flag("--keep-order,-k", chosen.keep_order, "show what they say in the order of the things");
    command.add_flag("--halt", chosen.halt, "when one fails, end the others, and then with 1");
    command.prefix_command();
    CLI11_PARSE(command, argc, argv);
    take_words(chosen, command.remaining());
    if (chosen.command.empty()) {
        std::fprintf(stderr, "parallel: no command is given; see parallel --help\n");
        return 2;
    }
    command_runner all(chosen);
    return program::run("parallel", all.run_all());
}
