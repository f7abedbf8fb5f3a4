// What scripts/bench-check counts the instructions of: `counted_tasks WHAT N` does N units of WHAT, on virtual time.

#include <fermata/async.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

// Not inline: what is measured is a coroutine whose frame is made and freed.
[[gnu::noinline]] task<int> one() { co_return 1; }

task<long> await_child(int n) {
    long sum = 0;
    for (int i = 0; i < n; ++i) {
        const int got = co_await one();
        sum += got;
    }
    co_return sum;
}

task<long> await_done(int n) {
    const auto done = create_future<int>();
    done.set_result(1);
    long sum = 0;
    for (int i = 0; i < n; ++i) {
        const int got = co_await done;
        sum += got;
    }
    co_return sum;
}

task<long> spawn(int n) {
    long sum = 0;
    for (int i = 0; i < n; ++i) {
        const int got = co_await create_task(one());
        sum += got;
    }
    co_return sum;
}

task<long> turn(int n) {
    for (int i = 0; i < n; ++i) co_await sleep(0s);
    co_return n;
}

task<long> timer(int n) {
    for (int i = 0; i < n; ++i) co_await sleep(1s);
    co_return n;
}

task<long> lock(int n) {
    mutex m;
    long taken = 0;
    for (int i = 0; i < n; ++i) {
        const auto guard = co_await m.lock();
        taken += m.locked() ? 1 : 0;
    }
    co_return taken;
}

task<long> item(int n) {
    queue<int> items;
    long sum = 0;
    for (int i = 0; i < n; ++i) {
        co_await items.put(1);
        const int got = co_await items.get();
        sum += got;
    }
    co_return sum;
}

task<> produces(queue<int>& items, int n) {
    for (int i = 0; i < n; ++i) co_await items.put(1);
}
task<long> item_and_switch(int n) {
    queue<int> items(1);
    auto producing = create_task(produces(items, n));
    long sum = 0;
    for (int i = 0; i < n; ++i) {
        const int got = co_await items.get();
        sum += got;
    }
    co_await producing;
    co_return sum;
}

struct unit {
    std::string_view name;
    task<long> (*run)(int n);
};
constexpr unit units[] = {
    {"await_child", await_child},
    {"await_done", await_done},
    {"spawn", spawn},
    {"turn", turn},
    {"timer", timer},
    {"lock", lock},
    {"item", item},
    {"item_and_switch", item_and_switch},
};

}  // namespace

int main(int argc, char** argv) {
    if (argc == 3) {
        for (const unit& each : units) {
            if (each.name != argv[1]) continue;
            std::printf("%ld\n", run(each.run(std::atoi(argv[2])), {.virtual_time = true}));
            return 0;
        }
    }
    std::fputs("usage: counted_tasks WHAT N, where WHAT is one of", stderr);
    for (const unit& each : units) std::fprintf(stderr, " %s", std::string(each.name).c_str());
    std::fputs("\n", stderr);
    return 2;
}
