#include <fermata/iteration/dict_views.hpp>

#include <fermata/iteration/iter.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <ranges>
#include <set>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

using fermata::items;
using fermata::keys;
using fermata::values;

namespace {

using dict = std::map<std::string, int>;

template <class View>
auto list(View&& view) {
    std::vector<std::ranges::range_value_t<View>> elements;
    for (auto&& element : view) elements.push_back(element);
    return elements;
}

using words = std::vector<std::string>;
using ints = std::vector<int>;

}  // namespace

TEST(dict_views, show_keys_values_and_items) {
    dict d{{"a", 1}, {"b", 2}};
    EXPECT_EQ(list(keys(d)), (words{"a", "b"}));
    EXPECT_EQ(list(values(d)), (ints{1, 2}));
    std::string text;
    for (auto& [key, value] : items(d)) text += key + std::to_string(value);
    EXPECT_EQ(text, "a1b2");
}

TEST(dict_views, can_be_iterated_again_and_again) {
    dict d{{"a", 1}, {"b", 2}};
    auto k = keys(d);
    EXPECT_EQ(list(k), list(k));
    EXPECT_EQ(list(k).size(), 2U);
}

TEST(dict_views, show_the_map_as_it_is_when_they_are_looked_at) {
    dict d{{"a", 1}};
    auto k = keys(d);
    auto v = values(d);
    auto i = items(d);
    d["b"] = 2;
    EXPECT_EQ(list(k), (words{"a", "b"}));
    EXPECT_EQ(list(v), (ints{1, 2}));
    EXPECT_EQ(std::ranges::distance(i), 2);
}

TEST(dict_views, know_their_size) {
    dict d{{"a", 1}, {"b", 2}, {"c", 3}};
    auto k = keys(d);
    EXPECT_EQ(k.size(), 3U);
    d.erase("a");
    EXPECT_EQ(k.size(), 2U);
    EXPECT_EQ(values(d).size(), 2U);
    EXPECT_EQ(items(d).size(), 2U);
}

TEST(dict_views, let_values_be_assigned_to) {
    dict d{{"a", 1}, {"b", 2}};
    for (int& value : values(d)) value *= 10;
    for (auto& [key, value] : items(d)) value += 1;
    EXPECT_EQ(d, (dict{{"a", 11}, {"b", 21}}));
}

TEST(dict_views, copy_nothing) {
    std::map<int, std::unique_ptr<int>> d;
    d.emplace(1, std::make_unique<int>(5));
    for (const auto& pointer : values(d)) EXPECT_EQ(*pointer, 5);
    EXPECT_EQ(&*keys(d).begin(), &d.begin()->first);
    EXPECT_EQ(&*values(d).begin(), &d.begin()->second);
    EXPECT_EQ(&*items(d).begin(), &*d.begin());
}

TEST(dict_views, give_no_way_to_change_keys_or_const_values) {
    dict d{{"a", 1}};
    const dict& c = d;
    EXPECT_TRUE((std::is_same_v<decltype(*keys(d).begin()), const std::string&>));
    EXPECT_TRUE((std::is_same_v<decltype(*values(d).begin()), int&>));
    EXPECT_TRUE((std::is_same_v<decltype(*values(c).begin()), const int&>));
    EXPECT_TRUE((std::is_same_v<decltype(*items(c).begin()), const std::pair<const std::string, int>&>));
    EXPECT_EQ(list(keys(c)), words{"a"});
    EXPECT_EQ(list(values(c)), ints{1});
}

TEST(dict_views, take_unordered_maps_and_multimaps) {
    std::unordered_map<int, int> u{{1, 10}, {2, 20}};
    auto k = list(keys(u));
    std::ranges::sort(k);
    EXPECT_EQ(k, (ints{1, 2}));
    int sum = 0;
    for (const int value : values(u)) sum += value;
    EXPECT_EQ(sum, 30);

    const std::multimap<int, int> m{{1, 10}, {1, 11}};
    EXPECT_EQ(list(keys(m)), (ints{1, 1}));
    EXPECT_EQ(list(values(m)), (ints{10, 11}));
}

TEST(dict_views, own_a_map_that_is_given_away) {
    auto k = keys(dict{{"a", 1}, {"b", 2}});
    auto v = values(dict{{"a", 1}, {"b", 2}});
    auto i = items(dict{{"a", 1}});
    EXPECT_EQ(list(k), (words{"a", "b"}));
    EXPECT_EQ(list(v), (ints{1, 2}));
    EXPECT_EQ(i.begin()->first, "a");
    auto moved = std::move(k);
    EXPECT_EQ(list(moved), (words{"a", "b"}));
}

TEST(dict_views, go_into_std_views_and_iter) {
    dict d{{"a", 1}, {"b", 2}, {"c", 3}};
    EXPECT_EQ(list(values(d) | std::views::reverse | std::views::take(2)), (ints{3, 2}));
    auto k = keys(d);
    auto it = fermata::iter(k);
    EXPECT_EQ(fermata::next(it), "a");
    EXPECT_EQ(list(it), (words{"b", "c"}));
}

TEST(dict_views, are_of_maps_only) {
    EXPECT_TRUE(fermata::map_like<dict&>);
    EXPECT_TRUE(fermata::map_like<const dict&>);
    EXPECT_FALSE(fermata::map_like<std::vector<int>&>);
    EXPECT_FALSE(fermata::map_like<std::set<int>&>);
}

// SEMANTICS 3: what happens when a map grows in a loop is the map's own rule; std::map's is that nothing happens.
TEST(dict_views, follow_the_map_s_own_rule_when_it_grows_in_a_loop) {
    dict d{{"a", 1}, {"c", 3}};
    words seen;
    for (const auto& key : keys(d)) {
        seen.push_back(key);
        d.emplace("b", 2);
    }
    EXPECT_EQ(seen, (words{"a", "b", "c"}));
}
