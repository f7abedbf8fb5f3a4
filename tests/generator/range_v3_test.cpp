// Iterators and generators in range-v3, which reads them as views of its own.

#include <fermata/generator.hpp>
#include <fermata/iteration/iter.hpp>

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#if __has_include(<range/v3/view/transform.hpp>)
#include <range/v3/algorithm/count_if.hpp>
#include <range/v3/range/conversion.hpp>
#include <range/v3/view/filter.hpp>
#include <range/v3/view/take.hpp>
#include <range/v3/view/transform.hpp>

using fermata::generator;
using fermata::next;
using ints = std::vector<int>;

namespace {

generator<int> count() {
    for (int i = 1;; ++i) co_yield i;
}

bool even(int n) { return n % 2 == 0; }
int tenfold(int n) { return 10 * n; }

}  // namespace

TEST(range_v3, takes_a_generator) {
    EXPECT_TRUE((ranges::input_range<generator<int>>));
    auto g = count();
    EXPECT_EQ(g | ranges::views::filter(even) | ranges::views::transform(tenfold) | ranges::views::take(3) |
                  ranges::to<std::vector>(),
              (ints{20, 40, 60}));
    EXPECT_GT(next(g), 6);
}

TEST(range_v3, takes_an_iterator) {
    ints numbers{1, 2, 3, 4, 5};
    auto it = fermata::iter(numbers);
    next(it);
    EXPECT_EQ(it | ranges::views::filter(even) | ranges::to<std::vector>(), (ints{2, 4}));
    EXPECT_EQ(next(it, -1), -1);
}

TEST(range_v3, algorithms_take_a_generator) {
    auto body = []() -> generator<int> {
        for (int i = 0; i < 5; ++i) co_yield i;
    };
    auto g = body();
    EXPECT_EQ(ranges::count_if(g, even), 3);
    EXPECT_FALSE(g.next());
}

#else

TEST(range_v3, takes_a_generator) { GTEST_SKIP() << "range-v3 is not there"; }

#endif
