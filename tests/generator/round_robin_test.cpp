#include <fermata/generator/round_robin.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using fermata::generator;
using fermata::generator_state;
using fermata::round_robin;

namespace {

// Notes what it is sent, and returns after as many messages as it was told.
generator<std::string, std::string, std::string> counts(std::string& journal, std::string name, int messages) {
    for (int i = 0; i < messages; ++i) {
        const std::string message = co_yield name + std::to_string(i);
        journal.append(name).append(":").append(message).append(" ");
    }
    co_return name + " done";
}

using counting = decltype(counts(std::declval<std::string&>(), "", 0));
using strings = std::vector<std::string>;

std::vector<counting> of(std::string& journal, const std::vector<std::pair<std::string, int>>& all) {
    std::vector<counting> generators;
    generators.reserve(all.size());
    for (const auto& [name, messages] : all) generators.push_back(counts(journal, name, messages));
    return generators;
}

}  // namespace

TEST(round_robin, sends_each_the_message_in_turn_until_all_have_returned) {
    std::string journal;
    auto generators = of(journal, {{"a", 2}, {"b", 3}});
    round_robin(generators, "hey");
    EXPECT_EQ(journal, "a:hey b:hey a:hey b:hey b:hey ");
    for (auto& g : generators) EXPECT_EQ(g.state(), generator_state::closed);
}

TEST(round_robin, gives_the_results_in_the_order_of_completion) {
    std::string journal;
    auto generators = of(journal, {{"slow", 3}, {"quick", 1}, {"middle", 2}});
    EXPECT_EQ(round_robin(generators, ""), (strings{"quick done", "middle done", "slow done"}));
}

TEST(round_robin, of_none_gives_nothing) {
    std::vector<counting> none;
    EXPECT_EQ(round_robin(none, "hey"), strings{});
}

TEST(round_robin, takes_the_result_of_one_that_returns_when_started) {
    std::string journal;
    auto generators = of(journal, {{"a", 1}, {"at once", 0}});
    EXPECT_EQ(round_robin(generators, "hey"), (strings{"at once done", "a done"}));
    EXPECT_EQ(journal, "a:hey ");
}

TEST(round_robin, goes_on_with_those_that_have_started_and_leaves_those_that_ended) {
    std::string journal;
    auto generators = of(journal, {{"a", 1}, {"b", 1}, {"c", 1}});
    generators[0].next();
    generators[1].close();
    EXPECT_EQ(round_robin(generators, "hey"), (strings{"a done", "c done"}));
    EXPECT_EQ(journal, "a:hey c:hey ");
}

TEST(round_robin, starts_all_before_it_sends_to_one) {
    std::string journal;
    auto body = [](std::string& log, std::string name) -> generator<int, int, int> {
        log += "start " + name + " ";
        co_yield 0;
        log += "end " + name + " ";
        co_return 0;
    };
    std::vector<generator<int, int, int>> generators;
    generators.push_back(body(journal, "a"));
    generators.push_back(body(journal, "b"));
    round_robin(generators, 1);
    EXPECT_EQ(journal, "start a start b end a end b ");
}

TEST(round_robin, asks_a_callable_for_each_message) {
    std::string journal;
    auto generators = of(journal, {{"a", 1}, {"b", 2}});
    round_robin(generators, [](std::size_t index) { return "to " + std::to_string(index); });
    EXPECT_EQ(journal, "a:to 0 b:to 1 b:to 1 ");
}

TEST(round_robin, asks_for_no_message_to_one_that_has_ended) {
    std::string journal;
    std::string asked;
    auto generators = of(journal, {{"a", 1}, {"b", 2}, {"c", 1}});
    generators[2].close();
    round_robin(generators, [&](std::size_t index) {
        asked += std::to_string(index) + " ";
        return std::string();
    });
    EXPECT_EQ(asked, "0 1 1 ");
}

TEST(round_robin, reports_each_response_to_a_send_with_its_index) {
    std::string journal;
    std::string responses;
    auto generators = of(journal, {{"a", 1}, {"b", 3}});
    round_robin(generators, "hey", [&](std::size_t index, const std::string& response) {
        responses += std::to_string(index) + response + " ";
    });
    EXPECT_EQ(responses, "1b1 1b2 ");
}

TEST(round_robin, takes_any_sequence_and_gives_its_like) {
    std::string journal;
    std::list<counting> list;
    list.push_back(counts(journal, "a", 1));
    EXPECT_EQ(round_robin(list, ""), std::list<std::string>{"a done"});
    std::deque<counting> deque;
    deque.push_back(counts(journal, "b", 1));
    EXPECT_EQ(round_robin(deque, ""), std::deque<std::string>{"b done"});
}

TEST(round_robin, sends_none_where_that_can_be_sent) {
    auto body = []() -> generator<int, std::optional<int>, int> {
        const std::optional<int> got = co_yield 0;
        co_return got.value_or(-1);
    };
    std::vector<generator<int, std::optional<int>, int>> generators;
    generators.push_back(body());
    EXPECT_EQ(round_robin(generators, std::nullopt), std::vector<int>{-1});
    generators.clear();
    generators.push_back(body());
    EXPECT_EQ(round_robin(generators, 5), std::vector<int>{5});
}

TEST(round_robin, that_meets_an_exception_leaves_the_others_where_they_are) {
    auto body = [](bool fails) -> generator<int, int, int> {
        const int got = co_yield 0;
        if (fails) throw std::runtime_error("failed");
        const int more = co_yield got;
        co_return more;
    };
    std::vector<generator<int, int, int>> generators;
    generators.push_back(body(false));
    generators.push_back(body(true));
    generators.push_back(body(false));
    EXPECT_EQ(support::raised<std::runtime_error>([&] { round_robin(generators, 1); }), "failed");
    EXPECT_EQ(generators[0].state(), generator_state::suspended);
    EXPECT_EQ(generators[1].state(), generator_state::closed);
    EXPECT_EQ(generators[2].state(), generator_state::suspended);
    EXPECT_EQ(round_robin(generators, 7), (std::vector<int>{7, 7}));
}
