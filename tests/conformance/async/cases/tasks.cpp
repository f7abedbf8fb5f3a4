// Tasks and cancellation: items 44 to 51 of the fine print.

#include "cases.hpp"

#include <functional>

namespace cases {

namespace {

CASE(cancelled_before_its_start, "44 cancelled before its start, a task never runs") {
    auto t = create_task(sleeper("t", 1ms));
    const bool cancelled = t.cancel();
    say(cancelled, t.cancelling(), t.done());
    const auto error = co_await error_in(t);
    say(error, t.cancelled());
}

CASE(two_requests, "45 two requests before a resume are one CancelledError") {
    auto body = []() -> task<> {
        for (int i = 0; i < 2; ++i) {
            try {
                co_await sleep(5ms);
                say("slept");
            } catch (const cancelled_error&) {
                say("cancelled", current_task().cancelling());
            }
        }
    };
    auto t = create_task(body());
    co_await sleep(1ms);
    const bool once = t.cancel();
    const bool twice = t.cancel();
    say(once, twice, t.cancelling());
    const auto error = co_await error_in(t);
    say(error, t.cancelled(), t.cancel());
}

CASE(outer_and_inner, "46 cancelling an outer task cancels what it awaits") {
    auto inner = create_task(stubborn("inner", 10ms, 2ms));
    auto body = [&]() -> task<> {
        const int given = co_await inner;
        say("inner gave", given);
    };
    auto outer = create_task(body());
    co_await sleep(1ms);
    const bool cancelled = outer.cancel();
    say(cancelled, inner.cancelling());
    const auto error = co_await error_in(outer);
    say(error, outer.cancelled());
}

task<> result_and_cancel() {
    auto f = create_future<int>();
    auto waits = [&]() -> task<> { co_await f; };
    auto t = create_task(waits());
    co_await sleep(1ms);
    f.set_result(1);
    say(t.cancel());
    const auto error = co_await error_in(t);
    say(error);
}

// Cancels the first of two who wait, right after something has woken it.
template <class Make, class Wake>
task<> wake_and_cancel(Make make, Wake wake) {
    auto one = create_task(make("one"));
    auto two = create_task(make("two"));
    co_await sleep(1ms);
    co_await wake(one);
    const auto first = co_await error_in(one);
    say(first);
    const auto second = co_await error_in(two);
    say(second);
}

CASE(woken_and_cancelled, "47 result set and then cancelled in the same turn: cancelled") {
    co_await result_and_cancel();

    queue<int> q;
    auto gets = [&](text label) -> task<> {
        const int item = co_await q.get();
        say(label, "got", item);
    };
    auto one = create_task(gets("one"));
    auto two = create_task(gets("two"));
    co_await sleep(1ms);
    q.put_nowait(1);
    one.cancel();
    const auto first = co_await error_in(one);
    say(first);
    const auto second = co_await error_in(two);
    say(second, q.qsize());

    semaphore s(0);
    auto acquires = [&](text label) -> task<> {
        co_await s.acquire();
        say(label, "acquired");
    };
    auto release = [&](task_handle<> waiting) -> task<> {
        s.release();
        waiting.cancel();
        co_return;
    };
    co_await wake_and_cancel(std::ref(acquires), std::ref(release));

    condition c;
    auto waits = [&](text label) -> task<> {
        auto guard = co_await c.lock();
        co_await c.wait();
        say(label, "notified");
    };
    auto notify = [&](task_handle<> waiting) -> task<> {
        auto guard = co_await c.lock();
        c.notify();
        waiting.cancel();
    };
    co_await wake_and_cancel(std::ref(waits), std::ref(notify));
}

CASE(cancels_itself, "48 a task that cancels itself") {
    auto returns = []() -> task<int> {
        current_task().cancel();
        co_return 1;
    };
    auto raises = []() -> task<int> {
        current_task().cancel();
        co_await value(1);
        throw value_error("raised");
    };
    const auto cancelled = co_await error_in(create_task(returns()));
    say(cancelled);
    const auto raised = co_await error_in(create_task(raises()));
    say(raised);
}

CASE(uncancel_before_delivery, "49 uncancel to zero before the delivery drops it") {
    auto t = create_task(sleeper("t", 1ms));
    const bool once = t.cancel();
    const bool twice = t.cancel();
    const int one = t.uncancel();
    const int zero = t.uncancel();
    const int never_below = t.uncancel();
    say(once, twice, one, zero, never_below, t.cancelling());
    const auto error = co_await error_in(t);
    say(error);

    auto delivered = create_task(sleeper("delivered", 5ms));
    co_await sleep(1ms);
    const bool cancelled = delivered.cancel();
    say(cancelled, delivered.uncancel());
    const auto raised = co_await error_in(delivered);
    say(raised);
}

CASE(eager, "51 an eager task runs to its first suspension within its caller") {
    auto body = [](text label, std::chrono::milliseconds delay) -> task<int> {
        say(label, "starts in", current_task().name());
        if (delay > 0ms) co_await sleep(delay);
        say(label, "ends");
        co_return 3;
    };
    task_options options;
    options.eager_start = true;
    options.name = "first";
    auto one = create_task(body("one", 2ms), options);
    say("made", one.done());
    options.name = "second";
    auto two = create_task(body("two", 0ms), options);
    say("made", two.done(), two.result());
    options.name = "third";
    auto three = create_task(failing("eager"), options);
    say(three.done(), three.exception());
    const int given = co_await one;
    say(given, current_task() != one);
}

}  // namespace

}  // namespace cases
