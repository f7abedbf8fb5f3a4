// Delegation a million deep, on a small stack.

#include <fermata/generator/yield_from.hpp>

#include "../base/small_stack.hpp"
#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

using fermata::from;
using fermata::generator;
using fermata::generator_exit;
using fermata::generator_state;
using support::on_a_small_stack;

namespace {

constexpr int million = 1'000'000;

constexpr int levels_to_throw_through = million;
constexpr int levels_of_variants = million;

struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using echoing = generator<int, std::optional<int>, int>;

// The innermost yields what it is sent, and returns when that is 0; each level adds one to the result.
echoing deep(int levels) {
    if (levels > 0) {
        const int result = co_yield from(deep(levels - 1));
        co_return result + 1;
    }
    int last = 1;
    while (last != 0) {
        const std::optional<int> got = co_yield last;
        last = got.value_or(last + 1);
    }
    co_return 0;
}

echoing started(int levels) {
    auto g = deep(levels);
    EXPECT_EQ(*g.next(), 1);
    return g;
}

generator<int> catches(int levels) {
    if (levels > 0) co_yield from(catches(levels - 1));
    int caught = 0;
    while (levels == 0 && caught < 3) {
        try {
            co_yield caught;
        } catch (const failure& e) {
            EXPECT_STREQ(e.what(), "x");
            ++caught;
        }
    }
}

generator<int> raises(int levels) {
    if (levels == 0) throw failure("from below");
    co_yield from(raises(levels - 1));
}

generator<int, void, int> swallows(int levels) {
    int inner = 0;
    try {
        if (levels == 0) co_yield 1;
        if (levels > 0) inner = co_yield from(swallows(levels - 1));
    } catch (const generator_exit&) {
        inner = 100;
    }
    co_return inner + 1;
}

// A chain whose levels are all there, and have not been started: each is in the parameters of the next.
generator<int> nested(generator<int> sub) { co_yield from(std::move(sub)); }
generator<int> innermost(support::tally& counts) {
    const support::tracked local(counts);
    for (int i = 1;; ++i) co_yield i;
}
generator<int> holds(support::tracked) { co_yield 1; }
generator<int> nest(generator<int> g, int levels) {
    for (int i = 0; i < levels; ++i) g = nested(std::move(g));
    return g;
}

}  // namespace

TEST(depth, runs_and_receives_and_returns_through_a_million) {
    on_a_small_stack([] {
        auto g = started(million);
        EXPECT_EQ(*g.next(), 2);
        EXPECT_EQ(*g.send(7), 7);
        EXPECT_EQ(g.state(), generator_state::suspended);
        EXPECT_EQ(g.send(0).result(), million);
        EXPECT_EQ(g.state(), generator_state::closed);
    });
}

TEST(depth, starts_and_ends_a_million_delegates_one_after_another) {
    on_a_small_stack([] {
        auto body = []() -> generator<int, void, int> {
            auto none = [](int i) -> generator<int, void, int> {
                co_return i;
                co_yield 0;
            };
            int sum = 0;
            for (int i = 0; i < million; ++i) {
                const int one = co_yield from(none(1));
                sum += one;
            }
            co_return sum;
        };
        EXPECT_EQ(body().next().result(), million);
    });
}

TEST(depth, destroys_a_suspended_million) {
    on_a_small_stack([] {
        {
            const auto g = started(million);
        }
        {
            const auto g = deep(million);
        }
    });
}

TEST(depth, destroys_a_million_that_were_nested_and_started) {
    support::tally counts;
    on_a_small_stack([&] {
        auto g = nest(innermost(counts), million);
        EXPECT_EQ(*g.next(), 1);
        EXPECT_EQ(*g.next(), 2);
    });
    EXPECT_TRUE(counts.settled());
}

TEST(depth, destroys_a_million_that_were_nested_and_never_started) {
    support::tally counts;
    on_a_small_stack([&] {
        const auto g = nest(holds(support::tracked(counts)), million);
        EXPECT_EQ(g.state(), generator_state::created);
    });
    EXPECT_TRUE(counts.settled());
}

TEST(depth, closes_and_throws_into_a_nested_million_that_were_never_started) {
    support::tally counts;
    on_a_small_stack([&] {
        auto closed = nest(holds(support::tracked(counts)), million);
        closed.close();
        EXPECT_EQ(closed.state(), generator_state::closed);
        auto failed = nest(holds(support::tracked(counts)), million);
        EXPECT_EQ(support::raised<failure>([&] { failed.throw_(failure("x")); }), "x");
        EXPECT_EQ(failed.state(), generator_state::closed);
    });
    EXPECT_TRUE(counts.settled());
}

TEST(depth, destroys_a_nested_million_of_which_the_inner_half_was_started) {
    support::tally counts;
    on_a_small_stack([&] {
        auto g = nest(innermost(counts), million / 2);
        EXPECT_EQ(*g.next(), 1);
        g = nest(std::move(g), million / 2);
    });
    EXPECT_TRUE(counts.settled());
}

TEST(depth, throws_to_the_innermost_of_a_million_which_catches_it) {
    on_a_small_stack([] {
        auto g = catches(million);
        EXPECT_EQ(*g.next(), 0);
        EXPECT_EQ(*g.throw_(failure("x")), 1);
        EXPECT_EQ(*g.throw_(std::make_exception_ptr(failure("x"))), 2);
        EXPECT_FALSE(g.throw_(failure("x")));
    });
}

TEST(depth, throws_through_a_million_that_do_not_catch) {
    on_a_small_stack([] {
        auto g = started(levels_to_throw_through);
        EXPECT_EQ(support::raised<failure>([&] { g.throw_(failure("x")); }), "x");
        EXPECT_EQ(g.state(), generator_state::closed);
    });
}

TEST(depth, raises_from_the_innermost_through_a_million_that_do_not_catch) {
    on_a_small_stack([] {
        auto g = raises(levels_to_throw_through);
        EXPECT_EQ(support::raised<failure>([&] { g.next(); }), "from below");
    });
}

TEST(depth, closes_a_million) {
    on_a_small_stack([] {
        auto g = started(levels_to_throw_through);
        EXPECT_EQ(g.close(), std::nullopt);
        EXPECT_EQ(g.state(), generator_state::closed);
    });
}

TEST(depth, closes_a_million_that_swallow_the_exit) {
    on_a_small_stack([] {
        auto g = swallows(levels_of_variants);
        g.next();
        EXPECT_EQ(g.close(), 101);
    });
}

namespace {

generator<int> lends(generator<int>& sub) { co_yield from(sub); }

std::vector<generator<int>> lent(support::tally& counts, int levels) {
    std::vector<generator<int>> chain;
    chain.reserve(static_cast<std::size_t>(levels) + 1);
    chain.push_back(innermost(counts));
    for (int i = 0; i < levels; ++i) chain.push_back(lends(chain.back()));
    return chain;
}

}  // namespace

TEST(depth, borrows_and_closes_a_million) {
    support::tally counts;
    on_a_small_stack([&] {
        auto chain = lent(counts, levels_of_variants);
        EXPECT_EQ(*chain.back().next(), 1);
        EXPECT_EQ(*chain.back().next(), 2);
        EXPECT_EQ(chain.front().state(), generator_state::suspended);
        chain.back().close();
        EXPECT_EQ(chain.front().state(), generator_state::closed);
    });
    EXPECT_TRUE(counts.settled());
}

TEST(depth, gives_borrowed_ones_back) {
    support::tally counts;
    on_a_small_stack([&] {
        auto chain = lent(counts, levels_of_variants);
        EXPECT_EQ(*chain.back().next(), 1);
        while (chain.size() > 1) chain.pop_back();
        EXPECT_EQ(*chain.back().next(), 2);
    });
    EXPECT_TRUE(counts.settled());
}

TEST(depth, delegates_from_each_level_to_a_chain_that_has_begun) {
    // Each new root takes over the whole chain below it, which has been suspended in its leaf already.
    support::tally counts;
    on_a_small_stack([&] {
        auto g = innermost(counts);
        for (int i = 1; i <= million; ++i) {
            ASSERT_EQ(*g.next(), i);
            g = nested(std::move(g));
        }
    });
    EXPECT_TRUE(counts.settled());
}
