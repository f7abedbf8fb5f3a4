// yield from a generator: PEP 380. Observed with CPython 3.13.

#include <fermata/generator/yield_from.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using fermata::from;
using fermata::generator;
using fermata::generator_state;
using fermata::next;
using fermata::stop_iteration;
using support::raised;

namespace {

struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using strings = generator<std::string, std::optional<int>, std::string>;

// Yields what befalls it; "stop" ends it with a result.
strings hears(std::string name = "inner") {
    std::string heard = name;
    for (;;) {
        try {
            const std::optional<int> got = co_yield heard;
            heard = name + " got " + (got ? std::to_string(*got) : "None");
            if (got == 0) co_return name + "'s result";
        } catch (const failure& e) {
            heard = name + " caught " + e.what();
            if (e.what() == std::string("stop")) co_return name + " stopped";
        }
    }
}

strings delegates(strings sub) {
    const std::string result = co_yield from(std::move(sub));
    co_yield "outer has " + result;
    co_return result;
}

strings borrows(strings& sub) {
    const std::string result = co_yield from(sub);
    co_yield "outer has " + result;
    co_return result;
}

generator<int, void, std::optional<std::string>> three() {
    co_yield 1;
    co_yield 2;
    co_yield 3;
    co_return "r";
}

using threes = generator<int, void, std::optional<std::string>>;

threes borrows_three(threes& sub) {
    std::optional<std::string> result = co_yield from(sub);
    co_return result.value_or("None");
}

template <class Generator>
std::vector<int> rest(Generator&& g) {
    std::vector<int> elements;
    for (const int n : g) elements.push_back(n);
    return elements;
}

using ints = std::vector<int>;

}  // namespace

TEST(yield_from, a_fresh_generator_gives_all_it_yields_and_its_result) {
    auto g = delegates(hears());
    EXPECT_EQ(next(g), "inner");
    EXPECT_EQ(next(g), "inner got None");
    EXPECT_EQ(send(g, 0), "outer has inner's result");
    EXPECT_EQ(g.next().result(), "inner's result");
}

TEST(yield_from, passes_on_what_is_sent) {
    auto g = delegates(delegates(hears()));
    next(g);
    EXPECT_EQ(send(g, 5), "inner got 5");
    EXPECT_EQ(send(g, std::nullopt), "inner got None");
    EXPECT_EQ(send(g, 6), "inner got 6");
    EXPECT_EQ(next(g), "inner got None");
}

TEST(yield_from, starts_the_delegate_with_none_whatever_was_sent_before) {
    auto body = []() -> strings {
        co_yield "first";
        co_yield from(hears());
        co_return "";
    };
    auto g = body();
    next(g);
    EXPECT_EQ(send(g, 7), "inner");
}

// SEMANTICS 4
TEST(yield_from, does_not_let_a_value_be_sent_before_the_start) {
    auto g = delegates(hears());
    EXPECT_EQ(raised<fermata::type_error>([&] { g.send(5); }), "can't send non-None value to a just-started generator");
    EXPECT_EQ(next(g), "inner");
}

TEST(yield_from, gives_the_yielded_object_itself) {
    support::tally counts;
    auto inner = [](support::tally& t) -> generator<support::tracked> {
        const support::tracked local(t, 1);
        co_yield local;
        co_yield support::tracked(t, 2);
    };
    auto outer = [](generator<support::tracked> sub) -> generator<support::tracked> { co_yield from(std::move(sub)); };
    {
        auto g = outer(outer(inner(counts)));
        EXPECT_EQ(g.next()->value, 1);
        EXPECT_EQ(g.next()->value, 2);
        EXPECT_EQ(counts.copied + counts.moved, 0);
    }
    {
        auto g = outer(outer(inner(counts)));
        EXPECT_EQ(next(g).value, 1);
        EXPECT_EQ(counts.copied, 1);
        EXPECT_EQ(next(g).value, 2);
        EXPECT_EQ(counts.copied, 1);
        EXPECT_EQ(counts.moved, 1);
    }
    EXPECT_TRUE(counts.settled());
}

TEST(yield_from, next_copies_after_a_delegate_that_moved) {
    // Whether the object may be moved from is the last yield's matter, not that of an earlier one in the chain.
    support::tally counts;
    auto inner = [](support::tally& t) -> generator<support::tracked> { co_yield support::tracked(t, 2); };
    auto outer = [](generator<support::tracked> sub, support::tally& t) -> generator<support::tracked> {
        const support::tracked local(t, 1);
        co_yield local;
        co_yield from(std::move(sub));
        co_yield local;
    };
    auto g = outer(inner(counts), counts);
    EXPECT_EQ(next(g).value, 1);
    EXPECT_EQ(next(g).value, 2);
    EXPECT_EQ(next(g).value, 1);
    EXPECT_EQ(counts.copied, 2);
}

// SEMANTICS 22
TEST(yield_from, a_half_used_generator_continues_where_it_was) {
    auto sub = three();
    EXPECT_EQ(next(sub), 1);
    auto g = borrows_three(sub);
    EXPECT_EQ(next(g), 2);
    EXPECT_EQ(next(g), 3);
    EXPECT_EQ(g.next().result(), "r");
    EXPECT_EQ(sub.state(), generator_state::closed);
}

// SEMANTICS 22
TEST(yield_from, a_half_used_generator_that_is_moved_in_continues) {
    auto sub = hears();
    next(sub);
    auto g = delegates(std::move(sub));
    EXPECT_EQ(next(g), "inner got None");
}

// SEMANTICS 22
TEST(yield_from, an_ended_generator_gives_none_at_once) {
    auto sub = three();
    EXPECT_EQ(rest(sub), (ints{1, 2, 3}));
    auto g = borrows_three(sub);
    EXPECT_EQ(g.next().result(), "None");
    auto closed = three();
    closed.close();
    EXPECT_EQ(borrows_three(closed).next().result(), "None");
    auto gone = three();
    {
        const auto elsewhere = std::move(gone);
    }
    EXPECT_EQ(borrows_three(gone).next().result(), "None");  // NOLINT(bugprone-use-after-move): the point
}

// Where Python would give None to a body that takes a str. Here the body has to say that it takes None.
TEST(yield_from, an_ended_generator_whose_result_cannot_be_none_is_a_type_error) {
    auto sub = hears();
    next(sub);
    sub.close();
    auto g = borrows(sub);
    EXPECT_EQ(raised<fermata::type_error>([&] { g.next(); }),
              "the generator delegated to had ended before, and has no result: "
              "make its Return a std::optional to receive None");
}

TEST(yield_from, an_ended_generator_without_result_is_nothing) {
    auto inner = []() -> generator<int> { co_yield 1; };
    auto outer = [](generator<int>& sub) -> generator<int> {
        co_yield from(sub);
        co_yield from(sub);
        co_yield from(std::move(sub));
        co_yield 2;
    };
    auto sub = inner();
    EXPECT_EQ(rest(outer(sub)), (ints{1, 2}));
}

TEST(yield_from, a_generator_that_returns_at_once_yields_nothing) {
    auto inner = []() -> generator<int, void, int> {
        co_return 5;
        co_yield 0;
    };
    auto outer = [](generator<int, void, int> sub) -> generator<int> { co_yield co_yield from(std::move(sub)); };
    EXPECT_EQ(rest(outer(inner())), ints{5});
}

TEST(yield_from, gives_any_kind_of_result) {
    auto inner = []() -> generator<int, void, std::unique_ptr<int>> {
        co_yield 1;
        co_return std::make_unique<int>(5);
    };
    auto outer = [](generator<int, void, std::unique_ptr<int>> sub) -> generator<int, void, std::unique_ptr<int>> {
        auto result = co_yield from(std::move(sub));
        *result += 1;
        co_return result;
    };
    auto g = outer(outer(inner()));
    next(g);
    EXPECT_EQ(**g.next().result(), 7);
}

TEST(yield_from, a_result_of_none_is_a_result) {
    auto inner = []() -> generator<int, void, std::optional<int>> {
        co_yield 1;
        co_return std::nullopt;
    };
    auto outer = [](generator<int, void, std::optional<int>> sub) -> generator<int> {
        const std::optional<int> result = co_yield from(std::move(sub));
        co_yield result.value_or(-1);
    };
    EXPECT_EQ(rest(outer(inner())), (ints{1, -1}));
}

TEST(yield_from, one_after_another) {
    auto outer = []() -> generator<int> {
        co_yield 0;
        co_yield from(three());
        for (int i = 0; i < 2; ++i) co_yield from(three());
        co_yield 4;
    };
    EXPECT_EQ(rest(outer()), (ints{0, 1, 2, 3, 1, 2, 3, 1, 2, 3, 4}));
}

TEST(yield_from, recursively_walks_a_tree) {
    struct tree {
        int value;
        std::unique_ptr<tree> left;
        std::unique_ptr<tree> right;
        static generator<int> in_order(const tree* node) {
            if (!node) co_return;
            co_yield from(in_order(node->left.get()));
            co_yield node->value;
            co_yield from(in_order(node->right.get()));
        }
    };
    const auto leaf = [](int n) { return std::make_unique<tree>(tree{n, nullptr, nullptr}); };
    const tree root{4, std::make_unique<tree>(tree{2, leaf(1), leaf(3)}),
                    std::make_unique<tree>(tree{6, leaf(5), nullptr})};
    EXPECT_EQ(rest(tree::in_order(&root)), (ints{1, 2, 3, 4, 5, 6}));
}

// SEMANTICS 17
TEST(yield_from, leaves_both_suspended) {
    auto sub = three();
    auto g = borrows_three(sub);
    EXPECT_EQ(sub.state(), generator_state::created);
    next(g);
    EXPECT_EQ(g.state(), generator_state::suspended);
    EXPECT_EQ(sub.state(), generator_state::suspended);
    rest(g);
    EXPECT_EQ(g.state(), generator_state::closed);
    EXPECT_EQ(sub.state(), generator_state::closed);
}

// SEMANTICS 17
TEST(yield_from, leaves_both_running_while_the_delegate_runs) {
    std::vector<generator_state> states;
    generator<int>* inner = nullptr;
    generator<int>* outer = nullptr;
    auto looks = [](generator<int>*& i, generator<int>*& o, std::vector<generator_state>& seen) -> generator<int> {
        co_yield 1;
        seen = {i->state(), o->state()};
        co_yield 2;
    };
    auto lends = [](generator<int>& sub) -> generator<int> { co_yield from(sub); };
    auto i = looks(inner, outer, states);
    auto o = lends(i);
    inner = &i;
    outer = &o;
    next(o);
    next(o);
    EXPECT_EQ(states, (std::vector{generator_state::running, generator_state::running}));
    EXPECT_EQ(i.state(), generator_state::suspended);
}

// A conscious difference: CPython lets the delegate be advanced behind the back of the one who delegates.
TEST(yield_from, a_borrowed_generator_cannot_be_stepped_meanwhile) {
    auto sub = hears();
    auto g = borrows(sub);
    next(g);
    const char* const text = "generator already executing";
    EXPECT_EQ(raised<fermata::value_error>([&] { sub.next(); }), text);
    EXPECT_EQ(raised<fermata::value_error>([&] { sub.send(1); }), text);
    EXPECT_EQ(raised<fermata::value_error>([&] { sub.throw_(failure("x")); }), text);
    EXPECT_EQ(raised<fermata::value_error>([&] { sub.close(); }), text);
    EXPECT_EQ(send(g, 5), "inner got 5");
}

TEST(yield_from, a_borrowed_generator_in_the_middle_of_a_chain_cannot_be_stepped_either) {
    auto leaf = hears();
    auto middle = borrows(leaf);
    auto g = borrows(middle);
    next(g);
    EXPECT_EQ(middle.state(), generator_state::suspended);
    EXPECT_EQ(raised<fermata::value_error>([&] { middle.next(); }), "generator already executing");
    EXPECT_EQ(raised<fermata::value_error>([&] { middle.close(); }), "generator already executing");
    EXPECT_EQ(send(g, 0), "outer has inner's result");
    EXPECT_EQ(raised<fermata::value_error>([&] { middle.next(); }), "generator already executing");
    EXPECT_EQ(next(g), "outer has inner's result");
}

// SEMANTICS 16
TEST(yield_from, the_outer_one_cannot_be_stepped_from_within) {
    std::vector<std::string> texts;
    generator<int>* outer = nullptr;
    auto nosy = [](generator<int>*& o, std::vector<std::string>& seen) -> generator<int> {
        seen.push_back(raised<fermata::value_error>([&] { o->next(); }));
        co_yield 1;
        seen.push_back(raised<fermata::value_error>([&] { o->throw_(failure("x")); }));
        seen.push_back(raised<fermata::value_error>([&] { o->close(); }));
        co_yield 2;
    };
    auto lends = [](generator<int> sub) -> generator<int> { co_yield from(std::move(sub)); };
    auto g = lends(lends(nosy(outer, texts)));
    outer = &g;
    EXPECT_EQ(rest(g), (ints{1, 2}));
    EXPECT_EQ(texts, std::vector<std::string>(3, "generator already executing"));
}

// SEMANTICS 23
TEST(yield_from, a_generator_that_is_delegating_already) {
    auto leaf = hears();
    auto middle = borrows(leaf);
    EXPECT_EQ(next(middle), "inner");
    auto g = borrows(middle);
    EXPECT_EQ(next(g), "inner got None");
    EXPECT_EQ(send(g, 5), "inner got 5");
    EXPECT_EQ(*g.throw_(failure("x")), "inner caught x");
    EXPECT_EQ(send(g, 0), "outer has inner's result");
    EXPECT_EQ(next(g), "outer has inner's result");
    EXPECT_EQ(g.next().result(), "inner's result");
}

// SEMANTICS 23
TEST(yield_from, a_generator_that_is_delegating_already_and_is_moved_in) {
    auto middle = delegates(delegates(hears()));
    next(middle);
    auto g = delegates(std::move(middle));
    EXPECT_EQ(next(g), "inner got None");
    EXPECT_EQ(send(g, 5), "inner got 5");
    EXPECT_EQ(send(g, 0), "outer has inner's result");
    EXPECT_EQ(next(g), "outer has inner's result");
    EXPECT_EQ(next(g), "outer has inner's result");
    EXPECT_EQ(g.next().result(), "inner's result");
}

// SEMANTICS 16
TEST(yield_from, oneself_is_a_value_error_that_can_be_caught) {
    threes* self = nullptr;
    auto body = [](threes*& me) -> threes {
        std::string text;
        try {
            co_yield from(*me);
        } catch (const fermata::value_error& e) {
            text = e.what();
        }
        co_yield 1;
        co_return text;
    };
    auto g = body(self);
    self = &g;
    EXPECT_EQ(next(g), 1);
    EXPECT_EQ(g.next().result(), "generator already executing");
}

// SEMANTICS 16
TEST(yield_from, one_that_executes_is_a_value_error) {
    threes* first = nullptr;
    auto helper = [](threes*& sub) -> threes {
        std::string text;
        try {
            co_yield from(*sub);
        } catch (const fermata::value_error& e) {
            text = e.what();
        }
        co_return text;
    };
    auto body = [](threes helping) -> threes {
        auto s = helping.next();
        co_yield 1;
        co_return s.result().value_or("none");
    };
    auto g = body(helper(first));
    first = &g;
    EXPECT_EQ(next(g), 1);
    EXPECT_EQ(g.next().result(), "generator already executing");
}

// One that another delegates to is that one's.
TEST(yield_from, one_that_is_delegated_to_already_is_a_value_error) {
    auto sub = three();
    auto one = borrows_three(sub);
    auto other = borrows_three(sub);
    EXPECT_EQ(next(one), 1);
    EXPECT_EQ(raised<fermata::value_error>([&] { next(other); }), "generator already executing");
    EXPECT_EQ(next(one), 2);
}

TEST(yield_from, one_that_waits_for_a_value_is_a_type_error) {
    auto echo = []() -> generator<int, int> {
        int last = 0;
        for (;;) last = co_yield last;
    };
    auto outer = [](generator<int, int>& sub) -> generator<int, int> { co_yield from(sub); };
    auto sub = echo();
    sub.next();
    auto g = outer(sub);
    EXPECT_EQ(raised<fermata::type_error>([&] { g.next(); }),
              "the generator delegated to waits for a value, and yield from starts with None");
    EXPECT_EQ(*sub.send(5), 5);
}

TEST(yield_from, one_that_receives_values_gets_them) {
    auto echo = []() -> generator<int, int, int> {
        int last = 0;
        while (last >= 0) last = co_yield last;
        co_return last;
    };
    auto outer = [](generator<int, int, int> sub) -> generator<int, int> {
        const int result = co_yield from(std::move(sub));
        co_yield 100 + result;
    };
    auto g = outer(echo());
    g.next();
    EXPECT_EQ(*g.send(5), 5);
    EXPECT_EQ(*g.send(6), 6);
    EXPECT_EQ(*g.send(-1), 99);
}

// SEMANTICS 19
TEST(throw_through, reaches_the_innermost_which_may_catch_it_and_go_on) {
    auto g = delegates(delegates(hears()));
    next(g);
    EXPECT_EQ(*g.throw_(failure("x")), "inner caught x");
    EXPECT_EQ(send(g, 5), "inner got 5");
}

// SEMANTICS 19
TEST(throw_through, makes_the_inner_s_return_the_result) {
    auto g = delegates(hears());
    next(g);
    EXPECT_EQ(*g.throw_(failure("stop")), "outer has inner stopped");
    EXPECT_EQ(g.next().result(), "inner stopped");
}

TEST(throw_through, is_raised_in_the_outer_where_the_inner_does_not_catch_it) {
    std::string journal;
    auto inner = [](std::string& notes) -> generator<int> {
        const support::leaves_note local(notes, "inner ");
        co_yield 1;
    };
    auto outer = [](generator<int> sub, std::string& notes) -> generator<int> {
        const support::leaves_note local(notes, "outer");
        try {
            co_yield from(std::move(sub));
        } catch (const failure& e) {
            notes += std::string("caught ") + e.what() + " ";
        }
        co_yield 2;
    };
    auto g = outer(inner(journal), journal);
    next(g);
    EXPECT_EQ(*g.throw_(failure("x")), 2);
    EXPECT_EQ(journal, "inner caught x ");
    EXPECT_FALSE(g.next());
    EXPECT_EQ(journal, "inner caught x outer");
}

TEST(throw_through, nobody_catches_ends_all_and_is_the_same_object) {
    const failure* seen = nullptr;
    auto inner = [](const failure*& e) -> threes {
        try {
            co_yield 1;
        } catch (const failure& caught) {
            e = &caught;
            throw;
        }
        co_return std::nullopt;
    };
    auto sub = inner(seen);
    auto middle = borrows_three(sub);
    auto g = borrows_three(middle);
    next(g);
    try {
        g.throw_(failure("x"));
        FAIL();
    } catch (const failure& e) {
        EXPECT_EQ(&e, seen);
    }
    EXPECT_EQ(g.state(), generator_state::closed);
    EXPECT_EQ(middle.state(), generator_state::closed);
    EXPECT_EQ(sub.state(), generator_state::closed);
    EXPECT_FALSE(sub.next());
}

TEST(throw_through, may_be_caught_in_the_middle_which_goes_on_yielding) {
    auto inner = []() -> generator<int> { co_yield 1; };
    auto middle = [](generator<int> sub) -> generator<int, void, int> {
        try {
            co_yield from(std::move(sub));
        } catch (const failure& e) {
            EXPECT_STREQ(e.what(), "x");
        }
        co_yield 2;
        co_return 3;
    };
    auto outer = [](generator<int, void, int> sub) -> generator<int> { co_yield co_yield from(std::move(sub)); };
    auto g = outer(middle(inner()));
    next(g);
    EXPECT_EQ(*g.throw_(failure("x")), 2);
    EXPECT_EQ(next(g), 3);
}

// SEMANTICS 6
TEST(throw_through, a_stop_iteration_may_be_caught_by_the_inner) {
    auto inner = []() -> generator<int, void, int> {
        int value = 0;
        try {
            co_yield 1;
        } catch (const stop_iteration& e) {
            value = e.value<int>();
        }
        co_return value;
    };
    auto outer = [](generator<int, void, int> sub) -> generator<int, void, int> {
        co_return co_yield from(std::move(sub));
    };
    auto g = outer(inner());
    next(g);
    EXPECT_EQ(g.throw_(stop_iteration(3)).result(), 3);
}

// SEMANTICS 6
TEST(throw_through, a_stop_iteration_not_caught_by_the_inner_is_a_runtime_error_in_the_outer) {
    auto outer = []() -> threes {
        std::string text;
        try {
            co_yield from(three());
        } catch (const fermata::runtime_error& e) {
            text = e.what();
            EXPECT_THROW(std::rethrow_if_nested(e), stop_iteration);
        }
        co_return text;
    };
    auto g = outer();
    next(g);
    EXPECT_EQ(g.throw_(stop_iteration(3)).result(), "generator raised StopIteration");
}

TEST(raising, of_the_inner_enters_the_outer_and_may_be_caught) {
    auto inner = []() -> generator<int> {
        co_yield 1;
        throw failure("inner");
    };
    auto outer = [](generator<int> sub) -> generator<int> {
        try {
            co_yield from(std::move(sub));
        } catch (const failure& e) {
            EXPECT_STREQ(e.what(), "inner");
        }
        co_yield 2;
    };
    EXPECT_EQ(rest(outer(inner())), (ints{1, 2}));
}

TEST(raising, of_a_borrowed_inner_ends_it) {
    auto inner = []() -> generator<int> {
        co_yield 1;
        throw failure("inner");
    };
    auto outer = [](generator<int>& sub) -> generator<int> { co_yield from(sub); };
    auto sub = inner();
    auto g = outer(sub);
    next(g);
    EXPECT_EQ(raised<failure>([&] { next(g); }), "inner");
    EXPECT_EQ(sub.state(), generator_state::closed);
    EXPECT_FALSE(sub.next());
    EXPECT_EQ(g.state(), generator_state::closed);
}

TEST(raising, before_the_first_yield_enters_the_outer_at_once) {
    auto inner = []() -> generator<int> {
        throw failure("at once");
        co_yield 1;
    };
    auto outer = [](generator<int> sub) -> generator<int> { co_yield from(std::move(sub)); };
    auto g = outer(outer(inner()));
    EXPECT_EQ(raised<failure>([&] { next(g); }), "at once");
}

TEST(yield_from, moved_in_ends_with_the_expression) {
    support::tally counts;
    auto inner = [](support::tracked parameter) -> generator<int> { co_yield parameter.value; };
    auto outer = [](generator<int> sub, support::tally& t) -> generator<int> {
        co_yield from(std::move(sub));
        EXPECT_TRUE(t.settled());
        co_yield 2;
    };
    auto g = outer(inner(support::tracked(counts, 1)), counts);
    EXPECT_EQ(rest(g), (ints{1, 2}));
}

TEST(yield_from, a_temporary_ends_with_the_expression) {
    support::tally counts;
    auto inner = [](support::tracked parameter) -> generator<int> { co_yield parameter.value; };
    auto outer = [](auto make, support::tally& t) -> generator<int> {
        co_yield from(make(support::tracked(t, 1)));
        EXPECT_TRUE(t.settled());
        co_yield 2;
    };
    auto g = outer(inner, counts);
    EXPECT_EQ(rest(g), (ints{1, 2}));
}

TEST(yield_from, may_be_moved_meanwhile) {
    auto g = delegates(hears());
    next(g);
    auto moved = std::move(g);
    EXPECT_EQ(send(moved, 5), "inner got 5");
    auto elsewhere = hears();
    auto sub = hears();
    auto h = borrows(sub);
    next(h);
    elsewhere = std::move(sub);  // what is lent is the generator, not the object that holds it
    EXPECT_EQ(send(h, 6), "inner got 6");
}

TEST(yield_from, borrows_for_the_time_of_the_expression_only) {
    auto outer = [](generator<int>& sub) -> generator<int> {
        co_yield 0;
        co_yield from(sub);
        co_yield 9;
    };
    auto two = []() -> generator<int> {
        co_yield 1;
        co_yield 2;
    };
    auto sub = two();
    auto g = outer(sub);
    EXPECT_EQ(next(g), 0);
    EXPECT_EQ(next(sub), 1);  // not yet borrowed
    EXPECT_EQ(next(g), 2);
    EXPECT_EQ(next(g), 9);
    EXPECT_EQ(sub.state(), generator_state::closed);
    EXPECT_FALSE(sub.next());
}
