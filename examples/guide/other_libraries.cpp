// What the page for those who come from other C++ libraries shows.

#include <fermata/async.hpp>
#include <fermata/generator.hpp>
#include <fermata/io.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace fermata;
using namespace std::chrono_literals;

// [tree]
struct node {
    int value;
    std::unique_ptr<node> left, right;
};

generator<int> in_order(const node& n) {
    if (n.left) co_yield from(in_order(*n.left));
    co_yield n.value;
    if (n.right) co_yield from(in_order(*n.right));
}
// [tree]

std::unique_ptr<node> leaf(int value) {
    auto made = std::make_unique<node>();
    made->value = value;
    return made;
}

void walk() {
    node root{2, leaf(1), leaf(3)};
    for (int value : in_order(root)) std::printf("%d ", value);
    std::puts("in order");
}

// [channel]
task<> produce(queue<int>& numbers) {
    for (int i = 0; i < 3; ++i) co_await numbers.put(i);
    numbers.shutdown();
}

task<int> sum(queue<int>& numbers) {
    int total = 0;
    try {
        for (;;) {
            int number = co_await numbers.get();
            total += number;
        }
    } catch (const queue_shutdown&) {
        co_return total;
    }
}

task<> through_a_channel() {
    queue<int> numbers{1};
    task_handle<> producing = create_task(produce(numbers));
    int total = co_await sum(numbers);
    co_await producing;
    std::printf("the sum is %d\n", total);
}
// [channel]

// [echo]
task<> echo(stream peer) {
    std::array<char, 1024> buffer;
    for (;;) {
        std::size_t n = co_await peer.read(buffer);
        if (n == 0) co_return;  // the end is no error
        co_await peer.write(std::string_view(buffer.data(), n));
    }
}

task<> serve() {
    server listening = co_await start_server(echo, "127.0.0.1", 0);
    std::uint16_t port = listening.addresses().front().port();
    co_await with(listening, [&](server&) -> task<> {
        stream client = co_await open_connection("127.0.0.1", port);
        co_await client.write("hello\n");
        std::string line = co_await wait_for(client.readline(), 5s);
        std::printf("%s", line.c_str());
    });
}
// [echo]

// [collect]
task<int> parse(std::string text) {
    if (text.empty()) throw value_error("nothing to parse");
    co_return std::stoi(text);
}

task<> with_partial_failure() {
    auto [good, bad] = co_await gather(return_exceptions, parse("42"), parse(""));
    std::printf("%d\n", good.value());
    if (!bad) std::puts(describe_exception(bad.exception()).c_str());
}
// [collect]

// [no_token]
task<> do_something() {
    for (int step = 1;; ++step) {
        co_await sleep(10ms);  // cancellation comes here, and no token is passed
        std::printf("step %d\n", step);
    }
}

task<> for_a_while() {
    task_handle<> working = create_task(do_something());
    co_await sleep(25ms);
    working.cancel();
    try {
        co_await working;
    } catch (const cancelled_error&) {
        std::puts("cancelled");
    }
}
// [no_token]

// [pool]
int doubled(int x) { return x + x; }  // on a thread

task<> on_threads() {
    std::vector<task<int>> calls;
    for (int i = 1; i <= 3; ++i) calls.push_back(to_thread(doubled, i));
    std::vector<int> results = co_await gather(std::move(calls));
    for (int result : results) std::printf("%d ", result);
    std::puts("from threads");
}
// [pool]

// [nursery]
task<> hello(const char* who) {
    co_await sleep(10ms);
    std::printf("hello, %s\n", who);
}

task<> greet_all() {
    co_await with(task_group(), [](task_group& group) -> task<> {
        for (const char* who : {"one", "two"}) group.create_task(hello(who));
        co_return;  // leaving joins; throwing cancels, and then joins
    });
}
// [nursery]

task<> program() {
    co_await through_a_channel();
    co_await with_partial_failure();
    co_await for_a_while();
    co_await on_threads();
    co_await greet_all();
}

int main() {
    walk();
    run(program(), {.virtual_time = true});
    run(serve());
}
