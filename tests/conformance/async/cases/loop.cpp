// The loop, futures and coroutines: items 24 to 43 of the fine print.

#include "cases.hpp"

namespace cases {

namespace {

CASE(awaited_once, "24 a coroutine is awaited once") {
    auto c = value(1);
    const int given = co_await std::move(c);
    say(given);
    std::exception_ptr error;
    try {
        co_await std::move(c);
    } catch (...) {
        error = std::current_exception();
    }
    say(error);
}

CASE(stop_iteration_in_a_coroutine, "25 StopIteration does not leave a coroutine") {
    auto stops = []() -> task<> {
        co_await value(1);
        throw stop_iteration();
    };
    const auto error = co_await error_in(stops());
    try {
        std::rethrow_exception(error);
    } catch (const runtime_error& e) {
        say(error, "from", error_of([&] { std::rethrow_if_nested(e); }));
    }
}

CASE(call_soon_order, "31 call_soon is first in, first out, batch by batch") {
    event_loop& loop = current_loop();
    callback_handle later;
    loop.call_soon([&] {
        say("first");
        loop.call_soon([] { say("added meanwhile"); });
        later.cancel();
    });
    later = loop.call_soon([] { say("never"); });
    loop.call_soon([] { say("third"); });
    co_await sleep(0ms);
    say("a turn later");
    co_await sleep(0ms);
    say("and another");
}

CASE(call_later_of_zero, "32 call_later of zero runs behind what is ready") {
    event_loop& loop = current_loop();
    loop.call_later(0ms, [] { say("timer"); });
    loop.call_later(-5ms, [] { say("negative timer"); });
    loop.call_soon([] { say("soon"); });
    co_await sleep(0ms);
    say("a turn later");
    co_await sleep(0ms);
    say("and another");
}

CASE(equal_deadlines, "33 equal deadlines fire in the order of creation") {
    event_loop& loop = current_loop();
    for (int i = 0; i < 6; ++i) loop.call_later(5ms, [i] { say(i); });
    loop.call_at(5ms, [] { say(6); });
    loop.call_later(4ms, [] { say("before"); });
    co_await sleep(5ms);
    say("slept");
}

task<> sleeping_for(std::chrono::milliseconds delay) { co_await sleep(delay); }

CASE(what_yields, "34 sleep of zero or less yields one turn, and what is there yields none") {
    const int zero = co_await turns(sleeping_for(0ms));
    const int negative = co_await turns(sleeping_for(-1ms));
    say(zero, negative);
    auto done = create_future<int>();
    done.set_result(1);
    const int of_future = co_await turns(done);
    say("future", of_future);
    mutex lock;
    queue<int> items;
    items.put_nowait(1);
    auto acquire = [&]() -> task<> { co_await lock.acquire(); };
    auto get = [&]() -> task<> { co_await items.get(); };
    const int of_lock = co_await turns(acquire());
    const int of_queue = co_await turns(get());
    const int of_coroutine = co_await turns(value(1));
    say("lock", of_lock, "queue", of_queue, "coroutine", of_coroutine);
}

CASE(turns_of_each, "35 how many turns each takes") {
    const int of_task = co_await turns(create_task(value(1)));
    say("task", of_task);
    const int of_gather = co_await turns(gather(value(1), value(2)));
    say("gather", of_gather);
    std::vector<task_handle<int>> tasks;
    tasks.push_back(create_task(value(1)));
    const int of_wait = co_await turns(wait(tasks));
    say("wait", of_wait);
    const int of_shield = co_await turns(shield(value(1)));
    say("shield", of_shield);
    const int of_wait_for = co_await turns(wait_for(value(1), 5ms));
    say("wait_for", of_wait_for);
    auto body = [](task_group& g) -> task<> {
        g.create_task(value(1));
        co_return;
    };
    const int of_group = co_await turns(with(task_group{}, body));
    say("group", of_group);
}

CASE(wrong_states, "36 futures in the wrong state") {
    auto f = create_future<int>();
    say(error_of([&] { f.result(); }), error_of([&] { f.exception(); }));
    f.set_result(1);
    say(error_of([&] { f.set_result(2); }), error_of([&] { f.set_exception(value_error("e")); }), f.cancel());
    auto c = create_future<int>();
    const bool first = c.cancel();
    say(first, c.cancel(), error_of([&] { c.result(); }), error_of([&] { c.exception(); }),
        error_of([&] { c.set_result(1); }));
    auto s = create_future<int>();
    say(error_of([&] { s.set_exception(stop_iteration()); }));
    say(s.exception());
    co_return;
}

CASE(done_callbacks, "37 done callbacks come through call_soon, in order") {
    auto f = create_future<int>();
    f.add_done_callback([] { say("one"); });
    auto removed = f.add_done_callback([] { say("removed"); });
    f.add_done_callback([] { say("two"); });
    removed.cancel();
    f.set_result(1);
    f.add_done_callback([] { say("three"); });
    say("set");
    co_await f;
    say("awaited, which takes no turn");
    co_await sleep(0ms);
    say("a turn later");
}

CASE(never_retrieved, "38 an exception that nobody asks for is reported") {
    {
        auto f = create_future<int>();
        f.set_exception(value_error("of a future"));
    }
    {
        auto t = create_task(failing("of a task"));
        co_await sleep(1ms);
    }
    {
        auto seen = create_task(failing("seen"));
        co_await sleep(1ms);
        say(seen.exception());
    }
    {
        auto cancelled = create_task(failing("known to whoever cancels it"));
        co_await sleep(1ms);
        say(cancelled.cancel());
    }
    current_loop().call_soon([] { throw value_error("of a callback"); });
    co_await sleep(0ms);
}

CASE(runs_once, "39 a loop that runs does not run again") {
    event_loop& loop = current_loop();
    say(error_of([&] { loop.run_forever(); }));
    say(error_of([&] { loop.close(); }));
    co_return;
}

CASE(awaits_itself, "43 a task cannot await itself") {
    std::vector<task_handle<>> tasks;
    auto body = [&]() -> task<> { co_await tasks[0]; };
    tasks.push_back(create_task(body()));
    const auto error = co_await error_in(tasks[0]);
    const text all = name(error);
    say(all.substr(14, all.find(':', 14) - 14));
}

}  // namespace

}  // namespace cases
