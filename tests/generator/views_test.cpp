// A generator as a range: loops, std::views, iter() and enumerate().

#include <fermata/generator.hpp>
#include <fermata/iteration.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using fermata::generator;
using fermata::generator_state;
using fermata::iter;
using fermata::next;

namespace {

using ints = std::vector<int>;

generator<int> count(int from = 1) {
    for (;; ++from) co_yield from;
}

generator<int> count_to(int last) {
    for (int i = 1; i <= last; ++i) co_yield i;
}

template <class Range>
ints list(Range&& range) {
    ints elements;
    for (auto&& element : range) elements.push_back(element);
    return elements;
}

bool even(int n) { return n % 2 == 0; }

}  // namespace

TEST(views, a_generator_is_a_move_only_view_of_one_pass) {
    using numbers = generator<int>;
    EXPECT_TRUE(std::ranges::view<numbers>);
    EXPECT_TRUE(std::ranges::input_range<numbers>);
    EXPECT_FALSE(std::ranges::forward_range<numbers>);
    EXPECT_FALSE(std::ranges::borrowed_range<numbers>);
    EXPECT_TRUE((std::is_same_v<std::ranges::range_value_t<numbers>, int>));
    EXPECT_TRUE((std::is_same_v<std::ranges::range_reference_t<numbers>, const int&>));
    EXPECT_TRUE((std::is_same_v<std::ranges::range_reference_t<generator<std::string&>>, std::string&>));
    EXPECT_TRUE((std::ranges::input_range<generator<std::unique_ptr<int>>>));
}

TEST(views, a_generator_is_a_range_only_where_none_can_be_sent) {
    EXPECT_TRUE((std::ranges::input_range<generator<int, std::optional<int>>>));
    EXPECT_TRUE((std::ranges::input_range<generator<int, void, std::string>>));
    EXPECT_FALSE((std::ranges::range<generator<int, int>>));
    EXPECT_FALSE((fermata::own_iterator<generator<int, int>>));
}

TEST(views, a_loop_continues_where_next_stopped_and_next_where_the_loop_did) {
    auto g = count();
    EXPECT_EQ(next(g), 1);
    for (const int n : g) {
        if (n == 3) break;
    }
    EXPECT_EQ(next(g), 4);
}

// SEMANTICS 1
TEST(views, a_second_loop_finds_nothing) {
    auto g = count_to(2);
    EXPECT_EQ(list(g), (ints{1, 2}));
    EXPECT_EQ(list(g), ints{});
    EXPECT_EQ(g.state(), generator_state::closed);
}

TEST(views, a_loop_drops_the_result) {
    auto body = []() -> generator<int, void, int> {
        co_yield 1;
        co_return 5;
    };
    auto g = body();
    EXPECT_EQ(list(g), ints{1});
    EXPECT_EQ(g.next().result(), std::nullopt);
}

TEST(views, a_loop_sends_none) {
    auto body = []() -> generator<int, std::optional<int>> {
        int nones = 0;
        while (nones < 3) {
            const auto got = co_yield nones;
            if (!got) ++nones;
        }
    };
    EXPECT_EQ(list(body()), (ints{0, 1, 2}));
}

TEST(views, iter_of_a_generator_is_itself) {
    auto g = count();
    EXPECT_EQ(&iter(g), &g);
    next(g);
    auto moved = iter(std::move(g));
    EXPECT_TRUE((std::is_same_v<decltype(moved), generator<int>>));
    EXPECT_EQ(next(moved), 2);
}

TEST(views, enumerate_counts_what_it_yields) {
    auto g = count(5);
    auto e = fermata::enumerate(g, 1);
    EXPECT_EQ(next(e), (std::pair<std::ptrdiff_t, int>(1, 5)));
    EXPECT_EQ(next(g), 6);
    EXPECT_EQ(next(e), (std::pair<std::ptrdiff_t, int>(2, 7)));
}

TEST(views, filter_transform_and_take) {
    auto squares = count() | std::views::filter(even) | std::views::transform([](int n) { return n * n; });
    EXPECT_EQ(list(std::move(squares) | std::views::take(3)), (ints{4, 16, 36}));
}

TEST(views, drop_and_take_while) {
    auto some = count() | std::views::drop(2) | std::views::take_while([](int n) { return n < 6; });
    EXPECT_EQ(list(some), (ints{3, 4, 5}));
}

TEST(views, join_the_generators_that_a_generator_yields) {
    auto body = []() -> generator<generator<int>> {
        for (int i = 1; i < 4; ++i) {
            auto inner = count_to(i);
            co_yield std::move(inner);
        }
    };
    ints all;
    for (auto&& inner : body()) {
        for (const int n : inner) all.push_back(n);
    }
    EXPECT_EQ(all, (ints{1, 1, 2, 1, 2, 3}));
}

TEST(views, join_the_ranges_that_a_generator_yields) {
    auto body = []() -> generator<const ints&> {
        const ints some{1, 2};
        co_yield some;
        const ints more{3};
        co_yield more;
    };
    EXPECT_EQ(list(body() | std::views::join), (ints{1, 2, 3}));
}

TEST(views, an_lvalue_is_lent_and_goes_on_afterwards) {
    auto g = count();
    EXPECT_EQ(list(std::ranges::ref_view(g) | std::views::take_while([](int n) { return n < 3; })), (ints{1, 2}));
    EXPECT_EQ(next(g), 4);  // 3 was looked at, as itertools.takewhile does
}

TEST(views, elements_that_are_references_may_be_assigned_through_a_view) {
    ints numbers{1, 2, 3, 4};
    auto body = [](ints& all) -> generator<int&> {
        for (int& n : all) co_yield n;
    };
    for (int& n : body(numbers) | std::views::filter(even)) n = 0;
    EXPECT_EQ(numbers, (ints{1, 0, 3, 0}));
}

TEST(views, algorithms_of_ranges_take_it) {
    EXPECT_EQ(std::ranges::count_if(count_to(10), even), 5);
    ints copied;
    std::ranges::copy(count_to(3), std::back_inserter(copied));
    EXPECT_EQ(copied, (ints{1, 2, 3}));
    auto g = count();
    EXPECT_EQ(*std::ranges::find(g, 4), 4);
    EXPECT_EQ(next(g), 5);
}

TEST(views, a_pipeline_may_be_yielded_from) {
    auto body = []() -> generator<int> {
        auto evens = count() | std::views::filter(even) | std::views::take(2);
        co_yield fermata::from(evens);
        co_yield 100;
    };
    EXPECT_EQ(list(body()), (ints{2, 4, 100}));
}

TEST(views, an_exception_leaves_the_loop_over_a_view) {
    auto body = []() -> generator<int> {
        co_yield 1;
        throw fermata::value_error("from the body");
    };
    int seen = 0;
    try {
        for (const int n : body() | std::views::transform([](int m) { return m * 10; })) seen = n;
        FAIL();
    } catch (const fermata::value_error& e) {
        EXPECT_STREQ(e.what(), "from the body");
    }
    EXPECT_EQ(seen, 10);
}
