// What g++ 12 miscompiles in the same full expression as a co_await, each in the form that is safe: no object is destroyed
// twice, or not at all. The unsafe form stands in the comment; the page on compilers says which bug it is.

#include "../base/support.hpp"

#include <fermata/task/run.hpp>
#include <fermata/task/sleep.hpp>
#include <fermata/task/task_group.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace fermata;
using support::tally;
using support::tracked;

task<> a_turn() { co_await sleep(std::chrono::nanoseconds(0)); }

template <class T>
task<T> later(T value) {
    co_await a_turn();
    co_return std::move(value);
}
template <class T>
task<int> value_of(T object) {
    co_await a_turn();
    co_return object.value;
}
template <class Function>
task<int> called(Function function) {
    co_await a_turn();
    co_return function();
}

// Whether it was cancelled, which it is after so many turns.
task<bool> cancelled_after(int turns, task<> coroutine) {
    auto running = create_task(std::move(coroutine));
    for (int i = 0; i < turns; ++i) co_await a_turn();
    running.cancel();
    try {
        co_await running;
    } catch (const cancelled_error&) {
    }
    co_return running.cancelled();
}

// Runs the coroutine that `body` makes of a tally to its end, and cancels it at each of its awaits: whatever it made is
// destroyed once.
template <class Body>
void destroys_all_once(Body body) {
    tally counts;
    run(body(counts));
    EXPECT_TRUE(counts.settled()) << "run to its end: " << counts.alive();
    int turns = 0;
    for (bool cancelled = true; cancelled; ++turns) {
        tally cut_off;
        cancelled = run(cancelled_after(turns, body(cut_off)));
        EXPECT_EQ(cut_off.alive(), 0) << "cancelled after " << turns << " turns";
    }
    EXPECT_GT(turns, 2);
}

struct aggregate {
    tracked object;
    int value = 0;
};

struct with_constructor {
    with_constructor(tracked t, int n) : object(std::move(t)), value(n) {}
    tracked object;
    int value;
};

// Unsafe: co_await value_of(aggregate{tracked(counts), 2})
TEST(gcc12_await, an_aggregate_that_has_a_name_or_a_constructor) {
    destroys_all_once([](tally& counts) -> task<> {
        aggregate named{tracked(counts), 2};
        EXPECT_EQ(co_await value_of(std::move(named)), 2);
        EXPECT_EQ(co_await value_of(with_constructor(tracked(counts), 3)), 3);
    });
}

// Unsafe: co_await called([t = tracked(counts, 4)] { return t.value; }), and the same within a std::function
TEST(gcc12_await, a_lambda_that_has_a_name_or_captures_references) {
    destroys_all_once([](tally& counts) -> task<> {
        const tracked t(counts, 4);
        auto named = [t] { return t.value; };
        EXPECT_EQ(co_await called(std::move(named)), 4);
        EXPECT_EQ(co_await called([&t] { return t.value; }), 4);
        std::function<int()> function = [t] { return t.value; };
        EXPECT_EQ(co_await called(std::move(function)), 4);
    });
}

// Unsafe: co_await with(task_group(), [t](task_group&) -> task<> {…}), which does not compile
TEST(gcc12_await, a_body_of_with_that_has_a_name_or_captures_references) {
    destroys_all_once([](tally& counts) -> task<> {
        const tracked t(counts, 5);
        auto named = [t](task_group& group) -> task<> {
            EXPECT_EQ(t.value, 5);
            group.create_task(value_of(t), {.name = "one"});
            co_await a_turn();
        };
        co_await with(task_group(), named);
        co_await with(task_group(), [&](task_group& group) -> task<> {
            EXPECT_EQ(t.value, 5);
            auto child = group.create_task(value_of(t));
            EXPECT_EQ(co_await child, 5);
        });
    });
}

// Options are aggregates, and safe: they are trivial.
TEST(gcc12_await, options_as_a_temporary) {
    destroys_all_once([](tally& counts) -> task<> {
        const std::string name = "a name that is not short enough to stand in the string";
        EXPECT_EQ(co_await create_task(value_of(tracked(counts, 6)), {.name = name}), 6);
        EXPECT_EQ(co_await create_task(value_of(tracked(counts, 7)), {.name = name, .eager_start = true}), 7);
    });
}

// Unsafe: if (co_await later(true)) …, while (co_await …) …, in a function without a local variable
task<> conditions(tally& counts) {
    const bool yes = co_await later(true);
    if (yes) {
        EXPECT_EQ(co_await value_of(tracked(counts, 1)), 1);
    }
    int rounds = 0;
    for (;;) {
        const bool more = co_await later(rounds < 2);
        if (!more) break;
        ++rounds;
    }
    EXPECT_EQ(rounds, 2);
}
TEST(gcc12_await, a_condition_that_has_a_name) { destroys_all_once(conditions); }

// Unsafe: co_await value_of(yes ? std::move(a) : tracked(counts)), and (co_await later(true)) ? a : b
TEST(gcc12_await, if_and_else_instead_of_a_ternary) {
    destroys_all_once([](tally& counts) -> task<> {
        tracked a(counts, 1);
        const bool yes = co_await later(true);
        int result = 0;
        if (yes) {
            result = co_await value_of(std::move(a));
        } else {
            result = co_await value_of(tracked(counts));
        }
        EXPECT_EQ(result, 1);
    });
}

// Unsafe: co_await later(std::vector{tracked(counts), tracked(counts)}), tracked all[] = {co_await …}
TEST(gcc12_await, a_container_that_has_a_name) {
    destroys_all_once([](tally& counts) -> task<> {
        std::vector<tracked> named;
        named.emplace_back(counts, 1);
        named.push_back(co_await later(tracked(counts, 2)));
        const std::vector<tracked> back = co_await later(std::move(named));
        EXPECT_EQ(back.at(0).value + back.at(1).value, 3);
    });
}

// Unsafe: new tracked(co_await …), throw co_await …, [t = co_await …] {…}
TEST(gcc12_await, a_statement_of_its_own_before_new_throw_and_captures) {
    destroys_all_once([](tally& counts) -> task<> {
        tracked first = co_await later(tracked(counts, 1));
        const auto owned = std::make_unique<tracked>(std::move(first));
        EXPECT_EQ(owned->value, 1);
        tracked second = co_await later(tracked(counts, 2));
        const auto captures = [t = std::move(second)] { return t.value; };
        EXPECT_EQ(captures(), 2);
        tracked third = co_await later(tracked(counts, 3));
        try {
            throw std::move(third);
        } catch (const tracked& thrown) {
            EXPECT_EQ(thrown.value, 3);
        }
    });
}

// Unsafe: (0 + ... + co_await value_of(tracked(counts, n)))
template <class... Numbers>
task<> sums(tally& counts, Numbers... numbers) {
    int sum = 0;
    for (const int n : {numbers...}) {
        const int value = co_await value_of(tracked(counts, n));
        sum += value;
    }
    EXPECT_EQ(sum, 6);
}
TEST(gcc12_await, a_loop_instead_of_a_fold) {
    destroys_all_once([](tally& counts) -> task<> { return sums(counts, 1, 2, 3); });
}

// A handle behind a reference is not copied, which g++ 12 would do with an awaitable that could be.
TEST(gcc12_await, a_handle_in_a_container_or_behind_a_reference) {
    destroys_all_once([](tally& counts) -> task<> {
        std::vector<task_handle<tracked>> handles;
        handles.push_back(create_task(later(tracked(counts, 1))));
        handles.push_back(create_task(later(tracked(counts, 2))));
        const auto second = [&]() -> task_handle<tracked>& { return handles[1]; };
        const tracked& one = co_await handles[0];
        const tracked& two = co_await second();
        EXPECT_EQ(&one, &handles[0].result());
        EXPECT_EQ(&two, &handles[1].result());
        EXPECT_EQ(one.value + two.value, 3);
    });
}

// Unsafe: alignas(64) char local[64]; across a co_await
TEST(gcc12_await, what_is_over_aligned_on_the_heap) {
    struct alignas(64) line {
        char bytes[64];
    };
    destroys_all_once([](tally& counts) -> task<> {
        const auto aligned = std::make_unique<line>();
        const tracked t(counts);
        co_await a_turn();
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(aligned.get()) % 64, 0U);
    });
}

}  // namespace
