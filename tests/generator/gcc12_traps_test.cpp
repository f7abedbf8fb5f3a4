// What g++ 12 miscompiles in the same full expression as a co_yield, each in the form that is safe: no object is destroyed
// twice, or not at all. The unsafe form stands in the comment; the page on compilers says which bug it is.

#include <fermata/generator.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using fermata::from;
using fermata::generator;
using fermata::next;
using support::tally;
using support::tracked;

namespace {

// Makes, runs and destroys the generator that `body` makes of a tally, once to its end and once from each of its yields,
// and sees that whatever it made is destroyed once.
template <class Body>
void destroys_all_once(Body body) {
    int yields = 0;
    {
        tally counts;
        {
            auto g = body(counts);
            while (g.next()) ++yields;
        }
        EXPECT_TRUE(counts.settled()) << "run to its end: " << counts.alive();
    }
    for (int steps = 1; steps <= yields; ++steps) {
        tally counts;
        {
            auto g = body(counts);
            for (int i = 0; i < steps; ++i) g.next();
        }
        EXPECT_EQ(counts.alive(), 0) << "destroyed at yield " << steps;

        tally thrown_into;
        {
            auto g = body(thrown_into);
            for (int i = 0; i < steps; ++i) g.next();
            EXPECT_THROW(g.throw_(std::runtime_error("x")), std::runtime_error);
        }
        EXPECT_EQ(thrown_into.alive(), 0) << "thrown into at yield " << steps;
    }
    EXPECT_GT(yields, 0);
}

struct aggregate {
    tracked member;
    std::string text;
};

struct with_constructor {
    with_constructor(tally& counts, std::string words) : member(counts), text(std::move(words)) {}
    tracked member;
    std::string text;
};

}  // namespace

// co_yield aggregate{…}
TEST(gcc12_traps, an_aggregate_is_named_and_moved) {
    destroys_all_once([](tally& counts) -> generator<aggregate> {
        aggregate local{tracked(counts), "first"};
        co_yield std::move(local);
        aggregate second{.member = tracked(counts), .text = "second"};
        co_yield std::move(second);
    });
}

// co_yield aggregate{…}
TEST(gcc12_traps, an_aggregate_is_named_and_yielded_as_it_is) {
    destroys_all_once([](tally& counts) -> generator<const aggregate&> {
        const aggregate local{tracked(counts), "first"};
        co_yield local;
        co_yield local;
    });
}

// co_yield aggregate{…}
TEST(gcc12_traps, a_class_with_a_constructor_may_be_a_temporary) {
    destroys_all_once([](tally& counts) -> generator<with_constructor> {
        co_yield with_constructor(counts, "a text too long to be kept within the string itself");
        co_yield with_constructor{counts, "another"};
    });
}

// co_yield [x] { … }
TEST(gcc12_traps, a_lambda_with_captures_is_named_and_moved) {
    destroys_all_once([](tally& counts) -> generator<std::function<int()>> {
        const tracked captured(counts, 5);
        auto first = [captured] { return captured.value; };
        co_yield std::move(first);
        std::function<int()> second = [captured] { return captured.value + 1; };
        co_yield std::move(second);
    });
}

// co_yield from(make([x] { … }))
TEST(gcc12_traps, a_lambda_that_is_an_argument_captures_by_reference) {
    const auto calls = [](std::function<int()> function) -> generator<int> { co_yield function(); };
    destroys_all_once([calls](tally& counts) -> generator<int> {  // NOLINT: it outlives the generator
        const tracked captured(counts, 5);
        co_yield from(calls([&captured] { return captured.value; }));
    });
}

// while (co_yield 1) in a function without a local variable
TEST(gcc12_traps, a_condition_with_a_co_yield_stands_in_a_function_with_a_local_variable) {
    auto body = []() -> generator<int, bool> {
        bool go_on = true;
        while ((go_on = co_yield 1)) continue;
        if ((go_on = co_yield 2)) co_yield 3;
        co_yield 4;
    };
    auto g = body();
    EXPECT_EQ(*g.next(), 1);
    EXPECT_EQ(*g.send(true), 1);
    EXPECT_EQ(*g.send(false), 2);
    EXPECT_EQ(*g.send(true), 3);
    EXPECT_EQ(*g.send(true), 4);
    EXPECT_FALSE(g.send(true));
}

// co_yield flag ? tracked(…) : tracked(…), and (co_yield 1) ? … : …
TEST(gcc12_traps, a_ternary_is_an_if) {
    destroys_all_once([](tally& counts) -> generator<tracked> {
        for (const bool flag : {true, false}) {
            if (flag) {
                co_yield tracked(counts, 1);
            } else {
                co_yield tracked(counts, 2);
            }
        }
    });
    auto condition = []() -> generator<std::string, std::optional<bool>> {
        const std::optional<bool> got = co_yield "ask";
        std::string answer = "a negative answer that is too long for the string itself";
        if (got && *got) answer = "yes";
        co_yield answer;
    };
    auto g = condition();
    next(g);
    EXPECT_EQ(*g.send(true), "yes");
    auto h = condition();
    next(h);
    EXPECT_EQ(h.next()->substr(0, 10), "a negative");
}

// f({co_yield 1, co_yield 2}), std::vector{co_yield …}, T a[] = {co_yield …}
TEST(gcc12_traps, initialiser_lists_are_filled_in_statements) {
    auto body = []() -> generator<int, std::string, std::vector<std::string>> {
        std::vector<std::string> all;
        std::string one = co_yield 1;
        all.push_back(std::move(one));
        std::string two = co_yield 2;
        all.push_back(std::move(two));
        std::string array[2];
        array[0] = co_yield 3;
        array[1] = co_yield 4;
        all.insert(all.end(), array, array + 2);
        co_return all;
    };
    auto g = body();
    g.next();
    for (const char* text : {"one", "two", "three"}) g.send(text);
    const std::string last = "a last one that is too long for the string itself";
    EXPECT_EQ(g.send(last).result(), (std::vector<std::string>{"one", "two", "three", last}));
}

// co_yield from({…})
TEST(gcc12_traps, a_list_to_yield_from_is_named) {
    destroys_all_once([](tally& counts) -> generator<tracked> {
        std::vector<tracked> list;
        list.reserve(2);
        list.emplace_back(counts, 1);
        list.emplace_back(counts, 2);
        co_yield from(std::move(list));
    });
}

// new T(co_yield …), std::make_unique<T>(co_yield …)
TEST(gcc12_traps, what_is_allocated_is_made_of_a_variable) {
    auto body = []() -> generator<int, std::string, std::unique_ptr<std::string>> {
        std::string got = co_yield 1;
        co_return std::make_unique<std::string>(std::move(got));
    };
    auto g = body();
    g.next();
    const std::string text = "a text that is too long for the string itself";
    EXPECT_EQ(**g.send(text).result(), text);
}

// throw E(co_yield …)
TEST(gcc12_traps, what_is_thrown_is_made_of_a_variable) {
    auto body = []() -> generator<int, std::string> {
        const std::string got = co_yield 1;
        throw fermata::value_error(got);
    };
    auto g = body();
    g.next();
    EXPECT_EQ(support::raised<fermata::value_error>([&] { g.send("sent"); }), "sent");
}

// [x = co_yield 1] { … }
TEST(gcc12_traps, what_a_lambda_captures_is_a_variable) {
    auto body = []() -> generator<std::size_t, std::string> {
        std::string got = co_yield 0;
        const auto size = [text = std::move(got)] { return text.size(); };
        co_yield size();
    };
    auto g = body();
    g.next();
    EXPECT_EQ(*g.send("a text that is too long for the string itself"), 45U);
}

// (… + co_yield values), and sum += co_yield value where that is in a template
TEST(gcc12_traps, a_fold_is_a_loop) {
    auto body = [](auto... values) -> generator<int, int, int> {
        int sum = 0;
        for (const int value : {values...}) {
            const int sent = co_yield value;
            sum += sent;
        }
        co_return sum;
    };
    auto g = body(1, 2, 3);
    EXPECT_EQ(*g.next(), 1);
    EXPECT_EQ(*g.send(10), 2);
    EXPECT_EQ(*g.send(20), 3);
    EXPECT_EQ(g.send(30).result(), 60);
}

// co_await v[i] copies the awaitable: what from() gives refers to the generator, and copies none.
TEST(gcc12_traps, an_element_of_a_container_may_be_yielded_from) {
    auto counts = [](tracked parameter) -> generator<int> {
        co_yield parameter.value;
        co_yield parameter.value + 1;
    };
    tally parameters;
    {
        std::vector<generator<int>> all;
        all.push_back(counts(tracked(parameters, 1)));
        all.push_back(counts(tracked(parameters, 5)));
        auto body = [](std::vector<generator<int>>& generators) -> generator<int> {
            co_yield from(generators[0]);
            co_yield from(generators[1]);
        };
        auto g = body(all);
        for (const int expected : {1, 2, 5, 6}) EXPECT_EQ(next(g), expected);
        EXPECT_FALSE(g.next());
        EXPECT_EQ(parameters.copied, 0);
    }
    EXPECT_TRUE(parameters.settled());
}

// alignas(64) local: misaligned in the frame
TEST(gcc12_traps, over_aligned_objects_live_outside_the_frame) {
    struct alignas(64) over_aligned {
        std::byte bytes[64];
    };
    auto body = []() -> generator<const over_aligned*> {
        const auto object = std::make_unique<over_aligned>();
        co_yield object.get();
    };
    auto g = body();
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(next(g)) % 64, 0U);
}

// Temporaries in the arguments of a call within the expression.
TEST(gcc12_traps, temporaries_of_classes_with_constructors_live_until_the_generator_goes_on) {
    const auto value_of = [](const tracked& one, const std::string& text) {
        return one.value + static_cast<int>(text.size());
    };
    destroys_all_once([value_of](tally& counts) -> generator<int> {  // NOLINT: it outlives the generator
        co_yield value_of(tracked(counts, 1), std::string("a text that is too long for the string itself"));
        co_yield value_of(tracked(counts, 2), std::string("short"));
    });
}

TEST(gcc12_traps, parameters_are_destroyed_once_however_it_ends) {
    const auto body = [](tracked by_value, std::string text, aggregate whole) -> generator<int> {
        co_yield by_value.value;
        co_yield static_cast<int>(text.size()) + whole.member.value;
    };
    for (int steps = 0; steps < 4; ++steps) {
        tally counts;
        {
            auto g = body(tracked(counts), "text", aggregate{tracked(counts), "text"});
            for (int i = 0; i < steps; ++i) g.next();
        }
        EXPECT_TRUE(counts.settled()) << steps;
    }
}
