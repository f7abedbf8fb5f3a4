// The guide's chapter on cancellation. cancellation.py is its twin.

#include <fermata/async.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

using namespace fermata;
using namespace std::chrono_literals;

const char* text(bool value) { return value ? "True" : "False"; }

template <class T>
task<> ended(task_handle<T> waited_for) {
    std::vector<task_handle<T>> one;
    one.push_back(std::move(waited_for));
    co_await wait(one);
}

// [cancel]
task<> work() {
    try {
        co_await sleep(1h);
    } catch (const cancelled_error&) {
        std::puts("told to stop");
        throw;
    }
}

task<> stop_it() {
    task_handle<> working = create_task(work());
    co_await sleep(10ms);
    working.cancel();
    try {
        co_await working;
    } catch (const cancelled_error&) {
        std::printf("stopped %s\n", text(working.cancelled()));
    }
}
// [cancel]

// [cleanup]
task<> say_goodbye() {
    co_await sleep(10ms);
    std::puts("goodbye");
}

task<> polite() {
    std::exception_ptr raised;
    try {
        co_await sleep(1h);
    } catch (...) {  // co_await cannot stand in here
        raised = std::current_exception();
    }
    co_await say_goodbye();
    if (raised) std::rethrow_exception(raised);
}
// [cleanup]

// [cleanup_scope]
struct farewell {
    void aenter() {}
    task<> aexit(std::exception_ptr) { co_await say_goodbye(); }
};

task<> polite_as_a_scope() {
    co_await with(farewell(), [](farewell&) -> task<> { co_await sleep(1h); });
}
// [cleanup_scope]

task<> stop_the_polite(task<> polite) {
    task_handle<> working = create_task(std::move(polite));
    co_await sleep(10ms);
    working.cancel();
    co_await ended(working);
    std::printf("stopped %s\n", text(working.cancelled()));
}

// [shield]
task<> save() {
    co_await sleep(30ms);
    std::puts("saved");
}

task<> save_whatever_happens() {
    task_handle<> saving = create_task(save());
    try {
        co_await wait_for(shield(saving), 10ms);
    } catch (const timeout_error&) {
        std::puts("not yet");
    }
    co_await saving;
}
// [shield]

// [not_started]
task<> never_begun() {
    task_handle<> early = create_task(work());
    early.cancel();
    co_await ended(early);
    std::printf("never begun %s\n", text(early.cancelled()));
}
// [not_started]

// [uncancel]
task<std::string> stubborn() {
    try {
        co_await sleep(1h);
    } catch (const cancelled_error&) {
        int left = current_task().uncancel();
        std::printf("not now, %d left\n", left);
    }
    co_await sleep(10ms);
    co_return "done after all";
}

task<> ask_the_stubborn() {
    task_handle<std::string> working = create_task(stubborn());
    co_await sleep(10ms);
    working.cancel();
    std::printf("%d\n", working.cancelling());
    std::string result = co_await working;
    std::puts(result.c_str());
}
// [uncancel]

task<> program() {
    co_await stop_it();
    co_await stop_the_polite(polite());
    co_await stop_the_polite(polite_as_a_scope());
    co_await save_whatever_happens();
    co_await never_begun();
    co_await ask_the_stubborn();
}

int main() { run(program(), {.virtual_time = true}); }
