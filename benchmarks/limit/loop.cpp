// What tasks and a loop could cost at least: bare promises with pooled frames, callbacks in an intrusive list, a heap.

#include "../support/deadlines.hpp"
#include "../support/measured.hpp"
#include "bare_task.hpp"
#include "bodies.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <vector>

namespace {

using measured::require;
using measured::seen;

[[gnu::noinline]] bare::task one() { co_return 1; }

bare::spawned awaits_children(long n, long& sum) {
    for (long i = 0; i < n; ++i) sum += co_await one();
}

long await_child(long n) {
    long sum = 0;
    awaits_children(n, sum).promise->run();
    require(sum == n, "each child gives 1");
    return n;
}

struct turning final : bare::callback {
    turning(bare::fifo& in, long turns) : ready(in), left(turns) {}
    bare::fifo& ready;
    long left;
    void run() override {
        if (--left > 0) ready.push(*this);
    }
};

// N of them take turns.
long turn(long n) {
    const long turns = measured::turns_of(n);
    bare::fifo ready;
    std::vector<turning*> all;
    for (long i = 0; i < n; ++i) ready.push(*all.emplace_back(new turning(ready, turns)));
    ready.run();
    for (const turning* each : all) {
        require(each->left == 0, "each has had its turns");
        delete each;
    }
    return n * turns;
}

// The producer goes on until the ring is full, the consumer until it is empty, and each then wakes the other.
struct ring {
    static constexpr unsigned room = 16;
    std::array<int, room> items{};
    unsigned first = 0;
    unsigned size = 0;
    bool put(int item) {
        if (size == room) return false;
        items[(first + size++) % room] = item;
        return true;
    }
    bool get(int& item) {
        if (size == 0) return false;
        item = items[first];
        first = (first + 1) % room;
        --size;
        return true;
    }
};

struct producer final : bare::callback {
    producer(bare::fifo& in, ring& to, long count) : ready(in), items(to), end(count) {}
    bare::fifo& ready;
    ring& items;
    bare::callback* consumer = nullptr;
    long end;
    long sent = 0;
    void run() override {
        while (sent < end && items.put(seen(static_cast<int>(sent)))) ++sent;
        ready.push(*consumer);
    }
};

struct consumer final : bare::callback {
    consumer(bare::fifo& in, ring& from, long count) : ready(in), items(from), end(count) {}
    bare::fifo& ready;
    ring& items;
    bare::callback* producer = nullptr;
    long end;
    long got = 0;
    long sum = 0;
    void run() override {
        for (int item = 0; items.get(item); ++got) sum += item;
        if (got < end) ready.push(*producer);
    }
};

long queue(long n) {
    bare::fifo ready;
    ring items;
    producer puts(ready, items, n);
    consumer gets(ready, items, n);
    puts.consumer = &gets;
    gets.producer = &puts;
    ready.push(puts);
    ready.run();
    require(gets.sum == n * (n - 1) / 2, "the sum of the items");
    return n;
}

// All are alive before the first runs.
[[gnu::noinline]] bare::spawned counts_down(long& left) {
    --left;
    co_return;
}

long spawn(long n) {
    bare::fifo ready;
    long left = n;
    for (long i = 0; i < n; ++i) ready.push(*counts_down(left).promise);
    ready.run();
    require(left == 0, "all have run");
    return n;
}

bare::task chained(bare::fifo& ready, long depth) {
    if (depth == 0) {
        co_await bare::turn(ready);
        co_return 0;
    }
    const long below = co_await chained(ready, depth - 1);
    co_return below + 1;
}

bare::spawned awaits_chain(bare::fifo& ready, long depth, long& levels) { levels = co_await chained(ready, depth); }

long chain(long n) {
    bare::fifo ready;
    long levels = 0;
    ready.push(*awaits_chain(ready, n, levels).promise);
    ready.run();
    require(levels == n, "each level adds 1");
    return n;
}

// What a sleep must do at least: into the heap by its deadline, out of it when that has come.
struct timer {
    std::int64_t deadline;
    bare::callback* callback;
};
bool later(const timer& a, const timer& b) { return a.deadline > b.deadline; }

std::int64_t now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

void sleep_until(std::int64_t when) {
    const timespec time{.tv_sec = when / 1'000'000'000, .tv_nsec = when % 1'000'000'000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
}

struct counting_down final : bare::callback {
    explicit counting_down(long& of) : left(of) {}
    long& left;
    void run() override { --left; }
};

// The program sleeps to the next deadline, rounded up to a multiple of the granularity.
long sleeps(long n, std::int64_t granularity) {
    long left = n;
    std::vector<timer> heap;
    const std::int64_t start = now();
    for (long i = 0; i < n; ++i) {
        heap.push_back({.deadline = start + measured::delay_of(i, n), .callback = new counting_down(left)});
        std::push_heap(heap.begin(), heap.end(), later);
    }
    while (!heap.empty()) {
        sleep_until((heap.front().deadline + granularity - 1) / granularity * granularity);
        const std::int64_t time = now();
        while (!heap.empty() && heap.front().deadline <= time) {
            std::pop_heap(heap.begin(), heap.end(), later);
            auto* due = static_cast<counting_down*>(heap.back().callback);
            heap.pop_back();
            due->run();
            delete due;
        }
    }
    require(left == 0, "all have woken");
    return n;
}

long sleep_each(long n) { return sleeps(n, 1); }
long sleep_coalesced(long n) { return sleeps(n, 1'000'000); }

// Cancelling is an exception in each.
long cancel(long n) {
    long caught = 0;
    for (long i = 0; i < n; ++i) {
        try {
            caught -= bodies::accept(-1);
        } catch (const bodies::value_refused&) {
            ++caught;
        }
    }
    require(caught == n, "each is caught");
    return n;
}

}  // namespace

int main(int argc, char** argv) {
    measured::main_of(argc, argv,
                      {
                          {"await_child", await_child},
                          {"turn", turn},
                          {"queue", queue},
                          {"spawn", spawn},
                          {"chain", chain},
                          {"sleep", sleep_each},
                          {"sleep_coalesced", sleep_coalesced},
                          {"cancel", cancel},
                      });
}
