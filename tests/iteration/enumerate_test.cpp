#include <fermata/iteration/enumerate.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <list>
#include <memory>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using fermata::enumerate;
using fermata::iter;
using fermata::next;

namespace {

using words = std::vector<std::string>;

template <class Enumerator>
std::string shown(Enumerator&& e) {
    std::string text;
    for (auto&& [count, element] : e) text += std::to_string(count) + element + " ";
    return text;
}

}  // namespace

TEST(enumerate, counts_from_zero) {
    words letters{"a", "b", "c"};
    EXPECT_EQ(shown(enumerate(letters)), "0a 1b 2c ");
}

TEST(enumerate, counts_from_a_start) {
    words letters{"a", "b"};
    EXPECT_EQ(shown(enumerate(letters, 10)), "10a 11b ");
    EXPECT_EQ(shown(enumerate(letters, -1)), "-1a 0b ");
}

TEST(enumerate, of_nothing_gives_nothing) { EXPECT_EQ(shown(enumerate(words{})), ""); }

TEST(enumerate, owns_a_range_that_is_given_away) { EXPECT_EQ(shown(enumerate(words{"x", "y"}, 1)), "1x 2y "); }

TEST(enumerate, is_its_own_iterator) {
    auto e = enumerate(words{"a", "b", "c"});
    EXPECT_EQ(&iter(e), &e);
    EXPECT_TRUE(std::ranges::view<decltype(e)>);
    EXPECT_FALSE(std::is_copy_constructible_v<decltype(e)>);
}

// SEMANTICS 1
TEST(enumerate, is_exhausted_once_and_for_all) {
    auto e = enumerate(words{"a"});
    EXPECT_EQ(shown(e), "0a ");
    EXPECT_EQ(shown(e), "");
    EXPECT_THROW(next(e), fermata::stop_iteration);
    EXPECT_EQ(next(e, std::pair(9, "none")).first, 9);
}

TEST(enumerate, continues_in_a_loop_where_next_stopped) {
    auto e = enumerate(words{"a", "b", "c"});
    EXPECT_EQ(next(e), (std::pair<std::ptrdiff_t, std::string>(0, "a")));
    EXPECT_EQ(shown(e), "1b 2c ");
}

TEST(enumerate, gives_references_to_a_loop) {
    words letters{"a", "b"};
    for (auto [count, letter] : enumerate(letters)) letter += std::to_string(count);
    EXPECT_EQ(letters, (words{"a0", "b1"}));
}

TEST(enumerate, gives_values_to_next) {
    words letters{"a"};
    auto e = enumerate(letters);
    auto [count, letter] = next(e);
    letter = "changed";
    EXPECT_EQ(letters.front(), "a");
}

TEST(enumerate, copies_no_element_in_a_loop) {
    support::tally counts;
    std::list<support::tracked> elements;
    elements.emplace_back(counts, 5);
    for (auto [count, element] : enumerate(elements)) EXPECT_EQ(element.value, 5);
    EXPECT_EQ(counts.copied + counts.moved, 0);
}

TEST(enumerate, of_an_iterator_pulls_from_it) {
    words letters{"a", "b", "c", "d"};
    auto it = iter(letters);
    EXPECT_EQ(next(it), "a");
    auto e = enumerate(it);
    EXPECT_EQ(next(e).second, "b");
    EXPECT_EQ(next(it), "c");
    EXPECT_EQ(next(e), (std::pair<std::ptrdiff_t, std::string>(1, "d")));
    EXPECT_EQ(next(it, "none"), "none");
}

TEST(enumerate, of_an_enumerate_nests_the_pairs) {
    words letters{"a", "b"};
    auto e = enumerate(enumerate(letters, 5), 1);
    const auto [outer, inner] = next(e);
    EXPECT_EQ(outer, 1);
    EXPECT_EQ(inner.first, 5);
    EXPECT_EQ(inner.second, "a");
}

TEST(enumerate, moved_after_its_start_goes_on) {
    // std::string holds these within itself: an iterator into the old place would dangle.
    auto e = enumerate(std::string("abc"));
    EXPECT_EQ(next(e).second, 'a');
    const auto moved = std::make_unique<decltype(e)>(std::move(e));
    e = enumerate(std::string("xyz"));
    EXPECT_EQ(next(*moved), std::pair(std::ptrdiff_t{1}, 'b'));
    e = std::move(*moved);
    EXPECT_EQ(next(e), std::pair(std::ptrdiff_t{2}, 'c'));
}

TEST(enumerate, goes_into_std_views) {
    auto second = enumerate(words{"a", "b", "c"}) | std::views::filter([](const auto& p) { return p.first > 0; }) |
                  std::views::transform([](const auto& p) { return p.second; });
    std::string text;
    for (const auto& letter : second) text += letter;
    EXPECT_EQ(text, "bc");
}
