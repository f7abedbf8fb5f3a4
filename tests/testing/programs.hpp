#pragma once

// Programs for those who make things go wrong in them: together they use all of the library. Each is a coroutine that needs
// nothing from outside, ends well by itself, and does the same each time. Who fails in it fails alone: the others come to
// their end, as tasks of a group do.

#include <fermata/async.hpp>
#include <fermata/generator.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace programs {

using namespace fermata;
using namespace std::chrono_literals;

inline void require(bool condition, const char* what) {
    if (!condition) throw std::logic_error(what);
}

/// Longer than what a string keeps in itself.
inline std::string long_text(int number) {
    return "a text that is too long for a small string, " + std::to_string(number);
}

inline task<> pause(std::chrono::nanoseconds how_long) { co_await sleep(how_long); }

// Generators

inline generator<std::string, std::string, int> inner_generator(int count) {
    int caught = 0;
    for (int i = 0; i < count; ++i) {
        try {
            const std::string sent = co_yield long_text(i);
            if (sent == "stop") break;
        } catch (const value_error&) {
            ++caught;
        }
    }
    co_return caught;
}

inline generator<std::string, std::string, int> outer_generator() {
    const int first = co_yield from(inner_generator(3));
    const int second = co_yield from(inner_generator(2));
    co_return first + second;
}

inline generator<int> numbers(int count) {
    const auto kept = std::make_unique<int>(count);
    for (int i = 0; i < *kept; ++i) co_yield i;
}

inline void generators() {
    auto g = outer_generator();
    auto s = g.next();
    require(static_cast<bool>(s), "no first");
    s = g.send(long_text(1));
    s = g.throw_(value_error(long_text(2)));
    s = g.send("x");
    s = g.send("stop");
    require(!s && s.result() == 1, "the result");
    auto abandoned = outer_generator();
    abandoned.next();
    auto closed = outer_generator();
    closed.next();
    closed.close();
    int sum = 0;
    for (const int each : numbers(4)) sum += each;
    require(sum == 6, "the sum");
    std::vector<generator<std::string, std::string, int>> all;
    for (int i = 0; i < 3; ++i) all.push_back(inner_generator(i + 1));
    const std::vector<int> results = round_robin(all, long_text(3));
    require(results.size() == 3, "the results");
}

inline async_generator<std::string> counted_texts(int count) {
    for (int i = 0; i < count; ++i) {
        co_await sleep(1ms);
        co_yield long_text(i);
    }
}

inline async_generator<std::string> delegating_texts() {
    co_yield long_text(10);
    co_yield from(counted_texts(2));
}

inline task<> async_generators() {
    auto all = delegating_texts();
    int count = 0;
    while (auto s = co_await all.next()) ++count;
    require(count == 3, "three texts");
    auto closed = delegating_texts();
    co_await closed.next();
    co_await closed.aclose();
    auto abandoned = delegating_texts();
    co_await abandoned.next();
    auto raising = counted_texts(2);
    co_await raising.next();
    bool raised = false;
    try {
        co_await raising.athrow(value_error("on purpose"));
    } catch (const value_error&) {
        raised = true;
    }
    require(raised, "what was thrown in comes out");
}

// Tasks

inline task<std::string> named(int number) {
    co_await sleep(1ms);
    co_return long_text(number);
}

inline task<> tasks() {
    auto first = create_task(named(1), {.name = "a name that is longer than a small string"});
    auto second = create_task(named(2), {.name = "another that is longer than a small string", .eager_start = true});
    auto third = create_task(pause(1h));
    require(first.name().size() > 20, "its name");
    co_await sleep(1ms);
    third.cancel();
    const std::string one = co_await first;
    const std::string two = co_await second;
    require(one != two, "two texts");
    bool cancelled = false;
    try {
        co_await third;
    } catch (const cancelled_error&) {
        cancelled = true;
    }
    require(cancelled, "it was cancelled");
    require(all_tasks().size() == 1, "all others have ended");
}

inline task<> fails_late() {
    co_await sleep(1ms);
    throw value_error(long_text(1));
}

inline task<> gathering() {
    auto [a, b] = co_await gather(named(1), named(2));
    require(a != b, "two texts");
    std::vector<task<std::string>> many;
    for (int i = 0; i < 3; ++i) many.push_back(named(i));
    const std::vector<std::string> all = co_await gather(std::move(many));
    require(all.size() == 3, "three texts");
    co_await gather(return_exceptions, fails_late(), named(3));
    bool raised = false;
    try {
        co_await gather(named(1), fails_late());
    } catch (const value_error&) {
        raised = true;
    }
    require(raised, "it raises");
}

inline task<> waiting() {
    std::vector<task_handle<std::string>> all;
    for (int i = 0; i < 3; ++i) all.push_back(create_task(named(i)));
    co_await wait(all, {.timeout = 500us});
    co_await wait(all, {.return_when = return_when::first_completed});
    co_await wait(all);
    all.clear();
    for (int i = 0; i < 3; ++i) all.push_back(create_task(named(i)));
    for (auto& next : as_completed(all)) co_await next;
}

inline task<> shielding() {
    auto inner = create_task(named(1));
    try {
        co_await wait_for(shield(inner), 500us);
    } catch (const timeout_error&) {
    }
    co_await shield(inner);
    co_await wait_for(named(2), 1s);
    bool late = false;
    try {
        co_await wait_for(pause(1s), 1ms);
    } catch (const timeout_error&) {
        late = true;
    }
    require(late, "it was late");
}

inline task<> timeouts() {
    bool late = false;
    try {
        co_await with(timeout(1ms), [](timeout&) -> task<> { co_await sleep(1s); });
    } catch (const timeout_error&) {
        late = true;
    }
    require(late, "it was late");
    co_await with(timeout(1s), [](timeout& limit) -> task<> {
        limit.reschedule(current_loop().time() + 2s);
        co_await sleep(1s);
    });
}

inline task<> groups() {
    co_await with(task_group(), [](task_group& group) -> task<> {
        for (int i = 0; i < 3; ++i) group.create_task(named(i), {.name = long_text(i)});
        co_await with(task_group(), [](task_group& inner) -> task<> {
            inner.create_task(named(1));
            co_return;
        });
    });
    bool failed = false;
    try {
        co_await with(task_group(), [](task_group& group) -> task<> {
            group.create_task(pause(1s));
            group.create_task(fails_late());
            group.create_task(fails_late());
            co_await sleep(1s);
        });
    } catch (const exception_group& raised) {
        failed = raised.subgroup<value_error>().has_value();
        if (!failed) throw;
    }
    require(failed, "it failed");
}

inline task<> callbacks() {
    event_loop& loop = current_loop();
    auto done = std::make_shared<int>(0);
    auto f = create_future<std::string>();
    loop.call_soon([done] { ++*done; });
    loop.call_later(1ms, [done] { ++*done; });
    loop.call_at(loop.time() + 2ms, [done] { ++*done; });
    loop.call_soon_threadsafe([done] { ++*done; });
    auto never = loop.call_later(1h, [done] { ++*done; });
    f.add_done_callback([done] { ++*done; });
    f.set_result(long_text(1));
    co_await sleep(3ms);
    never.cancel();
    require(*done == 5, "all five");
    co_await f;
    auto failed = create_future<>();
    failed.set_exception(value_error(long_text(2)));
    bool raised = false;
    try {
        co_await failed;
    } catch (const value_error&) {
        raised = true;
    }
    require(raised, "it raises");
}

inline context_var<std::string> current_request("request");

inline task<> handles_request(int number) {
    auto token = current_request.set(long_text(number));
    co_await sleep(1ms);
    require(current_request.get() == long_text(number), "its own");
    current_request.reset(std::move(token));
}

inline task<> contexts() {
    auto token = current_request.set("outside");
    co_await with(task_group(), [](task_group& group) -> task<> {
        for (int i = 0; i < 3; ++i) group.create_task(handles_request(i));
        co_return;
    });
    require(current_request.get() == "outside", "as it was");
    current_request.reset(std::move(token));
}

// What tasks share

struct shared_things {
    mutex gate;
    int inside = 0;
    semaphore permits{2};
    condition changed;
    int stage = 0;
    barrier meeting{2};
    event happened;
    queue<std::string> texts{1};
    priority_queue<int> numbers;
    lifo_queue<std::string> last;
};

inline task<> takes_turns(shared_things& things) {
    auto guard = co_await things.gate.lock();
    require(++things.inside == 1, "alone");
    co_await sleep(1ms);
    --things.inside;
}

inline task<> needs_a_permit(shared_things& things) {
    auto guard = co_await things.permits.lock();
    co_await sleep(1ms);
}

inline task<> waits_for_stage(shared_things& things) {
    auto guard = co_await things.changed.lock();
    co_await things.changed.wait_for([&] { return things.stage > 0; });
}

inline task<> advances(shared_things& things) {
    co_await sleep(1ms);
    auto guard = co_await things.changed.lock();
    ++things.stage;
    things.changed.notify_all();
}

inline task<> meets(shared_things& things) { co_await things.meeting.wait(); }

inline task<> locks() {
    shared_things things;
    co_await with(task_group(), [&](task_group& group) -> task<> {
        for (int i = 0; i < 3; ++i) group.create_task(takes_turns(things));
        for (int i = 0; i < 3; ++i) group.create_task(needs_a_permit(things));
        for (int i = 0; i < 2; ++i) group.create_task(waits_for_stage(things));
        group.create_task(advances(things));
        for (int i = 0; i < 2; ++i) group.create_task(meets(things));
        group.create_task([](shared_things& in) -> task<> { co_await in.happened.wait(); }(things));
        co_await sleep(1ms);
        things.happened.set();
    });
    require(!things.gate.locked() && things.inside == 0, "free");
}

inline task<> produces(shared_things& things) {
    co_await sleep(1ms);
    for (int i = 0; i < 4; ++i) co_await things.texts.put(long_text(i));
    things.texts.shutdown();
}

inline task<> consumes(shared_things& things) {
    for (;;) {
        try {
            const std::string text = co_await things.texts.get();
        } catch (const queue_shutdown&) {
            break;
        }
        things.texts.task_done();
    }
}

inline task<> queues() {
    shared_things things;
    co_await with(task_group(), [&](task_group& group) -> task<> {
        group.create_task(produces(things));
        group.create_task(consumes(things));
        group.create_task(consumes(things));
        for (int i = 0; i < 3; ++i) {
            co_await things.numbers.put(i);
            co_await things.last.put(long_text(i));
        }
        for (int i = 0; i < 3; ++i) {
            co_await things.numbers.get();
            co_await things.last.get();
        }
    });
    co_await things.texts.join();
}

struct program {
    const char* name;
    task<> (*run)();

    // In GoogleTest's words for it.
    friend void PrintTo(const program& which, std::ostream* to) {  // NOLINT(readability-identifier-naming)
        *to << which.name;
    }
};

inline constexpr program without_io[] = {
    {"async_generators", async_generators},
    {"tasks", tasks},
    {"gathering", gathering},
    {"waiting", waiting},
    {"shielding", shielding},
    {"timeouts", timeouts},
    {"groups", groups},
    {"callbacks", callbacks},
    {"contexts", contexts},
    {"locks", locks},
    {"queues", queues},
};

}  // namespace programs
