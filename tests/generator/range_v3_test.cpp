// Iterators and generators in range-v3, which reads them as views of its own.

#include <fermata/generator.hpp>
#include <fermata/iteration/iter.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <ranges>
#include <utility>
#include <vector>

#if __has_include(<range/v3/view/transform.hpp>)
#include <range/v3/algorithm/count_if.hpp>
#include <range/v3/range/conversion.hpp>
#include <range/v3/view/cartesian_product.hpp>
#include <range/v3/view/chunk.hpp>
#include <range/v3/view/chunk_by.hpp>
#include <range/v3/view/concat.hpp>
#include <range/v3/view/cycle.hpp>
#include <range/v3/view/filter.hpp>
#include <range/v3/view/map.hpp>
#include <range/v3/view/partial_sum.hpp>
#include <range/v3/view/remove_if.hpp>
#include <range/v3/view/repeat_n.hpp>
#include <range/v3/view/sliding.hpp>
#include <range/v3/view/stride.hpp>
#include <range/v3/view/take.hpp>
#include <range/v3/view/transform.hpp>
#include <range/v3/view/zip.hpp>

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

// What docs/from-python.md says is to be written instead of itertools.

namespace {

namespace views = ranges::views;

generator<int> up_to(int n) {
    for (int i = 1; i <= n; ++i) co_yield i;
}

template <class Range>
ints flat(Range&& range) {
    ints all;
    for (auto&& each : range) {
        for (int i : each) all.push_back(i);
        all.push_back(0);
    }
    return all;
}

}  // namespace

TEST(range_v3, does_for_generators_what_itertools_does) {
    auto a = up_to(4), b = up_to(5), c = up_to(2), d = up_to(2), e = up_to(5), f = up_to(5), g = up_to(3);
    const std::vector<bool> selectors = {true, false, true};
    EXPECT_EQ(a | views::partial_sum(std::plus<>()) | ranges::to<std::vector>(), (ints{1, 3, 6, 10}));  // accumulate
    EXPECT_EQ(flat(b | views::chunk(2)), (ints{1, 2, 0, 3, 4, 0, 5, 0}));                               // batched
    EXPECT_EQ(views::concat(c, d) | ranges::to<std::vector>(), (ints{1, 2, 1, 2}));                     // chain
    EXPECT_EQ(e | views::remove_if(even) | ranges::to<std::vector>(), (ints{1, 3, 5}));                 // filterfalse
    EXPECT_EQ(f | views::stride(2) | ranges::to<std::vector>(), (ints{1, 3, 5}));                       // islice
    const auto selected = [](const auto& pair) { return pair.second; };
    ints chosen;  // compress
    for (int i : views::zip(g, selectors) | views::filter(selected) | views::keys) chosen.push_back(i);
    EXPECT_EQ(chosen, (ints{1, 3}));
}

TEST(range_v3, does_for_containers_what_itertools_does) {
    const ints x{1, 1, 2};
    EXPECT_EQ(x | views::cycle | views::take(4) | ranges::to<std::vector>(), (ints{1, 1, 2, 1}));  // cycle
    EXPECT_EQ(flat(x | views::chunk_by(std::equal_to<>())), (ints{1, 1, 0, 2, 0}));                // groupby
    EXPECT_EQ(flat(x | views::sliding(2)), (ints{1, 1, 0, 1, 2, 0}));                              // pairwise
    EXPECT_EQ(ranges::distance(views::cartesian_product(x, x)), 9);                                // product
    EXPECT_EQ(views::repeat_n(7, 2) | ranges::to<std::vector>(), (ints{7, 7}));                    // repeat
}

TEST(std_views, own_a_generator_that_is_given_to_them) {
    ints all;
    for (int i : up_to(9) | std::views::drop_while([](int n) { return n < 3; }) | std::views::take(2)) all.push_back(i);
    EXPECT_EQ(all, (ints{3, 4}));
}

#else

TEST(range_v3, takes_a_generator) { GTEST_SKIP() << "range-v3 is not there"; }

#endif
