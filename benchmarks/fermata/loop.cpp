// fermata's tasks and loop. One loop for all repetitions, on the real clock; on virtual time where instructions are counted.

#include "../support/deadlines.hpp"
#include "../support/measured.hpp"

#include <fermata/async.hpp>

#include <chrono>
#include <cstddef>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using measured::require;

long in_the_loop(long n, task<long> (*program)(long)) {
    static runner loop({.virtual_time = measured::counting()});
    return loop.run(program(n));
}

// Not inline: what is measured is a coroutine whose frame is made and freed.
[[gnu::noinline]] task<int> one() { co_return 1; }

task<long> await_child(long n) {
    long sum = 0;
    for (long i = 0; i < n; ++i) {
        const int got = co_await one();
        sum += got;
    }
    require(sum == n, "each child gives 1");
    co_return n;
}

task<long> await_done(long n) {
    const auto done = create_future<int>();
    done.set_result(1);
    long sum = 0;
    for (long i = 0; i < n; ++i) {
        const int got = co_await done;
        sum += got;
    }
    require(sum == n, "the future gives 1");
    co_return n;
}

task<long> gives_way(long turns) {
    for (long i = 0; i < turns; ++i) co_await sleep(0s);
    co_return turns;
}

// N tasks take turns.
task<long> turn(long n) {
    const long turns = measured::turns_of(n);
    std::vector<task_handle<long>> all;
    all.reserve(static_cast<std::size_t>(n));
    for (long i = 0; i < n; ++i) all.push_back(create_task(gives_way(turns)));
    long taken = 0;
    for (const auto& each : all) {
        const long got = co_await each;
        taken += got;
    }
    require(taken == n * turns, "each has had its turns");
    co_return taken;
}

// A hundred tasks take turns, while N sleep.
task<> naps_for_an_hour() { co_await sleep(1h); }
task<long> fall_asleep(long n) {
    for (long i = 0; i < n; ++i) create_task(naps_for_an_hour());
    co_await sleep(0s);
    co_return n;
}
void put_to_sleep(long n) { in_the_loop(n, fall_asleep); }
task<long> turn_beside_timers(long) { return turn(100); }

task<> produces(queue<int>& items, long n) {
    for (long i = 0; i < n; ++i) co_await items.put(static_cast<int>(i));
}

task<long> through_a_queue(long n, int room) {
    queue<int> items(room);
    const auto producing = create_task(produces(items, n));
    long sum = 0;
    for (long i = 0; i < n; ++i) {
        const int got = co_await items.get();
        sum += got;
    }
    co_await producing;
    require(sum == n * (n - 1) / 2, "the sum of the items");
    co_return n;
}
task<long> queue_of_16(long n) { return through_a_queue(n, 16); }
task<long> queue_of_1(long n) { return through_a_queue(n, 1); }

task<long> item(long n) {
    queue<int> items;
    long sum = 0;
    for (long i = 0; i < n; ++i) {
        co_await items.put(1);
        const int got = co_await items.get();
        sum += got;
    }
    require(sum == n, "what is put is got");
    co_return n;
}

task<long> lock(long n) {
    mutex m;
    long taken = 0;
    for (long i = 0; i < n; ++i) {
        const auto guard = co_await m.lock();
        taken += m.locked() ? 1 : 0;
    }
    require(taken == n, "it is locked each time");
    co_return n;
}

[[gnu::noinline]] task<> counts_down(long& left) {
    --left;
    co_return;
}

// All are alive before the first runs.
task<long> spawn(long n) {
    long left = n;
    std::vector<task_handle<>> all;
    all.reserve(static_cast<std::size_t>(n));
    for (long i = 0; i < n; ++i) all.push_back(create_task(counts_down(left)));
    for (const auto& each : all) co_await each;
    require(left == 0, "all have run");
    co_return n;
}

task<long> spawn_one(long n) {
    long left = n;
    for (long i = 0; i < n; ++i) co_await create_task(counts_down(left));
    require(left == 0, "all have run");
    co_return n;
}

task<long> chained(long depth) {
    if (depth == 0) {
        co_await sleep(0s);
        co_return 0;
    }
    const long below = co_await chained(depth - 1);
    co_return below + 1;
}

task<long> chain(long n) {
    const long levels = co_await chained(n);
    require(levels == n, "each level adds 1");
    co_return n;
}

task<> naps(std::chrono::nanoseconds delay, long& left) {
    co_await sleep(delay);
    --left;
}

task<long> sleeps(long n) {
    long left = n;
    std::vector<task_handle<>> all;
    all.reserve(static_cast<std::size_t>(n));
    for (long i = 0; i < n; ++i)
        all.push_back(create_task(naps(std::chrono::nanoseconds(measured::delay_of(i, n)), left)));
    for (const auto& each : all) co_await each;
    require(left == 0, "all have woken");
    co_return n;
}

// One after another.
task<long> timer(long n) {
    for (long i = 0; i < n; ++i) co_await sleep(1us);
    co_return n;
}

task<long> cancel(long n) {
    std::vector<task_handle<>> all;
    all.reserve(static_cast<std::size_t>(n));
    for (long i = 0; i < n; ++i) all.push_back(create_task(naps_for_an_hour()));
    co_await sleep(0s);
    for (auto& each : all) each.cancel();
    co_await wait(all);
    for (const auto& each : all) require(each.cancelled(), "each is cancelled");
    co_return n;
}

template <task<long> (*Program)(long)>
long looped(long n) {
    return in_the_loop(n, Program);
}

}  // namespace

int main(int argc, char** argv) {
    measured::main_of(argc, argv,
                      {
                          {"await_child", looped<await_child>},
                          {"await_done", looped<await_done>},
                          {"turn", looped<turn>},
                          {"turn_beside_timers", looped<turn_beside_timers>, put_to_sleep},
                          {"queue", looped<queue_of_16>},
                          {"queue_of_1", looped<queue_of_1>},
                          {"item", looped<item>},
                          {"lock", looped<lock>},
                          {"spawn", looped<spawn>},
                          {"spawn_one", looped<spawn_one>},
                          {"chain", looped<chain>},
                          {"sleep", looped<sleeps>},
                          {"timer", looped<timer>},
                          {"cancel", looped<cancel>},
                      });
}
