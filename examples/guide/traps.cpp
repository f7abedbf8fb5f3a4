// What the page on traps shows. Functions whose names end in _trap are compiled, and never called.

#include <fermata/async.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace fermata;
using namespace std::chrono_literals;

// [captures_trap]
task_handle<> captures_trap(std::string name) {
    auto greet = [name]() -> task<> {  // NOLINT(cppcoreguidelines-avoid-capturing-lambda-coroutines)
        co_await sleep(1s);
        std::puts(name.c_str());  // the lambda went with captures_trap
    };
    return create_task(greet());
}
// [captures_trap]

// [captures_parameter]
task_handle<> as_a_parameter(std::string name) {
    auto greet = [](std::string to) -> task<> {
        co_await sleep(1s);
        std::puts(to.c_str());
    };
    return create_task(greet(name));
}
// [captures_parameter]

// [captures_scope]
task<> as_a_scope(std::string name) {
    co_await with(timeout(1h), [&](timeout&) -> task<> {
        co_await sleep(1s);
        std::puts(name.c_str());  // with() keeps the lambda until here
    });
}
// [captures_scope]

// [reference_trap]
task<> greet(const std::string& name) {
    co_await sleep(1s);
    std::puts(name.c_str());
}

task_handle<> reference_trap() {
    return create_task(greet("a temporary"));  // gone with the semicolon
}
// [reference_trap]

// [reference_awaited]
task<> awaited_at_once() { co_await greet("lives until the semicolon"); }
// [reference_awaited]

// [reference_value]
task<> greet_by_value(std::string name) {
    co_await sleep(1s);
    std::puts(name.c_str());
}

task_handle<> by_value() { return create_task(greet_by_value("moved into the frame")); }
// [reference_value]

// [unseen]
task<> fails() {
    throw value_error("nobody asked");
    co_return;
}

task<> what_nobody_looks_at() {
    current_loop().set_exception_handler([](event_loop&, const error_context& context) {
        std::puts(context.message.c_str());
        if (context.exception) std::puts(describe_exception(context.exception).c_str());
    });
    create_task(fails());
    co_await sleep(1ms);
}
// [unseen]

// [never_awaited]
task<> what_is_never_awaited() {
    {
        task<> dropped = greet_by_value("nobody");
    }
    co_return;
}
// [never_awaited]

// [first_of]
template <class T>
task<T> first_of(std::vector<task<T>> racers) {
    std::optional<T> won;
    co_await with(task_group(), [&](task_group& group) -> task<> {
        std::vector<task_handle<T>> running;
        for (task<T>& racer : racers) running.push_back(group.create_task(std::move(racer)));
        auto [done, pending] = co_await wait(running, {.return_when = return_when::first_completed});
        for (task_handle<T>& loser : pending) loser.cancel();
        won = done.front().result();
    });  // the losers have ended here
    co_return std::move(*won);
}
// [first_of]

// [race]
task<std::string> answer(std::string name, std::chrono::milliseconds after) {
    try {
        co_await sleep(after);
    } catch (const cancelled_error&) {
        std::printf("%s has lost\n", name.c_str());
        throw;
    }
    co_return name;
}

task<> race() {
    std::vector<task<std::string>> racers;
    racers.push_back(answer("slow", 300ms));
    racers.push_back(answer("fast", 10ms));
    std::string winner = co_await first_of(std::move(racers));
    std::printf("%s has won\n", winner.c_str());
}
// [race]

// [lock_trap]
std::mutex of_threads;

task<> lock_trap() {
    // NOLINTBEGIN(cppcoreguidelines-no-suspend-with-lock, misc-coroutine-hostile-raii)
    std::lock_guard<std::mutex> guard(of_threads);
    co_await sleep(1s);  // who locks it meanwhile, on this thread, waits for ever
    // NOLINTEND(cppcoreguidelines-no-suspend-with-lock, misc-coroutine-hostile-raii)
}
// [lock_trap]

// [lock]
task<> lock(mutex& of_tasks) {
    auto guard = co_await of_tasks.lock();
    co_await sleep(1s);  // who wants it meanwhile awaits it
}
// [lock]

// [in_place]
generator<std::string> names() {
    std::string name = "first";
    co_yield name;
    name = "second";
    co_yield name;
}

void in_place() {
    auto each = names();
    auto s = each.next();
    std::string kept = *s;  // a copy; *s itself is the body's variable
    each.next();
    std::printf("%s\n", kept.c_str());
}
// [in_place]

// [deadlock]
task<> waits_for_what_never_comes() {
    event never;
    co_await never.wait();
}

void deadlock() {
    try {
        run(waits_for_what_never_comes(), {.virtual_time = true});
    } catch (const deadlock_error& error) {
        std::puts("deadlock_error");  // what() lists who waits, and where
    }
}
// [deadlock]

task<> program() {
    mutex of_tasks;
    co_await as_a_scope("captured");
    co_await as_a_parameter("passed");
    co_await awaited_at_once();
    co_await by_value();
    co_await race();
    co_await lock(of_tasks);
    co_await what_nobody_looks_at();
    co_await what_is_never_awaited();
}

int main() {
    run(program(), {.virtual_time = true, .debug = true});
    in_place();
    deadlock();
}
