// shield, gather, wait, as_completed: items 61 to 63 of the fine print.

#include "cases.hpp"

namespace cases {

namespace {

task<> outer_cancelled() {
    auto inner = create_task(sleeper("inner", 3ms));
    auto outer = shield(inner);
    co_await sleep(1ms);
    const bool cancelled = outer.cancel();
    say(cancelled, inner.cancelling());
    const auto of_outer = co_await error_in(outer);
    say(of_outer);
    const auto of_inner = co_await error_in(inner);
    say(of_inner, inner.cancelled());
}

task<> inner_cancelled() {
    auto inner = create_task(sleeper("inner", 3ms));
    auto outer = shield(inner);
    co_await sleep(1ms);
    inner.cancel();
    const auto error = co_await error_in(outer);
    say(error, outer.cancelled());
}

CASE(shields, "61 shield") {
    co_await outer_cancelled();
    co_await inner_cancelled();
    {
        auto fails = create_task(failing("after the outer has gone", 2ms));
        auto outer = shield(fails);
        co_await sleep(1ms);
        outer.cancel();
        co_await sleep(2ms);
        say(outer.cancelled(), fails.done());
    }
    say("reported before");
}

text shown_outcome(const outcome<int>& of) {
    auto copy = of;
    return of.exception() ? name(of.exception()) : std::to_string(copy.value());
}

task<> results_and_errors() {
    auto all = co_await gather(value(1, 3ms), value(2, 1ms), value(3));
    say(std::get<0>(all), std::get<1>(all), std::get<2>(all));
    auto other = create_task(sleeper("goes on", 4ms));
    const auto first = co_await error_in(gather(failing("first", 2ms), failing("second", 1ms), other));
    say(first);
    co_await other;
    auto kept = co_await gather(return_exceptions, failing("kept", 1ms), value(4));
    say(shown_outcome(std::get<0>(kept)), shown_outcome(std::get<1>(kept)));
    std::vector<task<int>> nothing;
    auto none = co_await gather(std::move(nothing));
    say(none.size());
}

task<> cancelled_gather() {
    auto gathered = gather(stubborn("one", 9ms, 1ms), stubborn("two", 9ms, 2ms));
    co_await sleep(1ms);
    say(gathered.cancel());
    const auto error = co_await error_in(gathered);
    say(error, gathered.cancelled(), gathered.cancel());
}

task<int> sleeper_with_value(text label, std::chrono::milliseconds delay) {
    co_await sleeper(label, delay);
    co_return 0;
}

task<> ends_cancelled() {
    auto child = create_task(sleeper_with_value("child", 5ms));
    auto gathered = gather(child, value(1));
    co_await sleep(1ms);
    child.cancel();
    const auto error = co_await error_in(gathered);
    say(error, gathered.cancelled());

    auto another = create_task(sleeper_with_value("child", 5ms));
    auto keeping = gather(return_exceptions, another, value(1));
    co_await sleep(1ms);
    another.cancel();
    auto kept = co_await keeping;
    say(shown_outcome(std::get<0>(kept)), shown_outcome(std::get<1>(kept)));
}

CASE(gathers, "62 gather") {
    co_await results_and_errors();
    co_await cancelled_gather();
    co_await ends_cancelled();
    auto same = create_task(value(8, 1ms));
    auto both = co_await gather(same, same);
    say(std::get<0>(both), std::get<1>(both));
}

std::vector<task_handle<int>> make_three() {
    std::vector<task_handle<int>> made;
    made.push_back(create_task(value(1, 3ms)));
    made.push_back(create_task(failing("two", 2ms)));
    made.push_back(create_task(value(3, 1ms)));
    return made;
}

task<> waited(text label, wait_options how) {
    auto tasks = make_three();
    auto ended = co_await wait(tasks, how);
    say(label, ended.done.size(), ended.pending.size());
    for (auto& each : tasks) {
        if (!each.done()) {
            co_await error_in(each);
        } else if (!each.cancelled()) {
            each.exception();
        }
    }
}

CASE(waits_for_several, "63 wait") {
    wait_options how;
    how.return_when = return_when::first_completed;
    co_await waited("first completed", how);
    how.return_when = return_when::first_exception;
    co_await waited("first exception", how);
    how.return_when = return_when::all_completed;
    co_await waited("all", how);
    how.timeout = 2ms;
    co_await waited("timeout", how);
    how.timeout = 0ms;
    co_await waited("timeout of zero", how);
    std::vector<task_handle<>> tasks;
    const auto empty_set = co_await error_in(wait(tasks));
    say(empty_set);

    tasks.push_back(create_task(sleeper("not cancelled", 3ms)));
    auto waits = create_task(wait(tasks));
    co_await sleep(1ms);
    waits.cancel();
    const auto cancelled = co_await error_in(waits);
    say(cancelled, tasks[0].cancelling());
    auto left = tasks[0];
    co_await left;
}

CASE(in_the_order_of_completion, "63 as_completed") {
    auto tasks = make_three();
    auto completions = as_completed(tasks);
    for (auto& each : completions) {
        try {
            const int given = co_await each;
            say(given);
        } catch (const value_error&) {
            say(std::current_exception());
        }
    }
    std::vector<task_handle<>> slow;
    slow.push_back(create_task(sleeper("slow", 5ms)));
    slow.push_back(create_task(sleeper("quick", 1ms)));
    auto limited = as_completed(slow, 3ms);
    for (auto& each : limited) {
        std::exception_ptr error;
        try {
            co_await each;
        } catch (...) {
            error = std::current_exception();
        }
        say(error);
    }
    auto left = slow[0];
    co_await left;
}

}  // namespace

}  // namespace cases
