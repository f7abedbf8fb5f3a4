// Synchronisation and queues: items 65 to 70 of the fine print.

#include "cases.hpp"

namespace cases {

namespace {

template <class Lock>
task<> take_in_turn(text label, Lock& lock) {
    auto worker = [&](int number) -> task<> {
        for (int i = 0; i < 2; ++i) {
            auto guard = co_await lock.lock();
            say(label, number);
            co_await sleep(1ms);
        }
    };
    co_await gather(worker(1), worker(2), worker(3));
}

CASE(fairness, "65 a lock and a semaphore are fair") {
    mutex m;
    co_await take_in_turn("lock", m);
    semaphore s(1);
    co_await take_in_turn("semaphore", s);
}

CASE(misuse, "66 released too often, and waiting without the lock") {
    mutex m;
    say(error_of([&] { m.unlock(); }));
    condition c;
    const auto error = co_await error_in(c.wait());
    say(error);
    say(error_of([&] { c.notify(); }), error_of([&] { c.notify_all(); }));
    bounded_semaphore s(1);
    say(error_of([&] { s.release(); }));
    say(error_of([] { semaphore negative(-1); }), error_of([] { barrier none(0); }));
}

CASE(event_set_and_cleared, "67 an event set and then cleared wakes all who wait") {
    event e;
    auto waits = [&](int number) -> task<> {
        co_await e.wait();
        say(number, e.is_set());
    };
    std::vector<task_handle<>> tasks;
    for (int n = 0; n < 3; ++n) tasks.push_back(create_task(waits(n)));
    co_await sleep(1ms);
    e.set();
    e.clear();
    co_await gather(tasks);
}

CASE(cancelled_condition, "67 a condition takes the lock again even when cancelled") {
    condition c;
    auto waits = [&]() -> task<> {
        auto guard = co_await c.lock();
        try {
            co_await c.wait();
        } catch (const cancelled_error&) {
            say("cancelled", c.locked());
            throw;
        }
    };
    auto t = create_task(waits());
    co_await sleep(1ms);
    {
        auto guard = co_await c.lock();
        t.cancel();
        co_await sleep(3ms);
        t.cancel();
        co_await sleep(1ms);
        say(t.done());
    }
    const auto error = co_await error_in(t);
    say(error, c.locked());
}

CASE(predicate, "67 a condition with a predicate") {
    condition c;
    std::vector<int> items;
    auto waits = [&](std::size_t number) -> task<> {
        auto guard = co_await c.lock();
        auto enough = [&] { return items.size() >= number; };
        const bool result = co_await c.wait_for(std::move(enough));
        say(number, result);
    };
    std::vector<task_handle<>> tasks;
    for (std::size_t n = 3; n-- > 0;) tasks.push_back(create_task(waits(n)));
    for (int i = 0; i < 2; ++i) {
        co_await sleep(1ms);
        auto guard = co_await c.lock();
        items.push_back(1);
        c.notify_all();
    }
    co_await gather(tasks);
}

CASE(barriers, "68 a barrier") {
    barrier b(2);
    auto comes = [&](text label) -> task<> {
        try {
            const std::size_t index = co_await b.wait();
            say(label, index);
        } catch (const broken_barrier_error&) {
            say(label, std::current_exception());
        }
    };
    std::vector<task_handle<>> tasks;
    for (const char* label : {"a", "b", "c", "d"}) tasks.push_back(create_task(comes(label)));
    co_await gather(tasks);
    auto one = create_task(comes("reset"));
    co_await sleep(1ms);
    say(b.n_waiting());
    co_await b.reset();
    co_await one;
    auto two = create_task(comes("aborted"));
    co_await sleep(1ms);
    co_await b.abort();
    co_await two;
    co_await comes("late");
    say(b.broken(), b.n_waiting());
    co_await b.reset();
    auto gone = create_task(comes("gone"));
    co_await sleep(1ms);
    gone.cancel();
    const auto error = co_await error_in(gone);
    say(error, b.n_waiting());
    co_await gather(comes("x"), comes("y"));
}

task<> gets(queue<int>& q, text label) {
    try {
        const int item = co_await q.get();
        say(label, item);
    } catch (const queue_shutdown&) {
        say(label, std::current_exception());
    }
}

task<> puts(queue<int>& q, int item) {
    try {
        co_await q.put(item);
        say("put", item);
    } catch (const queue_shutdown&) {
        say("put", std::current_exception());
    }
}

task<> shut_down_at_once() {
    queue<int> full;
    for (int i = 0; i < 3; ++i) full.put_nowait(i);
    full.get_nowait();
    auto joins = [&]() -> task<> {
        co_await full.join();
        say("joined");
    };
    auto joiner = create_task(joins());
    co_await sleep(1ms);
    full.shutdown(true);
    say(full.qsize(), joiner.done());
    full.task_done();
    co_await joiner;
}

CASE(shut_down, "69 a queue that is shut down") {
    queue<int> q(1);
    q.put_nowait(1);
    auto waits = create_task(puts(q, 2));
    co_await sleep(1ms);
    q.shutdown();
    say(error_of([&] { q.put_nowait(3); }));
    co_await waits;
    co_await gets(q, "drains");
    co_await gets(q, "nothing left");
    say(error_of([&] { q.get_nowait(); }));

    queue<int> empty;
    auto getter = create_task(gets(empty, "waits"));
    co_await sleep(1ms);
    empty.shutdown();
    co_await getter;
    co_await shut_down_at_once();
}

template <class Queue>
void say_order() {
    Queue ordered;
    for (int item : {2, 3, 1}) ordered.put_nowait(item);
    const int first = ordered.get_nowait();
    const int second = ordered.get_nowait();
    say(first, second, ordered.get_nowait());
}

CASE(queues, "70 queues: order, limits, task_done") {
    queue<int> q(2);
    say(error_of([&] { q.task_done(); }));
    say(error_of([&] { q.get_nowait(); }));
    q.put_nowait(1);
    q.put_nowait(2);
    say(error_of([&] { q.put_nowait(3); }), q.full());
    auto waits = create_task(puts(q, 3));
    co_await sleep(1ms);
    co_await gets(q, "one");
    co_await waits;
    co_await gets(q, "two");
    co_await gets(q, "three");
    say_order<lifo_queue<int>>();
    say_order<priority_queue<int>>();
    auto first = create_task(gets(q, "first"));
    auto second = create_task(gets(q, "second"));
    co_await sleep(1ms);
    q.put_nowait(7);
    q.put_nowait(8);
    say("before them", q.get_nowait());
    q.put_nowait(9);
    co_await gather(first, second);
}

}  // namespace

}  // namespace cases
