#include <fermata/iteration/range.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <ranges>
#include <type_traits>
#include <vector>

using fermata::range;
using support::raised;

namespace {

template <class Range>
auto list(const Range& r) {
    return std::vector<std::ranges::range_value_t<Range>>(r.begin(), r.end());
}

using ints = std::vector<int>;
template <class Integer>
constexpr Integer least = std::numeric_limits<Integer>::min();
template <class Integer>
constexpr Integer most = std::numeric_limits<Integer>::max();

}  // namespace

TEST(range, of_a_stop_starts_at_zero) {
    EXPECT_EQ(list(range(4)), (ints{0, 1, 2, 3}));
    EXPECT_EQ(list(range(0)), ints{});
    EXPECT_EQ(list(range(-3)), ints{});
}

TEST(range, of_a_start_and_a_stop) {
    EXPECT_EQ(list(range(2, 5)), (ints{2, 3, 4}));
    EXPECT_EQ(list(range(-2, 1)), (ints{-2, -1, 0}));
    EXPECT_EQ(list(range(5, 2)), ints{});
    EXPECT_EQ(list(range(3, 3)), ints{});
}

TEST(range, steps_up_and_stops_before_the_stop) {
    EXPECT_EQ(list(range(0, 10, 3)), (ints{0, 3, 6, 9}));
    EXPECT_EQ(list(range(0, 9, 3)), (ints{0, 3, 6}));
    EXPECT_EQ(list(range(0, 1, 100)), ints{0});
}

TEST(range, steps_down) {
    EXPECT_EQ(list(range(5, 0, -1)), (ints{5, 4, 3, 2, 1}));
    EXPECT_EQ(list(range(10, 0, -3)), (ints{10, 7, 4, 1}));
    EXPECT_EQ(list(range(9, 0, -3)), (ints{9, 6, 3}));
    EXPECT_EQ(list(range(0, 5, -1)), ints{});
}

// SEMANTICS 3
TEST(range, with_step_zero_is_a_value_error) {
    EXPECT_EQ(raised<fermata::value_error>([] { range(0, 1, 0); }), "range() arg 3 must not be zero");
    EXPECT_EQ(raised<fermata::value_error>([] { range(0U, 1U, 0U); }), "range() arg 3 must not be zero");
}

TEST(range, keeps_its_arguments) {
    const auto r = range(1, 10, 4);
    EXPECT_EQ(r.start(), 1);
    EXPECT_EQ(r.stop(), 10);
    EXPECT_EQ(r.step(), 4);
}

TEST(range, knows_its_size) {
    EXPECT_EQ(range(0, 10, 3).size(), 4U);
    EXPECT_EQ(range(0, 9, 3).size(), 3U);
    EXPECT_EQ(range(10, 0, -3).size(), 4U);
    EXPECT_EQ(range(9, 0, -3).size(), 3U);
    EXPECT_EQ(range(5, 2).size(), 0U);
    EXPECT_TRUE(range(5, 2).empty());
    EXPECT_TRUE(range(1));  // there is an element: true, as in Python
    EXPECT_FALSE(range(0));
}

TEST(range, may_be_iterated_again_and_again) {
    const auto r = range(3);
    EXPECT_EQ(list(r), list(r));
    EXPECT_EQ(list(r), (ints{0, 1, 2}));
}

TEST(range, reaches_the_ends_of_int) {
    constexpr int low = least<int>;
    constexpr int high = most<int>;
    EXPECT_EQ(list(range(high - 2, high)), (ints{high - 2, high - 1}));
    EXPECT_EQ(list(range(high - 5, high, 3)), (ints{high - 5, high - 2}));
    EXPECT_EQ(list(range(low + 2, low, -1)), (ints{low + 2, low + 1}));
    EXPECT_EQ(list(range(low, high, high)), (ints{low, -1, high - 1}));
    EXPECT_EQ(range(low, high).size(), 4294967295U);
    EXPECT_EQ(range(high, low, -1).size(), 4294967295U);
    EXPECT_EQ(list(range(high, low, low)), (ints{high, -1}));  // the step has no positive counterpart
    EXPECT_EQ(list(range(-1, low, low)), ints{-1});
    EXPECT_EQ(list(range(0, low, low)), ints{0});
}

TEST(range, reaches_the_ends_of_int64) {
    constexpr std::int64_t low = least<std::int64_t>;
    constexpr std::int64_t high = most<std::int64_t>;
    EXPECT_EQ(range(low, high).size(), 18446744073709551615U);
    EXPECT_EQ(range(high, low, -1).size(), 18446744073709551615U);
    EXPECT_EQ(range(low, high)[-1], high - 1);
    EXPECT_EQ(range(low, high)[0], low);
    EXPECT_EQ(range(low, high, high)[2], high - 1);
    EXPECT_EQ(range(low, high, high).size(), 3U);
    EXPECT_EQ(list(range(high, low, low)), (std::vector<std::int64_t>{high, -1}));
    EXPECT_EQ(list(range(std::int64_t{-1}, low, low)), std::vector<std::int64_t>{-1});
    EXPECT_TRUE(range(low, high).contains(high - 1));
    EXPECT_FALSE(range(low, high).contains(high));
}

TEST(range, reaches_the_end_of_uint64) {
    constexpr std::uint64_t high = most<std::uint64_t>;
    EXPECT_EQ(range(high).size(), high);
    EXPECT_EQ(range(high)[-1], high - 1);
    EXPECT_EQ(list(range(high - 3, high, 2)), (std::vector<std::uint64_t>{high - 3, high - 1}));
    EXPECT_EQ(list(range(high, high - 3, -1)), (std::vector<std::uint64_t>{high, high - 1, high - 2}));
    EXPECT_TRUE(range(high).contains(high - 1));
    EXPECT_FALSE(range(high).contains(high));
    EXPECT_FALSE(range(high).contains(-1));
    EXPECT_TRUE(range(high, std::uint64_t{0}, -1).contains(high));
}

TEST(range, is_indexable) {
    const auto r = range(10, 20, 3);  // 10 13 16 19
    EXPECT_EQ(r[0], 10);
    EXPECT_EQ(r[3], 19);
    EXPECT_EQ(range(20, 10, -3)[2], 14);
}

TEST(range, counts_negative_indices_from_the_end) {
    const auto r = range(10, 20, 3);
    EXPECT_EQ(r[-1], 19);
    EXPECT_EQ(r[-4], 10);
}

TEST(range, raises_index_error_outside) {
    const auto r = range(10, 20, 3);
    for (const std::ptrdiff_t outside :
         {std::ptrdiff_t{4}, std::ptrdiff_t{-5}, most<std::ptrdiff_t>, least<std::ptrdiff_t>}) {
        EXPECT_EQ(raised<fermata::index_error>([&] { (void)r[outside]; }), "range object index out of range")
            << outside;
    }
    EXPECT_EQ(raised<fermata::index_error>([] { (void)range(0)[0]; }), "range object index out of range");
    EXPECT_EQ(raised<fermata::index_error>([] { (void)range(0)[-1]; }), "range object index out of range");
}

TEST(range, contains_its_elements_and_no_others) {
    for (const auto& r :
         {range(0, 10, 3), range(10, 0, -3), range(-7, 8, 5), range(7, -8, -5), range(0), range(5, 6)}) {
        const auto elements = list(r);
        for (int n = -20; n < 20; ++n) EXPECT_EQ(r.contains(n), std::ranges::count(elements, n) == 1) << n;
    }
}

TEST(range, contains_no_number_that_its_type_cannot_hold) {
    EXPECT_FALSE(range(10).contains(std::int64_t{1} << 32));
    EXPECT_FALSE(range(10).contains(most<std::uint64_t>));
    EXPECT_FALSE(range(10U).contains(-1));
    EXPECT_TRUE(range(10U).contains(9L));
}

TEST(range, equals_one_of_the_same_elements) {
    EXPECT_EQ(range(0, 3, 2), range(0, 4, 2));    // 0 2
    EXPECT_EQ(range(0), range(5, 2));             // nothing, both
    EXPECT_EQ(range(7, 8, 1), range(7, 9, 100));  // 7
    EXPECT_NE(range(0, 4, 2), range(0, 4, 1));
    EXPECT_NE(range(0, 3), range(1, 4));
    EXPECT_NE(range(0, 2), range(0, 4, 2));
    EXPECT_NE(range(0, 4, 2), range(0, 6, 3));  // as many, from the same start
    EXPECT_NE(range(1), range(1, 2));
}

TEST(range, has_elements_of_the_common_type_at_least_int) {
    EXPECT_TRUE((std::is_same_v<decltype(range(3)[0]), int>));
    EXPECT_TRUE((std::is_same_v<decltype(range(short{3})[0]), int>));
    EXPECT_TRUE((std::is_same_v<decltype(range(0, 3L)[0]), long>));
    EXPECT_TRUE((std::is_same_v<decltype(range(0, 3U)[0]), unsigned>));
    EXPECT_TRUE((std::is_same_v<decltype(range(std::uint64_t{3})[0]), std::uint64_t>));
}

TEST(range, of_mixed_signedness_takes_what_fits) {
    EXPECT_EQ(list(range(0, 3U)), (std::vector<unsigned>{0, 1, 2}));
    EXPECT_EQ(list(range(3U, 0, -1)), (std::vector<unsigned>{3, 2, 1}));
    EXPECT_EQ(list(range(-1, 2L)), (std::vector<long>{-1, 0, 1}));
}

TEST(range, of_mixed_signedness_raises_value_error_for_what_does_not_fit) {
    EXPECT_EQ(raised<fermata::value_error>([] { range(-1, 2U); }),
              "range() arg 1 does not fit in the common type of the arguments");
    EXPECT_EQ(raised<fermata::value_error>([] { range(5U, -1, -1); }),
              "range() arg 2 does not fit in the common type of the arguments");
    EXPECT_EQ(raised<fermata::value_error>([] { range(0, 1, std::int64_t{1} << 40); }),
              "range() arg 3 does not fit in the type of the arguments");
    EXPECT_EQ(raised<fermata::value_error>([] { range(0U, 1U, most<unsigned>); }),
              "range() arg 3 does not fit in the type of the arguments");
}

TEST(range, is_usable_in_constant_expressions) {
    static_assert(range(0, 10, 3).size() == 4);
    static_assert(range(10)[-1] == 9);
    static_assert(range(0, 10, 3).contains(9) && !range(0, 10, 3).contains(8));
    static_assert(range(0, 3, 2) == range(0, 4, 2));
    constexpr int sum = [] {
        int total = 0;
        for (const int n : range(10, 0, -2)) total += n;
        return total;
    }();
    EXPECT_EQ(sum, 30);
}

TEST(range, is_a_sized_borrowed_random_access_view) {
    using r = decltype(range(1));
    EXPECT_TRUE(std::ranges::view<r>);
    EXPECT_TRUE(std::ranges::random_access_range<r>);
    EXPECT_TRUE(std::ranges::sized_range<r>);
    EXPECT_TRUE(std::ranges::borrowed_range<r>);
    EXPECT_TRUE(std::ranges::common_range<r>);
    EXPECT_TRUE(std::ranges::random_access_range<decltype(range(std::uint64_t{1}))>);
}

TEST(range, has_iterators_that_can_go_anywhere) {
    const auto r = range(0, 50, 5);
    const auto first = r.begin();
    const auto last = r.end();
    EXPECT_EQ(last - first, 10);
    EXPECT_EQ(first - last, -10);
    EXPECT_EQ(*(first + 3), 15);
    EXPECT_EQ(*(3 + first), 15);
    EXPECT_EQ(*(last - 1), 45);
    EXPECT_EQ(first[9], 45);
    EXPECT_LT(first, last);
    auto it = first;
    EXPECT_EQ(*it++, 0);
    EXPECT_EQ(*it, 5);
    EXPECT_EQ(*++it, 10);
    EXPECT_EQ(*it--, 10);
    EXPECT_EQ(*--it, 0);
    it += 4;
    it -= 1;
    EXPECT_EQ(*it, 15);
}

TEST(range, goes_into_std_views_and_algorithms) {
    auto doubled =
        range(1, 6) | std::views::reverse | std::views::drop(1) | std::views::transform([](int n) { return 2 * n; });
    EXPECT_TRUE(std::ranges::equal(doubled, ints{8, 6, 4, 2}));
    EXPECT_EQ(*std::ranges::lower_bound(range(0, 1000, 7), 500), 504);
}
