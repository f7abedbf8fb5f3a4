// The guide's chapter on structured concurrency. structured.py is its twin.

#include <fermata/async.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>

using namespace fermata;
using namespace std::chrono_literals;

task<std::string> fetch(std::string name, std::chrono::nanoseconds delay) {
    try {
        co_await sleep(delay);
    } catch (const cancelled_error&) {
        std::printf("%s is cancelled\n", name.c_str());
        throw;
    }
    if (name == "bad") throw value_error("no such name");
    std::printf("%s is here\n", name.c_str());
    co_return name;
}

// [group]
task<> both() {
    task_handle<std::string> one, two;
    co_await with(task_group(), [&](task_group& group) -> task<> {
        one = group.create_task(fetch("one", 10ms));
        two = group.create_task(fetch("two", 40ms));
        co_return;
    });
    std::printf("%s %s\n", one.result().c_str(), two.result().c_str());
}
// [group]

// [fails]
void tell(const exception_group& errors) {
    for (const std::exception_ptr& error : errors.exceptions()) {
        try {
            std::rethrow_exception(error);
        } catch (const value_error& e) {
            std::printf("ValueError: %s\n", e.what());
        }
    }
}

task<> one_fails() {
    try {
        co_await with(task_group(), [&](task_group& group) -> task<> {
            group.create_task(fetch("slow", 10s));
            group.create_task(fetch("bad", 10ms));
            co_return;
        });
    } catch (const exception_group& group) {
        auto [errors, others] = group.split<value_error>();
        if (errors) tell(*errors);
        if (others) throw *others;
    }
}
// [fails]

// [timeout]
task<> in_time() {
    try {
        co_await with(timeout(20ms), [&](timeout&) -> task<> { co_await fetch("late", 10s); });
    } catch (const timeout_error&) {
        std::puts("too late");
    }

    co_await with(timeout(20ms), [&](timeout& limit) -> task<> {
        limit.reschedule(*limit.when() + 10s);
        co_await fetch("later", 40ms);
    });
}
// [timeout]

// [wait_for]
task<> one_await_in_time() {
    try {
        co_await wait_for(fetch("late", 10s), 10ms);
    } catch (const timeout_error&) {
        std::puts("too late");
    }
}
// [wait_for]

// [lock]
task<> pass_through(const char* name, mutex& gate) {
    auto guard = co_await gate.lock();
    std::printf("%s is in\n", name);
    co_await sleep(10ms);
}

task<> one_at_a_time() {
    mutex gate;
    co_await gather(pass_through("first", gate), pass_through("second", gate));
}
// [lock]

// [scope]
class connection {
public:
    void aenter() { std::puts("connected"); }

    task<> aexit(std::exception_ptr raised) {
        co_await sleep(10ms);
        std::printf("closed after %s\n", raised ? "an error" : "all went well");
    }

    task<std::string> ask(std::string question) { co_return question + "!"; }
};

task<> talk() {
    co_await with(connection(), [&](connection& open) -> task<> {
        std::string answer = co_await open.ask("hello");
        std::puts(answer.c_str());
    });
    try {
        co_await with(connection(), [&](connection&) -> task<> {
            throw value_error("something");
            co_return;
        });
    } catch (const value_error& error) {
        std::puts(error.what());
    }
}
// [scope]

task<> program() {
    co_await both();
    co_await one_fails();
    co_await in_time();
    co_await one_await_in_time();
    co_await one_at_a_time();
    co_await talk();
}

int main() { run(program(), {.virtual_time = true}); }
