// Generators in the parameters of generators: destroyed once, whatever became of the one that has them.

#include <fermata/generator.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

using fermata::from;
using fermata::generator;
using fermata::generator_state;

namespace {

generator<int> holds(support::tracked held) {
    co_yield held.value;
    co_yield held.value + 1;
}

generator<int> hands_on(generator<int> sub) { co_yield from(std::move(sub)); }

generator<int, void, int> sums(generator<int> one, generator<int, std::optional<int>> other) {
    int sum = 0;
    for (const int n : one) sum += n;
    co_yield sum;
    for (const int n : other) sum += n;
    co_return sum;
}

generator<int, std::optional<int>> holds_and_receives(support::tracked held) { co_yield held.value; }

generator<int> lends(generator<int>& sub) { co_yield from(sub); }

generator<int> keeps(generator<int>& borrowed, generator<int> owned) {
    co_yield from(std::move(owned));
    co_yield from(borrowed);
}

generator<int> allocated(std::allocator_arg_t, std::allocator<int>, generator<int> sub) {
    co_yield from(std::move(sub));
}

}  // namespace

TEST(nesting, destroys_what_is_in_the_parameters_of_one_that_was_never_started) {
    support::tally counts;
    {
        const auto g = hands_on(hands_on(holds(support::tracked(counts))));
        EXPECT_EQ(counts.alive(), 1);
    }
    EXPECT_TRUE(counts.settled());
}

TEST(nesting, destroys_what_is_in_the_parameters_of_one_that_is_suspended_or_has_ended) {
    support::tally counts;
    {
        auto suspended = sums(holds(support::tracked(counts, 3)), holds_and_receives(support::tracked(counts, 5)));
        EXPECT_EQ(*suspended.next(), 7);
        auto ended = sums(holds(support::tracked(counts, 3)), holds_and_receives(support::tracked(counts, 5)));
        EXPECT_EQ(*ended.next(), 7);
        EXPECT_EQ(ended.next().result(), 12);
        EXPECT_EQ(counts.alive(), 4);
    }
    EXPECT_TRUE(counts.settled());
}

TEST(nesting, destroys_each_of_several_that_were_never_started) {
    support::tally counts;
    {
        const auto g = sums(hands_on(holds(support::tracked(counts))), holds_and_receives(support::tracked(counts)));
        EXPECT_EQ(counts.alive(), 2);
    }
    EXPECT_TRUE(counts.settled());
}

TEST(nesting, closing_one_that_was_never_started_lets_its_parameters_go) {
    support::tally counts;
    auto g = hands_on(holds(support::tracked(counts)));
    g.close();
    EXPECT_TRUE(counts.settled());
    EXPECT_EQ(g.state(), generator_state::closed);
    EXPECT_FALSE(g.next());
}

TEST(nesting, throwing_into_one_that_was_never_started_lets_its_parameters_go) {
    support::tally counts;
    auto g = hands_on(holds(support::tracked(counts)));
    EXPECT_EQ(support::raised<std::runtime_error>([&] { g.throw_(std::runtime_error("x")); }), "x");
    EXPECT_TRUE(counts.settled());
    EXPECT_EQ(g.state(), generator_state::closed);
    EXPECT_FALSE(g.next());
}

TEST(nesting, leaves_alone_what_is_only_borrowed) {
    support::tally counts;
    auto g = holds(support::tracked(counts, 1));
    {
        const auto borrower = lends(g);
        const auto keeper = keeps(g, holds(support::tracked(counts, 5)));
        EXPECT_EQ(counts.alive(), 2);
    }
    EXPECT_EQ(counts.alive(), 1);
    EXPECT_EQ(*g.next(), 1);
}

TEST(nesting, a_parameter_may_be_a_generator_that_was_moved_from) {
    support::tally counts;
    auto g = holds(support::tracked(counts));
    const auto owner = hands_on(std::move(g));
    {
        const auto empty = hands_on(std::move(g));  // NOLINT(bugprone-use-after-move)
    }
    EXPECT_EQ(counts.alive(), 1);
}

TEST(nesting, destroys_what_a_lambda_and_one_with_an_allocator_have_in_their_parameters) {
    support::tally counts;
    {
        const int first = 1;
        const auto lambda = [first](generator<int> sub) -> generator<int> {
            co_yield first;
            co_yield from(std::move(sub));
        };
        const auto unstarted = lambda(holds(support::tracked(counts)));
        auto started = lambda(holds(support::tracked(counts, 2)));
        EXPECT_EQ(*started.next(), 1);
        EXPECT_EQ(*started.next(), 2);
        const auto other = allocated(std::allocator_arg, {}, hands_on(holds(support::tracked(counts))));
        EXPECT_EQ(counts.alive(), 3);
    }
    EXPECT_TRUE(counts.settled());
}
