// yield from what is no generator of the same types: ranges, and generators whose values convert.

#include <fermata/generator/yield_from.hpp>
#include <fermata/iteration.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <array>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using fermata::from;
using fermata::generator;
using fermata::generator_exit;
using fermata::generator_state;
using fermata::next;
using support::raised;
using support::tally;
using support::tracked;

namespace {

struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using ints = std::vector<int>;

template <class Yield, class Range>
generator<Yield> borrows(Range& range) {
    co_yield from(range);
}

template <class Yield, class Range>
generator<Yield> owns(Range range) {
    co_yield from(std::move(range));
}

template <class Generator>
auto rest(Generator&& g) {
    std::vector<std::ranges::range_value_t<Generator>> elements;
    for (auto&& element : g) elements.push_back(element);
    return elements;
}

}  // namespace

TEST(yield_from_range, gives_the_elements_of_any_range) {
    ints vector{1, 2, 3};
    EXPECT_EQ(rest(borrows<int>(vector)), vector);
    EXPECT_EQ(rest(owns<int>(std::list<int>{4, 5})), (ints{4, 5}));
    EXPECT_EQ(rest(owns<int>(std::array<int, 2>{6, 7})), (ints{6, 7}));
    EXPECT_EQ(rest(owns<int>(fermata::range(3, 0, -1))), (ints{3, 2, 1}));
    EXPECT_EQ(rest(owns<int>(vector | std::views::filter([](int n) { return n != 2; }))), (ints{1, 3}));
    const ints constant{8};
    EXPECT_EQ(rest(borrows<int>(constant)), ints{8});
    int array[] = {1, 2};
    EXPECT_EQ(rest(borrows<int>(array)), (ints{1, 2}));
    EXPECT_EQ(rest(owns<int>(ints{})), ints{});
}

TEST(yield_from_range, borrows_an_lvalue_and_copies_no_element) {
    tally counts;
    std::list<tracked> elements;
    elements.emplace_back(counts, 5);
    auto g = borrows<tracked>(elements);
    EXPECT_EQ(&*g.next(), &elements.front());
    EXPECT_EQ(counts.copied + counts.moved, 0);
}

TEST(yield_from_range, keeps_a_temporary_for_the_time_of_the_expression) {
    tally counts;
    auto body = [](tally& t) -> generator<int> {
        auto values = [](tally& inner) {
            std::list<tracked> list;
            list.emplace_back(inner, 1);
            list.emplace_back(inner, 2);
            return list;
        };
        co_yield from(values(t) | std::views::transform([](const tracked& element) { return element.value; }));
        EXPECT_EQ(t.alive(), 0);
        co_yield 3;
    };
    EXPECT_EQ(rest(body(counts)), (ints{1, 2, 3}));
    EXPECT_TRUE(counts.settled());
}

TEST(yield_from_range, gives_references_that_may_be_assigned_to) {
    ints numbers{1, 2};
    for (int& n : borrows<int&>(numbers)) n *= 10;
    EXPECT_EQ(numbers, (ints{10, 20}));
}

TEST(yield_from_range, converts_the_elements) {
    ints numbers{1, 2};
    EXPECT_EQ(rest(borrows<double>(numbers)), (std::vector<double>{1, 2}));
    std::vector<const char*> words{"a", "b"};
    EXPECT_EQ(rest(borrows<std::string>(words)), (std::vector<std::string>{"a", "b"}));
    std::map<int, std::string> dict{{1, "one"}};
    auto keys = [](std::map<int, std::string>& d) -> generator<int> { co_yield from(fermata::keys(d)); };
    EXPECT_EQ(rest(keys(dict)), ints{1});
}

TEST(yield_from_range, leaves_a_borrowed_iterator_where_it_stopped) {
    ints numbers{1, 2, 3, 4};
    auto it = fermata::iter(numbers);
    next(it);
    {
        auto g = borrows<int>(it);
        EXPECT_EQ(next(g), 2);
        EXPECT_EQ(next(g), 3);
        g.close();
    }
    EXPECT_EQ(next(it), 4);
}

TEST(yield_from_range, reads_a_single_pass_source_no_further_than_needed) {
    std::istringstream text("1 2 3");
    auto numbers = std::views::istream<int>(text);
    auto g = borrows<int>(numbers);
    EXPECT_EQ(next(g), 1);
    EXPECT_EQ(text.tellg(), 1);
    EXPECT_EQ(next(g), 2);
    EXPECT_EQ(next(g), 3);
    EXPECT_FALSE(g.next());
}

TEST(yield_from_range, passes_on_what_the_range_raises) {
    auto body = []() -> generator<int> {
        const auto bad = [](int n) {
            if (n == 1) throw failure("from the range");
            return n;
        };
        try {
            co_yield from(std::views::iota(0, 3) | std::views::transform(bad));
        } catch (const failure& e) {
            EXPECT_STREQ(e.what(), "from the range");
        }
        co_yield 9;
    };
    EXPECT_EQ(rest(body()), (ints{0, 9}));
}

namespace {

generator<int, std::optional<int>, std::string> of_a_range() {
    std::string caught = "nothing";
    try {
        co_yield from(fermata::range(1, 4));
    } catch (const fermata::type_error& e) {
        caught = e.what();
    } catch (const failure& e) {
        caught = e.what();
    }
    co_yield 10;
    co_return caught;
}

}  // namespace

// SEMANTICS 18
TEST(yield_from_range, takes_none) {
    auto g = of_a_range();
    EXPECT_EQ(next(g), 1);
    EXPECT_EQ(send(g, std::nullopt), 2);
    EXPECT_EQ(next(g), 3);
    EXPECT_EQ(next(g), 10);
    EXPECT_EQ(g.next().result(), "nothing");
}

// SEMANTICS 18: where CPython has an AttributeError, of the delegate's own name
TEST(yield_from_range, takes_no_value_and_raises_type_error_at_the_co_yield) {
    auto g = of_a_range();
    next(g);
    EXPECT_EQ(*g.send(5), 10);
    EXPECT_EQ(g.next().result(), "'range' object has no attribute 'send'");
    auto h = []() -> generator<int, int> { co_yield from(fermata::range(1, 3)); }();
    h.next();
    EXPECT_EQ(raised<fermata::type_error>([&] { h.send(5); }), "'range' object has no attribute 'send'");
}

// SEMANTICS 19
TEST(yield_from_range, has_no_throw_so_it_is_raised_in_the_outer) {
    auto g = of_a_range();
    next(g);
    EXPECT_EQ(*g.throw_(failure("thrown")), 10);
    EXPECT_EQ(g.next().result(), "thrown");
}

// CPython takes a StopIteration that is thrown in for the end of the delegate (and its value for the result).
TEST(yield_from_range, ends_by_a_stop_iteration_that_is_thrown_in) {
    auto g = of_a_range();
    next(g);
    EXPECT_EQ(*g.throw_(fermata::stop_iteration(7)), 10);
    EXPECT_EQ(g.next().result(), "nothing");
}

TEST(yield_from_range, is_suspended_and_closed_as_others) {
    ints numbers{1, 2};
    auto g = borrows<int>(numbers);
    next(g);
    EXPECT_EQ(g.state(), generator_state::suspended);
    g.close();
    EXPECT_EQ(g.state(), generator_state::closed);
}

TEST(yield_from_range, works_within_a_chain) {
    auto outer = []() -> generator<int> {
        co_yield from(owns<int>(fermata::range(1, 3)));
        co_yield 3;
    };
    auto g = outer();
    EXPECT_EQ(next(g), 1);
    EXPECT_EQ(raised<failure>([&] { g.throw_(failure("through")); }), "through");
}

namespace {

// An inner generator of other types, and an outer one whose values convert both ways.
generator<int, std::optional<int>, std::string> inner(std::string& journal) {
    int next_one = 1;
    for (;;) {
        try {
            const std::optional<int> got = co_yield next_one;
            journal += "got " + (got ? std::to_string(*got) : "None") + " ";
            next_one = got.value_or(next_one + 1);
        } catch (const failure& e) {
            journal += std::string("caught ") + e.what() + " ";
            next_one = -1;
        } catch (const generator_exit&) {
            journal += "exit ";
            throw;
        }
        if (next_one == 0) co_return "result";
    }
}

using inner_type = decltype(inner(std::declval<std::string&>()));
using outer_type = generator<double, std::optional<short>, std::string>;

outer_type adapts(inner_type sub) {
    const std::string result = co_yield from(std::move(sub));
    co_yield 100.5;
    co_return result;
}

outer_type adapts_borrowed(inner_type& sub) {
    const std::string result = co_yield from(sub);
    co_yield 100.5;
    co_return result;
}

}  // namespace

TEST(yield_from_converted, converts_yields_and_sends_and_gives_the_result) {
    std::string journal;
    auto g = adapts(inner(journal));
    EXPECT_EQ(next(g), 1.0);
    EXPECT_EQ(send(g, short{7}), 7.0);
    EXPECT_EQ(send(g, std::nullopt), 8.0);
    EXPECT_EQ(next(g), 9.0);
    EXPECT_EQ(journal, "got 7 got None got None ");
    EXPECT_EQ(send(g, short{0}), 100.5);
    EXPECT_EQ(g.next().result(), "result");
}

TEST(yield_from_converted, throws_through) {
    std::string journal;
    auto g = adapts(inner(journal));
    next(g);
    EXPECT_EQ(*g.throw_(failure("x")), -1.0);
    EXPECT_EQ(journal, "caught x ");
    EXPECT_EQ(raised<std::logic_error>([&] { g.throw_(std::logic_error("not caught")); }), "not caught");
    EXPECT_EQ(g.state(), generator_state::closed);
}

TEST(yield_from_converted, throws_the_same_object_through) {
    const failure* seen = nullptr;
    auto body = [](const failure*& e) -> generator<int> {
        try {
            co_yield 1;
        } catch (const failure& caught) {
            e = &caught;
            throw;
        }
    };
    auto outer = [](generator<int> sub) -> generator<double> { co_yield from(std::move(sub)); };
    auto g = outer(body(seen));
    next(g);
    try {
        g.throw_(failure("x"));
        FAIL();
    } catch (const failure& e) {
        EXPECT_EQ(&e, seen);
    }
}

TEST(yield_from_converted, closes_the_inner_first) {
    std::string journal;
    auto outer = [](inner_type sub, std::string& log) -> generator<double, std::optional<short>> {
        try {
            co_yield from(std::move(sub));
        } catch (const generator_exit&) {
            log += "outer exit";
            throw;
        }
    };
    auto g = outer(inner(journal), journal);
    next(g);
    g.close();
    EXPECT_EQ(journal, "exit outer exit");
}

TEST(yield_from_converted, an_inner_that_ignores_the_exit_is_a_runtime_error_in_the_outer) {
    auto ignores = []() -> generator<int> {
        try {
            co_yield 1;
        } catch (const generator_exit& e) {
            EXPECT_STREQ(e.what(), "GeneratorExit");
        }
        co_yield 2;
    };
    auto outer = [](generator<int> sub) -> generator<double> {
        try {
            co_yield from(std::move(sub));
        } catch (const fermata::runtime_error& e) {
            EXPECT_STREQ(e.what(), "generator ignored GeneratorExit");
            throw failure("noticed");
        }
    };
    auto g = outer(ignores());
    next(g);
    EXPECT_EQ(raised<failure>([&] { g.close(); }), "noticed");
}

TEST(yield_from_converted, borrows_and_gives_back) {
    std::string journal;
    auto sub = inner(journal);
    next(sub);
    {
        auto g = adapts_borrowed(sub);
        EXPECT_EQ(next(g), 2.0);
    }
    EXPECT_EQ(sub.state(), generator_state::suspended);
    EXPECT_EQ(next(sub), 3);
}

TEST(yield_from_converted, an_ended_one_is_a_type_error_unless_its_result_may_be_none) {
    auto ended = []() -> generator<int, void, std::optional<int>> { co_return 1; };
    auto outer = [](generator<int, void, std::optional<int>>& sub) -> generator<double> {
        const std::optional<int> result = co_yield from(sub);
        co_yield result.value_or(-1);
    };
    auto sub = ended();
    sub.next();
    auto g = outer(sub);
    EXPECT_EQ(next(g), -1.0);

    std::string journal;
    auto no_none = inner(journal);
    no_none.close();
    auto h = adapts_borrowed(no_none);
    EXPECT_THROW(next(h), fermata::type_error);
}

TEST(yield_from_converted, destroys_each_once) {
    tally counts;
    auto body = [](tally& t) -> generator<int> {
        const tracked local(t);
        for (;;) co_yield 1;
    };
    auto outer = [](generator<int> sub, tally& t) -> generator<double> {
        const tracked local(t);
        co_yield from(std::move(sub));
    };
    {
        auto g = outer(body(counts), counts);
        next(g);
        next(g);
        EXPECT_EQ(counts.made, 2);
    }
    EXPECT_TRUE(counts.settled());
}

TEST(yield_from_converted, to_a_view_views_what_the_inner_yielded) {
    auto words = []() -> generator<std::string> {
        const std::string local = "a local too long to be kept within the string itself";
        co_yield local;
        co_yield "a temporary too long to be kept within the string itself";
    };
    auto outer = [](generator<std::string> sub) -> generator<std::string_view> { co_yield from(std::move(sub)); };
    auto g = outer(words());
    EXPECT_EQ(g.next()->substr(0, 7), "a local");
    EXPECT_EQ(g.next()->substr(0, 11), "a temporary");
}

TEST(yield_from_converted, of_move_only_values_moves) {
    struct base {
        virtual ~base() = default;
        virtual int number() const { return 1; }
    };
    struct derived final : base {
        int number() const override { return 2; }
    };
    auto makes = []() -> generator<std::unique_ptr<derived>> { co_yield std::make_unique<derived>(); };
    auto outer = [](generator<std::unique_ptr<derived>> sub) -> generator<std::unique_ptr<base>> {
        co_yield from(std::move(sub));
    };
    auto g = outer(makes());
    EXPECT_EQ(next(g)->number(), 2);
}

TEST(yield_from_converted, a_delegate_that_receives_nothing_drops_what_is_sent) {
    auto three = []() -> generator<int> {
        for (int i = 1; i < 4; ++i) co_yield i;
    };
    auto outer = [](generator<int> sub) -> generator<int, std::string> { co_yield from(std::move(sub)); };
    auto g = outer(three());
    g.next();
    EXPECT_EQ(*g.send("dropped"), 2);
    auto converting = [](generator<int> sub) -> generator<double, std::string> { co_yield from(std::move(sub)); };
    auto h = converting(three());
    h.next();
    EXPECT_EQ(*h.send("dropped"), 2.0);
}

TEST(yield_from_converted, a_delegate_that_may_be_sent_none_gets_none_from_one_that_receives_nothing) {
    std::string journal;
    auto outer = [](inner_type& sub) -> generator<int> { co_yield from(sub); };
    auto sub = inner(journal);
    next(sub);
    send(sub, 7);
    auto g = outer(sub);
    EXPECT_EQ(next(g), 8);
    EXPECT_EQ(next(g), 9);
    EXPECT_EQ(journal, "got 7 got None got None ");
}

TEST(yield_from_converted, values_and_references_of_a_type_need_no_conversion) {
    tally counts;
    auto by_reference = [](tracked& object) -> generator<tracked&> { co_yield object; };
    auto by_const = [](generator<tracked&> sub) -> generator<const tracked&> { co_yield from(std::move(sub)); };
    auto by_value = [](generator<const tracked&> sub) -> generator<tracked> { co_yield from(std::move(sub)); };
    tracked object(counts, 3);
    auto g = by_value(by_const(by_reference(object)));
    EXPECT_EQ(&*g.next(), &object);
    EXPECT_EQ(counts.copied + counts.moved, 0);
}

TEST(yield_from_converted, a_sent_reference_is_passed_on) {
    auto appends = []() -> generator<int, std::string&> {
        for (int i = 0;; ++i) {
            std::string& got = co_yield i;
            got += "!";
        }
    };
    auto outer = [](generator<int, std::string&> sub) -> generator<int, std::string&> {
        co_yield from(std::move(sub));
    };
    auto g = outer(appends());
    g.next();
    std::string text = "hey";
    g.send(text);
    EXPECT_EQ(text, "hey!");
}
