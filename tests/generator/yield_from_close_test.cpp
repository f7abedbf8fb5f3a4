// Closing and destroying generators that delegate. Observed with CPython 3.13.

#include <fermata/generator/yield_from.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using fermata::from;
using fermata::generator;
using fermata::generator_exit;
using fermata::generator_state;
using fermata::next;
using fermata::stop_iteration;
using support::leaves_note;
using support::raised;
using support::tally;
using support::tracked;

namespace {

struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using numbers = generator<int, void, std::optional<int>>;

// Notes the exit, and then passes it on, swallows it, ignores it, or raises something else.
enum class upon_exit { pass, swallow, ignore, raise, raise_stop };

numbers exits(std::string& journal, upon_exit then, std::string name = "inner") {
    try {
        co_yield 1;
    } catch (const generator_exit&) {
        journal += name + " ";
        if (then == upon_exit::pass) throw;
        if (then == upon_exit::raise) throw failure("from " + name);
        if (then == upon_exit::raise_stop) throw stop_iteration(4);
        if (then == upon_exit::swallow) co_return 5;
    }
    co_yield 2;
    co_yield 3;
    co_return 6;
}

// Notes what comes out of the delegate, and returns 40, or passes the exit on.
numbers notes(std::string& journal, numbers sub, bool swallows_exit = true) {
    try {
        const std::optional<int> result = co_yield from(std::move(sub));
        journal += "result " + std::to_string(result.value_or(-1)) + " ";
    } catch (const generator_exit&) {
        journal += "outer exit ";
        if (!swallows_exit) throw;
    } catch (const std::exception& e) {
        journal += std::string("outer caught ") + e.what() + " ";
    }
    co_return 40;
}

numbers borrows(numbers& sub) { co_return co_yield from(sub); }

struct close_through : testing::Test {
    std::string journal;
    numbers started(upon_exit then, bool swallows_exit = true) {
        auto g = notes(journal, exits(journal, then), swallows_exit);
        EXPECT_EQ(next(g), 1);
        return g;
    }
};

}  // namespace

// SEMANTICS 20
TEST_F(close_through, closes_the_inner_and_then_raises_exit_in_the_outer) {
    auto g = started(upon_exit::pass);
    EXPECT_EQ(g.close(), 40);
    EXPECT_EQ(journal, "inner outer exit ");
}

// SEMANTICS 20
TEST_F(close_through, raises_exit_in_the_outer_even_if_the_inner_swallowed_it_and_loses_what_it_returned) {
    auto g = started(upon_exit::swallow);
    EXPECT_EQ(g.close(), 40);
    EXPECT_EQ(journal, "inner outer exit ");
}

TEST_F(close_through, that_nobody_swallows_gives_none) {
    auto g = started(upon_exit::pass, false);
    EXPECT_EQ(g.close(), std::nullopt);
    EXPECT_EQ(g.state(), generator_state::closed);
}

// SEMANTICS 21
TEST_F(close_through, an_inner_that_yields_is_a_runtime_error_in_the_outer) {
    auto g = started(upon_exit::ignore);
    EXPECT_EQ(g.close(), 40);
    EXPECT_EQ(journal, "inner outer caught generator ignored GeneratorExit ");
}

// SEMANTICS 21
TEST_F(close_through, an_inner_that_raises_is_that_in_the_outer) {
    auto g = started(upon_exit::raise);
    EXPECT_EQ(g.close(), 40);
    EXPECT_EQ(journal, "inner outer caught from inner ");
}

// SEMANTICS 14, 21
TEST_F(close_through, an_inner_that_raises_stop_iteration_is_a_runtime_error_in_the_outer) {
    auto g = started(upon_exit::raise_stop);
    EXPECT_EQ(g.close(), 40);
    EXPECT_EQ(journal, "inner outer caught generator raised StopIteration ");
}

// SEMANTICS 21
TEST_F(close_through, raises_what_the_inner_raised_where_the_outer_does_not_catch_it) {
    auto sub = exits(journal, upon_exit::raise);
    auto g = borrows(sub);
    next(g);
    EXPECT_EQ(raised<failure>([&] { g.close(); }), "from inner");
    EXPECT_EQ(g.state(), generator_state::closed);
    EXPECT_EQ(sub.state(), generator_state::closed);
    EXPECT_EQ(g.close(), std::nullopt);
}

// SEMANTICS 21
TEST_F(close_through, leaves_a_borrowed_inner_that_ignored_it_to_its_owner_as_it_is) {
    auto sub = exits(journal, upon_exit::ignore);
    auto g = borrows(sub);
    next(g);
    EXPECT_EQ(raised<fermata::runtime_error>([&] { g.close(); }), "generator ignored GeneratorExit");
    EXPECT_EQ(g.state(), generator_state::closed);
    EXPECT_EQ(sub.state(), generator_state::suspended);
    EXPECT_EQ(next(sub), 3);
    EXPECT_EQ(sub.next().result(), 6);
}

// SEMANTICS 21: in the outer one the error of the inner may be caught, and it may go on yielding
TEST_F(close_through, an_outer_that_yields_upon_the_inner_s_error_ignores_the_exit_itself) {
    auto outer = [](numbers sub) -> generator<int> {
        try {
            co_yield from(std::move(sub));
        } catch (const failure& e) {
            EXPECT_STREQ(e.what(), "from inner");
        }
        co_yield 8;
        co_yield 9;
    };
    auto g = outer(exits(journal, upon_exit::raise));
    next(g);
    EXPECT_EQ(raised<fermata::runtime_error>([&] { g.close(); }), "generator ignored GeneratorExit");
    EXPECT_EQ(g.state(), generator_state::suspended);
    EXPECT_EQ(next(g), 9);
}

TEST_F(close_through, goes_from_the_innermost_outwards) {
    auto middle = notes(journal, exits(journal, upon_exit::pass, "innermost"), false);
    auto g = notes(journal, std::move(middle));
    next(g);
    EXPECT_EQ(g.close(), 40);
    EXPECT_EQ(journal, "innermost outer exit outer exit ");
}

TEST_F(close_through, tells_each_only_what_its_own_delegate_did) {
    // The middle one gets the innermost's error, swallows it and returns: the outermost gets a plain exit.
    auto middle = notes(journal, exits(journal, upon_exit::raise, "innermost"));
    auto g = notes(journal, std::move(middle));
    next(g);
    EXPECT_EQ(g.close(), 40);
    EXPECT_EQ(journal, "innermost outer caught from innermost outer exit ");
}

TEST_F(close_through, passes_an_error_on_through_all_that_do_not_catch_it) {
    auto leaf = exits(journal, upon_exit::raise);
    auto low = borrows(leaf);
    auto high = borrows(low);
    auto g = notes(journal, std::move(high));
    next(g);
    EXPECT_EQ(g.close(), 40);
    EXPECT_EQ(journal, "inner outer caught from inner ");
}

TEST_F(close_through, closes_a_delegate_that_delegates_anew_upon_the_exit) {
    auto inner = [](std::string& log) -> numbers {
        bool exit = false;
        try {
            co_yield 1;
        } catch (const generator_exit&) {
            exit = true;
        }
        if (exit) co_yield from(exits(log, upon_exit::pass, "second"));
        co_return 1;
    };
    auto g = notes(journal, inner(journal));
    next(g);
    EXPECT_EQ(g.close(), 40);
    EXPECT_EQ(journal, "outer caught generator ignored GeneratorExit ");
}

TEST_F(close_through, gives_back_what_a_delegate_borrowed_that_ignored_the_exit_and_is_destroyed) {
    auto ignores_by_delegating = [](numbers& lent) -> numbers {
        bool exit = false;
        try {
            co_yield 1;
        } catch (const generator_exit&) {
            exit = true;
        }
        if (exit) co_yield from(lent);
        co_return 2;
    };
    auto lent = exits(journal, upon_exit::pass);
    auto g = notes(journal, ignores_by_delegating(lent));
    next(g);
    EXPECT_EQ(g.close(), 40);
    EXPECT_EQ(journal, "outer caught generator ignored GeneratorExit ");
    EXPECT_EQ(lent.state(), generator_state::suspended);
    EXPECT_EQ(next(lent), 2);
}

TEST_F(close_through, a_range_goes_to_the_outer_at_once) {
    auto outer = [](std::string& log) -> generator<int> {
        try {
            const std::vector<int> two{2, 3};
            co_yield 1;
            co_yield from(two);
        } catch (const generator_exit&) {
            log += "exit";
        }
    };
    auto g = outer(journal);
    next(g);
    next(g);
    g.close();
    EXPECT_EQ(journal, "exit");
}

// SEMANTICS 15, 20
TEST_F(close_through, throw_of_generator_exit_does_it_too_but_gives_yields) {
    auto outer = [](std::string& log, numbers sub) -> generator<int> {
        try {
            co_yield from(std::move(sub));
        } catch (const generator_exit&) {
            log += "outer exit ";
        }
        co_yield 10;
    };
    auto g = outer(journal, exits(journal, upon_exit::swallow));
    next(g);
    EXPECT_EQ(*g.throw_(generator_exit()), 10);
    EXPECT_EQ(journal, "inner outer exit ");
    auto h = outer(journal, exits(journal, upon_exit::pass));
    next(h);
    EXPECT_EQ(*h.throw_(std::make_exception_ptr(generator_exit())), 10);
    EXPECT_EQ(journal, "inner outer exit inner outer exit ");
}

// SEMANTICS 15, 20: it closes the delegates, and so an inner that yields is an error and not a step
TEST_F(close_through, throw_of_generator_exit_into_an_inner_that_yields_is_a_runtime_error_in_the_outer) {
    auto g = started(upon_exit::ignore);
    EXPECT_EQ(g.throw_(generator_exit()).result(), 40);
    EXPECT_EQ(journal, "inner outer caught generator ignored GeneratorExit ");
}

// SEMANTICS 16
TEST_F(close_through, cannot_be_interrupted_from_within) {
    generator<int>* self = nullptr;
    auto inner = [](generator<int>*& outer, std::string& log) -> generator<int> {
        try {
            co_yield 1;
        } catch (const generator_exit&) {
            log += raised<fermata::value_error>([&] { outer->next(); });
            log += outer->state() == generator_state::running ? ", running" : ", not running";
            throw;
        }
    };
    auto lends = [](generator<int> sub) -> generator<int> { co_yield from(std::move(sub)); };
    auto g = lends(lends(inner(self, journal)));
    self = &g;
    next(g);
    g.close();
    EXPECT_EQ(journal, "generator already executing, running");
    EXPECT_EQ(g.state(), generator_state::closed);
}

TEST_F(close_through, an_unstarted_one_leaves_a_borrowed_inner_alone) {
    auto sub = exits(journal, upon_exit::pass);
    auto g = borrows(sub);
    g.close();
    EXPECT_EQ(sub.state(), generator_state::created);
    EXPECT_EQ(next(sub), 1);
}

TEST_F(close_through, closes_a_borrowed_inner) {
    auto sub = exits(journal, upon_exit::pass);
    auto g = borrows(sub);
    next(g);
    g.close();
    EXPECT_EQ(journal, "inner ");
    EXPECT_EQ(sub.state(), generator_state::closed);
    EXPECT_EQ(sub.close(), std::nullopt);
}

TEST_F(close_through, loses_what_a_borrowed_inner_returns) {
    auto sub = exits(journal, upon_exit::swallow);
    auto g = borrows(sub);
    next(g);
    g.close();
    EXPECT_EQ(sub.next().result(), std::nullopt);
}

TEST(destroying, a_chain_destroys_each_once_from_the_innermost) {
    std::string journal;
    tally counts;
    auto inner = [](std::string& log, tally& t) -> generator<int> {
        const leaves_note local(log, "inner ");
        const tracked counted(t);
        for (;;) co_yield 1;
    };
    auto outer = [](generator<int> sub, std::string& log, tally& t, const char* name) -> generator<int> {
        const leaves_note local(log, name);
        const tracked counted(t);
        co_yield from(std::move(sub));
    };
    {
        auto g = outer(outer(inner(journal, counts), journal, counts, "middle "), journal, counts, "outer ");
        next(g);
        next(g);
    }
    EXPECT_EQ(journal, "inner middle outer ");
    EXPECT_TRUE(counts.settled());
    EXPECT_EQ(counts.destroyed, 3);
}

TEST(destroying, runs_no_handler_of_generator_exit) {
    std::string journal;
    {
        auto g = notes(journal, exits(journal, upon_exit::pass));
        next(g);
    }
    EXPECT_EQ(journal, "");
}

TEST(destroying, an_outer_gives_the_borrowed_inner_back_where_it_was) {
    std::string journal;
    auto sub = exits(journal, upon_exit::ignore);
    {
        auto g = borrows(sub);
        EXPECT_EQ(next(g), 1);
        EXPECT_THROW(sub.next(), fermata::value_error);
    }
    EXPECT_EQ(sub.state(), generator_state::suspended);
    EXPECT_EQ(next(sub), 2);
    EXPECT_EQ(next(sub), 3);
    EXPECT_EQ(sub.next().result(), 6);
}

TEST(destroying, an_outer_gives_the_borrowed_inner_back_with_all_that_it_delegates_to) {
    std::string journal;
    tally counts;
    auto owner = [](numbers leaf, tally& t) -> numbers {
        const tracked counted(t);
        const auto result = co_yield from(std::move(leaf));
        co_return result.value_or(0) + 1;
    };
    auto outer = [](numbers& sub, tally& t) -> numbers {
        const tracked counted(t);
        co_return co_yield from(sub);
    };
    tally outers;
    auto sub = owner(owner(exits(journal, upon_exit::ignore), counts), counts);
    {
        auto middle = outer(sub, outers);
        auto above = [](numbers low, tally& t) -> numbers {
            const tracked counted(t);
            co_return co_yield from(std::move(low));
        };
        auto g = above(std::move(middle), outers);
        EXPECT_EQ(next(g), 1);
    }
    EXPECT_TRUE(outers.settled());
    EXPECT_EQ(counts.destroyed, 0);
    EXPECT_EQ(sub.state(), generator_state::suspended);
    EXPECT_EQ(next(sub), 2);
    EXPECT_EQ(next(sub), 3);
    EXPECT_EQ(sub.next().result(), 8);
    EXPECT_TRUE(counts.settled());
}

TEST(destroying, one_that_delegates_to_a_borrowed_one_that_borrows_gives_both_back) {
    std::string journal;
    auto leaf = exits(journal, upon_exit::ignore);
    auto middle = borrows(leaf);
    {
        auto g = borrows(middle);
        next(g);
    }
    EXPECT_EQ(next(middle), 2);
    EXPECT_THROW(leaf.next(), fermata::value_error);
    {
        const auto gone = std::move(middle);
    }
    EXPECT_EQ(next(leaf), 3);
}

TEST(destroying, one_that_was_delegated_to_and_borrowed_again_goes_on) {
    std::string journal;
    auto sub = exits(journal, upon_exit::ignore);
    {
        auto g = borrows(sub);
        EXPECT_EQ(next(g), 1);
    }
    auto g = borrows(sub);
    EXPECT_EQ(next(g), 2);
    EXPECT_EQ(next(g), 3);
    EXPECT_EQ(g.next().result(), 6);
}

TEST(destroying, an_unstarted_one_destroys_the_delegate_in_its_parameters) {
    tally counts;
    auto inner = [](tracked parameter) -> generator<int> { co_yield parameter.value; };
    auto outer = [](generator<int> sub) -> generator<int> { co_yield from(std::move(sub)); };
    {
        const auto g = outer(outer(inner(tracked(counts))));
    }
    EXPECT_TRUE(counts.settled());
}

TEST(destroying_death_test, a_delegate_while_another_delegates_to_it_ends_the_program_with_a_message) {
    const auto destroys_a_delegate = [] {
        std::string journal;
        std::optional<numbers> sub(exits(journal, upon_exit::pass));
        auto g = borrows(*sub);
        next(g);
        sub.reset();
    };
    EXPECT_DEATH(destroys_a_delegate(), "while another delegates to it");
}
