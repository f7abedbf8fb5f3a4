#pragma once

// Programs on virtual time that note what happens, to be compared with what their twins in Python print.

#include <fermata/task/run.hpp>
#include <fermata/task/sleep.hpp>
#include <fermata/task/task_handle.hpp>

#include <string>
#include <utility>
#include <vector>

namespace fermata_test {

using namespace fermata;
using namespace std::chrono_literals;

using lines = std::vector<std::string>;

struct notes {
    lines said;
    void say(std::string line) { said.push_back(std::move(line)); }
};

/// Runs program(notes), and gives what it said.
template <class Program>
lines run_program(Program program) {
    notes t;
    run(program(t), {.virtual_time = true});
    return t.said;
}

/// Python's `await asyncio.sleep(0)`, n times.
inline task<> turns(int n) {
    for (int i = 0; i < n; ++i) co_await sleep(0ns);
}

/// Counts the turns of the loop into the notes, beside what is tested: `async def ticker(n)`.
inline task<> ticker(notes& t, int n) {
    for (int i = 0; i < n; ++i) {
        t.say("turn " + std::to_string(i));
        co_await sleep(0ns);
    }
}

/// What f() raises, as its text.
template <class Error, class Function>
std::string raised_by(Function&& f) {
    try {
        f();
    } catch (const Error& e) {
        return e.what();
    }
    return "nothing was raised";
}

}  // namespace fermata_test
