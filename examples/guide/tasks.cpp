// The guide's chapter on tasks. tasks.py is its twin.

#include <fermata/async.hpp>

#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

using namespace fermata;
using namespace std::chrono_literals;

// [coroutine]
task<int> fetch(std::string name, std::chrono::milliseconds delay) {
    std::printf("%s begins\n", name.c_str());
    co_await sleep(delay);
    std::printf("%s ends\n", name.c_str());
    co_return static_cast<int>(name.size());
}
// [coroutine]

// [await]
task<> one_after_the_other() {
    int one = co_await fetch("one", 10ms);
    int three = co_await fetch("three", 10ms);
    std::printf("%d\n", one + three);
}
// [await]

// [gather]
task<> together() {
    auto [one, three] = co_await gather(fetch("one", 50ms), fetch("three", 10ms));
    std::printf("%d\n", one + three);
}
// [gather]

const char* text(bool value) { return value ? "True" : "False"; }

// [create_task]
task<> in_the_background() {
    task_handle<int> seven = create_task(fetch("seven", 50ms), {.name = "seven"});
    std::printf("%s %s\n", seven.name().c_str(), text(seven.done()));
    co_await sleep(10ms);
    std::puts("meanwhile");
    int length = co_await seven;
    std::printf("%d %s\n", length, text(seven.done()));
}
// [create_task]

// [as_completed]
task<> as_they_come() {
    std::vector<task_handle<int>> tasks;
    tasks.push_back(create_task(fetch("three", 60ms)));
    tasks.push_back(create_task(fetch("eleven", 10ms)));
    for (auto& following : as_completed(tasks)) {
        int length = co_await following;
        std::printf("%d\n", length);
    }
}
// [as_completed]

// [wait]
task<> the_first() {
    std::vector<task_handle<int>> tasks;
    tasks.push_back(create_task(fetch("three", 60ms)));
    tasks.push_back(create_task(fetch("eleven", 10ms)));
    auto [done, pending] = co_await wait(tasks, {.return_when = return_when::first_completed});
    std::printf("%zu done %zu pending\n", done.size(), pending.size());
    for (auto& each : pending) each.cancel();
}
// [wait]

// [queue]
task<> produce(queue<int>& items) {
    for (int i = 0; i < 3; ++i) {
        co_await items.put(i);
        std::printf("put %d\n", i);
    }
    items.shutdown();
}

task<> consume(queue<int>& items) {
    try {
        for (;;) {
            int item = co_await items.get();
            std::printf("got %d\n", item);
        }
    } catch (const queue_shutdown&) {
        std::puts("no more");
    }
}

task<> through_a_queue() {
    queue<int> items{1};
    co_await gather(produce(items), consume(items));
}
// [queue]

// [async_generator]
async_generator<int> ticks(int n) {
    for (int i = 0; i < n; ++i) {
        co_await sleep(10ms);
        co_yield i;
    }
}

task<> count() {
    auto ticking = ticks(3);
    while (auto tick = co_await ticking.next()) {
        std::printf("tick %d\n", *tick);
    }
}
// [async_generator]

// [future]
task<> from_a_callback() {
    auto answer = create_future<int>();
    current_loop().call_later(10ms, [=] { answer.set_result(42); });
    int result = co_await answer;
    std::printf("%d\n", result);
}
// [future]

// [thread]
int slow_square(int n) {  // an ordinary function, that blocks
    return n * n;
}

task<> beside_the_loop() {
    int square = co_await to_thread(slow_square, 7);
    std::printf("%d\n", square);
}
// [thread]

// [main]
task<> program() {
    co_await one_after_the_other();
    co_await together();
    co_await in_the_background();
    co_await as_they_come();
    co_await the_first();
    co_await through_a_queue();
    co_await count();
    co_await from_a_callback();
    co_await beside_the_loop();
}

int main() {
    run(program(), {.virtual_time = true});  // without the option: in real time
}
// [main]
