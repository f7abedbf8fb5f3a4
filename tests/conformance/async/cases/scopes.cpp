// Task groups, exception groups, timeouts: items 52 to 60 of the fine print.

#include "cases.hpp"

#include <functional>

namespace cases {

namespace {

// What a group with this body raises. The bodies are named by those who call: they stay until it is over.
template <class Body>
task<std::exception_ptr> group_error(Body& body) {
    co_return co_await error_in(with(task_group{}, body));
}

task<> ends_with(std::chrono::milliseconds delay, void (*end)()) {
    std::exception_ptr raised;
    try {
        co_await sleep(delay);
    } catch (...) {
        raised = std::current_exception();
    }
    end();
}

CASE(errors_of_a_group, "52 the errors of a group: the children's in the order of failing, then the body's") {
    auto several = [](task_group& group) -> task<> {
        group.create_task(failing("late", 1ms));
        group.create_task(failing("now"));
        group.create_task(sleeper("other", 5ms));
        co_await ends_with(5ms, [] { throw type_error("of the body"); });
    };
    const auto all = co_await group_error(several);
    say(all);

    auto one = [](task_group& group) -> task<> {
        group.create_task(failing("only"));
        co_return;
    };
    const auto only = co_await group_error(one);
    say(only);

    auto body_only = [](task_group& group) -> task<> {
        group.create_task(sleeper("child", 5ms));
        co_await sleep(1ms);
        throw value_error("of the body");
    };
    const auto of_body = co_await group_error(body_only);
    say(of_body);

    auto inner = [&]() -> task<> {
        const auto error = co_await group_error(one);
        say("inner", error);
        throw value_error("outer");
    };
    auto nested = [&](task_group& group) -> task<> {
        group.create_task(inner());
        co_return;
    };
    const auto outer = co_await group_error(nested);
    say(outer);
}

CASE(cancelled_child, "53 a child that is cancelled by itself does not fail the group") {
    auto body = [](task_group& group) -> task<> {
        auto child = group.create_task(sleeper("child", 5ms));
        group.create_task(sleeper("other", 3ms));
        co_await sleep(1ms);
        child.cancel();
    };
    const auto error = co_await group_error(body);
    say(error);
}

task<> sleeping(std::chrono::milliseconds delay) { co_await sleep(delay); }

task<int> cancelled_parent() {
    auto body = [](task_group& group) -> task<> {
        group.create_task(ends_with(5ms, [] { throw value_error("while cancelled"); }));
        co_await sleep(5ms);
    };
    const auto error = co_await group_error(body);
    say(error, current_task().cancelling());
    const auto next = co_await error_in(sleeping(1ms));
    say(next);
    co_return 4;
}

CASE(cancel_taken_back, "54 the group takes its own cancel of its parent back") {
    auto fails = [](task_group& group) -> task<> {
        group.create_task(failing("child", 1ms));
        co_await error_in(sleeping(5ms));
        say("cancelling", current_task().cancelling());
    };
    const auto error = co_await group_error(fails);
    say(error, current_task().cancelling());
    co_await sleep(1ms);
    say("goes on");

    auto t = create_task(cancelled_parent());
    co_await sleep(1ms);
    t.cancel();
    const int given = co_await t;
    say(given);

    auto stubborn_child = [](task_group& group) -> task<> {
        group.create_task(stubborn("stubborn", 9ms, 3ms));
        co_return;
    };
    auto waits = create_task(group_error(stubborn_child));
    co_await sleep(1ms);
    waits.cancel();
    co_await sleep(1ms);
    waits.cancel();
    const auto raised = co_await waits;
    say(raised);
}

CASE(closed_group, "55 a group refuses tasks when it is not open") {
    task_group group;
    say(error_of([&] { group.create_task(value(1)); }));
    auto body = [](task_group& entered) -> task<> {
        entered.create_task(sleeper("child", 2ms));
        say(error_of([] {}));
        say(error_of([&] { entered.aenter(); }));
        co_return;
    };
    co_await with(group, body);
    say(error_of([&] { group.create_task(value(1)); }));

    auto refuses = [](task_group& g) -> task<> {
        std::exception_ptr raised;
        try {
            co_await sleep(5ms);
        } catch (...) {
            raised = std::current_exception();
        }
        say(error_of([&] { g.create_task(value(1)); }));
        std::rethrow_exception(raised);
    };
    auto refused = [&](task_group& g) -> task<> {
        g.create_task(refuses(g));
        g.create_task(failing("fails", 1ms));
        co_return;
    };
    const auto error = co_await group_error(refused);
    say(error);
}

std::exception_ptr pointer(const exception_group& group) { return std::make_exception_ptr(group); }
std::exception_ptr pointer(const std::optional<exception_group>& group) { return group ? pointer(*group) : nullptr; }

CASE(groups_of_exceptions, "56 exception groups") {
    say(error_of([] { exception_group("empty", {}); }));
    std::vector<std::exception_ptr> inner_errors;
    inner_errors.push_back(std::make_exception_ptr(value_error("one")));
    inner_errors.push_back(std::make_exception_ptr(type_error("two")));
    std::vector<std::exception_ptr> outer_errors;
    outer_errors.push_back(pointer(exception_group("inner", inner_errors)));
    outer_errors.push_back(std::make_exception_ptr(demo_error("three")));
    outer_errors.push_back(std::make_exception_ptr(value_error("four")));
    const exception_group outer("outer", outer_errors);
    say(pointer(outer));
    const auto by_class = outer.split<value_error>();
    say(pointer(by_class.match), "/", pointer(by_class.rest));
    say(pointer(outer.subgroup<type_error>()));
    say(!outer.subgroup<runtime_error>());
    const auto whole = outer.split<exception_group>();
    say(pointer(whole.match), !whole.rest);
    const auto by_text = outer.split(
        [](const std::exception_ptr& e) { return name(e) == "ValueError: one" || name(e) == "DemoError: three"; });
    say(pointer(by_text.match), "/", pointer(by_text.rest));
    co_return;
}

template <class Body>
task<std::exception_ptr> timeout_error_of(std::chrono::milliseconds delay, Body& body) {
    co_return co_await error_in(with(timeout(delay), body));
}

template <class Error>
text cause_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const Error& e) {
        return shown(error_of([&] { std::rethrow_if_nested(e); }));
    }
}

auto sleeps_for(std::chrono::milliseconds delay) {
    return [delay](timeout&) -> task<> { co_await sleep(delay); };
}

CASE(own_cancel, "57 a timeout raises TimeoutError only if the cancel was its own") {
    auto sleeps = sleeps_for(5ms);
    const auto error = co_await timeout_error_of(2ms, sleeps);
    say(error, cause_of<timeout_error>(error), current_task().cancelling());

    auto cancelled_too = [](timeout&) -> task<> {
        try {
            co_await sleep(5ms);
        } catch (const cancelled_error&) {
            current_task().cancel();
            throw;
        }
    };
    auto both = [&]() -> task<> {
        const auto raised = co_await timeout_error_of(2ms, cancelled_too);
        say(raised, current_task().cancelling());
        co_await sleep(1ms);
    };
    const auto next = co_await error_in(create_task(both()));
    say(next);
}

task<> at_once_and_after() {
    auto suspends = [](timeout&) -> task<> {
        say("runs");
        co_await sleep(0ms);
        say("never");
    };
    const auto suspended = co_await timeout_error_of(0ms, suspends);
    say(suspended);

    auto does_not_suspend = [](timeout& limit) -> task<> {
        const int given = co_await value(1);
        say(given, limit.expired());
    };
    const auto none = co_await timeout_error_of(0ms, does_not_suspend);
    say(none);
}

task<> swallowed_and_replaced() {
    auto swallows = [](timeout& limit) -> task<> {
        const auto error = co_await error_in(sleeping(5ms));
        say(error, limit.expired());
    };
    const auto swallowed = co_await timeout_error_of(1ms, swallows);
    say(swallowed);

    auto other_error = [](timeout&) -> task<> {
        co_await error_in(sleeping(5ms));
        throw value_error("instead");
    };
    const auto replaced = co_await timeout_error_of(1ms, other_error);
    say(replaced);
}

CASE(timeouts_at_the_edges, "58 timeouts at the edges") {
    co_await at_once_and_after();
    co_await swallowed_and_replaced();

    auto long_sleep = sleeps_for(20ms);
    auto inner = [&](timeout&) -> task<> {
        std::exception_ptr error;
        auto inside = timeout_error_of(9ms, long_sleep);
        error = co_await std::move(inside);
        say("inner", error);
    };
    const auto outer = co_await timeout_error_of(2ms, inner);
    say("outer", outer);

    auto outside = create_task(timeout_error_of(5ms, long_sleep));
    co_await sleep(1ms);
    outside.cancel();
    const auto from_outside = co_await outside;
    say("from outside", from_outside);

    auto rescheduled = [](timeout& limit) -> task<> {
        limit.reschedule(current_loop().time() + 4ms);
        co_await sleep(3ms);
        limit.reschedule(std::nullopt);
        co_await sleep(9ms);
        say("when", !limit.when());
    };
    const auto none = co_await timeout_error_of(1ms, rescheduled);
    say(none);
}

CASE(timeouts_in_the_wrong_state, "59 a timeout in the wrong state") {
    timeout limit(1ms);
    say(error_of([&] { limit.reschedule(5ms); }));
    auto body = [](timeout& entered) -> task<> {
        say(error_of([&] { entered.aenter(); }));
        co_return;
    };
    co_await with(limit, body);
    say(error_of([&] { limit.reschedule(5ms); }), limit.expired());
    say(error_of([&] { limit.aenter(); }));

    timeout kept(1ms);
    auto late = [](timeout& expiring) -> task<> {
        co_await error_in(sleeping(5ms));
        say(error_of([&] { expiring.reschedule(9ms); }));
    };
    const auto error = co_await error_in(with(kept, late));
    say(error);
    say(error_of([&] { kept.reschedule(9ms); }), kept.expired());
}

task<> slow_to_end() {
    std::exception_ptr raised;
    try {
        co_await sleep(9ms);
    } catch (...) {
        raised = std::current_exception();
    }
    co_await sleep(3ms);
    say("cleaned up");
    if (raised) std::rethrow_exception(raised);
}

CASE(waiting_for, "60 wait_for") {
    const auto cleaned_up = co_await error_in(wait_for(slow_to_end(), 2ms));
    say(cleaned_up);
    const int late = co_await wait_for(stubborn("late", 9ms, 2ms), 1ms);
    say(late);
    auto another = ends_with(9ms, [] { throw value_error("another"); });
    const auto other = co_await error_in(wait_for(std::move(another), 1ms));
    say(other);
    const auto never = co_await error_in(wait_for(sleeper("never runs", 0ms), 0ms));
    say(never);
    auto t = create_task(sleeper("task", 9ms));
    co_await sleep(0ms);
    const auto at_once = co_await error_in(wait_for(t, 0ms));
    say(at_once, t.cancelled());
    auto done = create_task(value(5));
    co_await done;
    const int five = co_await wait_for(done, 0ms);
    const int six = co_await wait_for(value(6), std::nullopt);
    say(five, six);
    auto outside = create_task(wait_for(sleeper("inside", 9ms), 5ms));
    co_await sleep(1ms);
    outside.cancel();
    const auto cancelled = co_await error_in(outside);
    say(cancelled);
}

}  // namespace

}  // namespace cases
