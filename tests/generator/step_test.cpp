// What a step shows, and how values go in and out: by value, by reference, moved; what is copied, and what is not.

#include <fermata/generator/generator.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

using fermata::generator;
using fermata::next;
using fermata::send;
using support::tally;
using support::tracked;

namespace {

template <class Yield, class Value>
generator<Yield> once(Value value) {
    co_yield value;
}

generator<tracked> yields_a_local_and_a_temporary(tally& counts) {
    tracked local(counts, 1);
    co_yield local;
    EXPECT_EQ(local.value, 1) << "a local that was yielded must not be moved from";
    co_yield tracked(counts, 2);
}

}  // namespace

TEST(step, is_true_when_the_generator_yielded) {
    auto g = once<int>(5);
    auto s = g.next();
    EXPECT_TRUE(s);
    EXPECT_EQ(*s, 5);
    EXPECT_FALSE(s.result());
}

TEST(step, is_false_when_the_generator_returned_and_has_its_result_once) {
    auto g = once<int>(5);
    g.next();
    auto s = g.next();
    EXPECT_FALSE(s);
    EXPECT_TRUE(s.result());
    auto after = g.next();
    EXPECT_FALSE(after);
    EXPECT_FALSE(after.result());
}

TEST(step, does_not_convert_to_a_number) {
    EXPECT_FALSE((std::is_convertible_v<fermata::step<int, void>, bool>));
    EXPECT_TRUE((std::is_constructible_v<bool, fermata::step<int, void>>));
}

TEST(step, reaches_the_yielded_object_in_its_place) {
    auto body = [](const std::string*& address) -> generator<std::string> {
        const std::string local = "local";
        address = &local;
        co_yield local;
    };
    const std::string* address = nullptr;
    auto g = body(address);
    auto s = g.next();
    EXPECT_EQ(&*s, address);
    EXPECT_EQ(s->size(), 5U);
    EXPECT_TRUE((std::is_same_v<decltype(*s), const std::string&>));
}

TEST(step, copies_and_moves_nothing) {
    tally counts;
    {
        auto g = yields_a_local_and_a_temporary(counts);
        auto one = g.next();
        EXPECT_EQ(one->value, 1);
        auto two = g.next();
        EXPECT_EQ(two->value, 2);
        g.next();
    }
    EXPECT_EQ(counts.copied + counts.moved, 0);
    EXPECT_TRUE(counts.settled());
}

TEST(step, of_next_copies_a_variable_once_and_moves_a_temporary_once) {
    tally counts;
    {
        auto g = yields_a_local_and_a_temporary(counts);
        EXPECT_EQ(next(g).value, 1);
        EXPECT_EQ(counts.copied, 1);
        EXPECT_EQ(counts.moved, 0);
        EXPECT_EQ(next(g).value, 2);
        EXPECT_EQ(counts.copied, 1);
        EXPECT_EQ(counts.moved, 1);
        g.next();
    }
    EXPECT_TRUE(counts.settled());
}

TEST(step, of_next_moves_what_the_body_moved_out) {
    tally counts;
    auto body = [](tally& t) -> generator<tracked> {
        tracked local(t, 1);
        co_yield std::move(local);
        EXPECT_EQ(local.value, -1);  // NOLINT(bugprone-use-after-move): that it was moved from is the point
    };
    auto g = body(counts);
    EXPECT_EQ(next(g, tracked(counts, 9)).value, 1);
    EXPECT_EQ(counts.copied, 0);
    g.next();
}

TEST(step, in_a_loop_copies_nothing) {
    tally counts;
    for (const auto& element : yields_a_local_and_a_temporary(counts)) EXPECT_GT(element.value, 0);
    EXPECT_EQ(counts.copied + counts.moved, 0);
    EXPECT_TRUE(counts.settled());
}

TEST(step, of_references_lets_the_yielded_object_be_changed) {
    auto body = [](std::vector<std::string>& words) -> generator<std::string&> {
        for (auto& word : words) co_yield word;
    };
    std::vector<std::string> words{"a", "b"};
    auto g = body(words);
    EXPECT_EQ(&*g.next(), &words[0]);
    words[0] = "changed";
    for (std::string& word : g) word += "!";
    EXPECT_EQ(words, (std::vector<std::string>{"changed", "b!"}));
}

TEST(step, of_next_of_references_copies) {
    auto body = [](std::string& word) -> generator<std::string&> {
        for (;;) co_yield word;
    };
    std::string word = "a word too long to be kept within the string itself";
    auto g = body(word);
    std::string copy = next(g);
    EXPECT_EQ(copy, word);
    EXPECT_TRUE((std::is_same_v<decltype(next(g)), std::string>));
    EXPECT_FALSE(word.empty());
}

TEST(step, of_const_references_takes_variables_and_temporaries) {
    auto body = [](const std::string& word) -> generator<const std::string&> {
        co_yield word;
        co_yield "temporary";
    };
    const std::string word = "word";
    auto g = body(word);
    EXPECT_EQ(&*g.next(), &word);
    EXPECT_EQ(*g.next(), "temporary");
    EXPECT_TRUE((std::is_same_v<decltype(*g.next()), const std::string&>));
}

TEST(step, of_rvalue_references_hands_over) {
    auto body = []() -> generator<std::string&&> {
        std::string local = "a local too long to be kept within the string itself";
        co_yield std::move(local);
        EXPECT_TRUE(local.empty());  // NOLINT(bugprone-use-after-move): that it was moved from is the point
    };
    auto g = body();
    auto s = g.next();
    EXPECT_TRUE((std::is_same_v<decltype(*s), std::string&&>));
    const std::string taken = *s;
    EXPECT_EQ(taken.substr(0, 7), "a local");
    g.next();
}

TEST(step, of_move_only_values_hands_over) {
    auto body = []() -> generator<std::unique_ptr<int>> {
        co_yield std::make_unique<int>(1);
        auto local = std::make_unique<int>(2);
        co_yield std::move(local);
        EXPECT_EQ(local, nullptr);  // NOLINT(bugprone-use-after-move): that it was moved from is the point
        auto kept = std::make_unique<int>(3);
        co_yield std::move(kept);
        EXPECT_EQ(*kept, 3);  // NOLINT(bugprone-use-after-move): nobody took it
    };
    auto g = body();
    EXPECT_EQ(*next(g), 1);
    const std::unique_ptr<int> taken = *g.next();
    EXPECT_EQ(*taken, 2);
    EXPECT_EQ(**g.next(), 3);
    EXPECT_FALSE(g.next());
}

TEST(step, of_move_only_values_in_a_loop_hands_over) {
    auto body = []() -> generator<std::unique_ptr<int>> {
        for (int i = 0; i < 3; ++i) co_yield std::make_unique<int>(i);
    };
    std::vector<std::unique_ptr<int>> taken;
    for (auto&& pointer : body()) taken.push_back(std::move(pointer));
    EXPECT_EQ(taken.size(), 3U);
    EXPECT_EQ(*taken[2], 2);
}

TEST(step, of_next_of_a_move_only_value_takes_it) {
    auto body = []() -> generator<std::unique_ptr<int>> {
        auto local = std::make_unique<int>(1);
        co_yield std::move(local);
        EXPECT_EQ(local, nullptr);  // NOLINT(bugprone-use-after-move): that it was moved from is the point
    };
    auto g = body();
    EXPECT_EQ(*next(g, nullptr), 1);
    EXPECT_EQ(next(g, nullptr), nullptr);
}

TEST(co_yield_of, another_type_converts) {
    EXPECT_EQ(*once<double>(1).next(), 1.0);
    EXPECT_EQ(*once<std::string>("literal").next(), "literal");
    EXPECT_EQ(*once<std::string_view>(std::string("viewed")).next(), "viewed");
    EXPECT_EQ(*once<std::optional<int>>(5).next(), 5);
    EXPECT_EQ(*once<std::optional<int>>(std::nullopt).next(), std::nullopt);
    auto array = []() -> generator<std::array<int, 2>> {
        const std::array<int, 2> pair{1, 2};
        co_yield pair;
    };
    EXPECT_EQ((*array().next())[1], 2);
}

TEST(co_yield_of, a_derived_object_gives_its_base) {
    struct base {
        virtual ~base() = default;
        virtual int number() const { return 1; }
    };
    struct derived final : base {
        int number() const override { return 2; }
    };
    auto body = []() -> generator<const base&> {
        const derived local;
        co_yield local;
    };
    auto g = body();
    EXPECT_EQ(g.next()->number(), 2);
}

TEST(co_yield_of, braces_makes_the_yielded_type) {
    auto body = []() -> generator<std::pair<int, std::string>> {
        co_yield {1, "one"};
        co_yield {2, "two"};
    };
    auto g = body();
    EXPECT_EQ(g.next()->second, "one");
    EXPECT_EQ(next(g).first, 2);
}

TEST(co_yield_of, a_temporary_keeps_it_until_the_generator_goes_on) {
    tally counts;
    auto body = [](tally& t) -> generator<tracked> {
        co_yield tracked(t, 1);
        EXPECT_EQ(t.alive(), 0);
        co_yield tracked(t, 2);
    };
    auto g = body(counts);
    auto s = g.next();
    EXPECT_EQ(counts.alive(), 1);
    EXPECT_EQ(s->value, 1);
    g.next();
    EXPECT_EQ(counts.alive(), 1);
    g.next();
    EXPECT_TRUE(counts.settled());
}

TEST(co_yield_of, a_temporary_is_destroyed_with_a_suspended_generator) {
    tally counts;
    {
        auto g = once<int>(1);
        auto body = [](tally& t) -> generator<tracked> { co_yield tracked(t, 1); };
        auto h = body(counts);
        h.next();
    }
    EXPECT_TRUE(counts.settled());
    EXPECT_EQ(counts.destroyed, 1);
}

namespace {

template <class Send>
generator<int, Send> length_of_what_is_sent() {
    int length = 0;
    for (;;) {
        Send sent = co_yield length;
        length = static_cast<int>(sent.size());
    }
}

}  // namespace

TEST(sent, values_arrive) {
    auto g = length_of_what_is_sent<std::string>();
    g.next();
    EXPECT_EQ(*g.send("four"), 4);
    EXPECT_EQ(send(g, "sixsix"), 6);
    const std::string lvalue = "lvalue";
    EXPECT_EQ(send(g, lvalue), 6);
    EXPECT_EQ(lvalue, "lvalue");
}

TEST(sent, values_are_moved_and_not_copied) {
    tally counts;
    auto body = []() -> generator<int, tracked> {
        int value = 0;
        for (;;) {
            const tracked sent = co_yield value;
            value = sent.value;
        }
    };
    {
        auto g = body();
        g.next();
        EXPECT_EQ(*g.send(tracked(counts, 4)), 4);
        EXPECT_EQ(counts.copied, 0);
        EXPECT_EQ(counts.moved, 1);
        EXPECT_EQ(send(g, tracked(counts, 5)), 5);
        EXPECT_EQ(counts.copied, 0);
    }
    EXPECT_TRUE(counts.settled());
}

TEST(sent, move_only_values_arrive) {
    auto body = []() -> generator<int, std::unique_ptr<int>> {
        int last = 0;
        for (;;) {
            auto sent = co_yield last;
            last = sent ? *sent : -1;
        }
    };
    auto g = body();
    g.next();
    EXPECT_EQ(*g.send(std::make_unique<int>(5)), 5);
    EXPECT_EQ(send(g, std::make_unique<int>(6)), 6);
    EXPECT_EQ(send(g, nullptr), -1);
}

TEST(sent, optional_move_only_values_arrive) {
    auto body = []() -> generator<int, std::optional<std::unique_ptr<int>>> {
        int last = 0;
        for (;;) {
            auto sent = co_yield last;
            last = sent ? **sent : -1;
        }
    };
    auto g = body();
    EXPECT_EQ(next(g), 0);
    EXPECT_EQ(send(g, std::make_unique<int>(6)), 6);
    EXPECT_EQ(next(g), -1);
}

TEST(sent, references_refer_to_the_sender_s_object) {
    auto body = []() -> generator<int, std::string&> {
        for (int i = 0;; ++i) {
            std::string& sent = co_yield i;
            sent += "!";
        }
    };
    auto g = body();
    g.next();
    std::string text = "hello";
    EXPECT_EQ(*g.send(text), 1);
    EXPECT_EQ(send(g, text), 2);
    EXPECT_EQ(text, "hello!!");
}

TEST(sent, const_references_take_temporaries_and_copy_nothing) {
    tally counts;
    auto body = []() -> generator<int, const tracked&> {
        int value = 0;
        for (;;) {
            const tracked& sent = co_yield value;
            value = sent.value;
        }
    };
    auto g = body();
    g.next();
    EXPECT_EQ(*g.send(tracked(counts, 4)), 4);
    EXPECT_EQ(counts.copied + counts.moved, 0);
}

TEST(sent, rvalue_references_hand_over) {
    auto body = []() -> generator<int, std::unique_ptr<int>&&> {
        std::unique_ptr<int> last;
        for (;;) last = co_yield last ? *last : 0;
    };
    auto g = body();
    g.next();
    auto pointer = std::make_unique<int>(5);
    EXPECT_EQ(*g.send(std::move(pointer)), 5);
    EXPECT_EQ(pointer, nullptr);  // NOLINT(bugprone-use-after-move): that it was moved from is the point
}

TEST(sent, values_may_be_ignored) {
    auto body = []() -> generator<int, tracked> {
        co_yield 1;
        co_yield 2;
    };
    tally counts;
    auto g = body();
    g.next();
    EXPECT_EQ(*g.send(tracked(counts)), 2);
    EXPECT_TRUE(counts.settled());
}

namespace {

template <class Return>
generator<int, void, Return> returns(Return value) {
    co_yield 0;
    co_return value;
}

template <class Return>
std::optional<Return> result_of(generator<int, void, Return> g) {
    g.next();
    return g.next().result();
}

}  // namespace

TEST(result, may_be_of_any_type) {
    EXPECT_EQ(result_of(returns(5)), 5);
    EXPECT_EQ(result_of(returns(std::string("done"))), "done");
    EXPECT_EQ(**result_of(returns(std::make_unique<int>(7))), 7);
    EXPECT_EQ(result_of(returns(std::optional<int>(3))), std::optional<int>(3));
}

TEST(result, may_be_none_and_is_not_no_result) {
    auto body = []() -> generator<int, void, std::optional<int>> {
        co_yield 0;
        co_return std::nullopt;
    };
    auto g = body();
    g.next();
    auto s = g.next();
    EXPECT_TRUE(s.result().has_value());
    EXPECT_FALSE(s.result()->has_value());
    EXPECT_FALSE(g.next().result().has_value());
}

TEST(result, is_moved_out_of_the_step) {
    auto g = returns(std::make_unique<int>(7));
    g.next();
    const std::unique_ptr<int> taken = *g.next().result();
    EXPECT_EQ(*taken, 7);
}

TEST(result, is_never_copied) {
    tally counts;
    {
        auto body = [](tally& t) -> generator<int, void, tracked> {
            tracked local(t, 7);
            co_yield 0;
            co_return local;
        };
        auto g = body(counts);
        g.next();
        auto s = g.next();
        EXPECT_EQ(s.result()->value, 7);
        EXPECT_EQ(counts.copied, 0);
    }
    EXPECT_TRUE(counts.settled());
}

TEST(result, that_nobody_took_is_destroyed_with_the_generator) {
    tally counts;
    {
        auto body = [](tally& t) -> generator<int, void, tracked> {
            co_yield 0;
            co_return tracked(t, 7);
        };
        auto g = body(counts);
        for (const int n : g) EXPECT_EQ(n, 0);
    }
    EXPECT_TRUE(counts.settled());
}

TEST(result, in_stop_iteration_may_be_move_only) {
    auto g = returns(std::make_unique<int>(7));
    next(g);
    try {
        next(g);
        FAIL();
    } catch (const fermata::stop_iteration& e) {
        EXPECT_EQ(*e.value<std::unique_ptr<int>>(), 7);
    }
}

TEST(result, converts_at_co_return) {
    auto body = []() -> generator<int, void, std::string> {
        co_yield 0;
        co_return "literal";
    };
    EXPECT_EQ(result_of(body()), "literal");
}
