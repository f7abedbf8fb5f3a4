// close(). Observed with CPython 3.13.

#include <fermata/generator/generator.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>

using fermata::generator;
using fermata::generator_exit;
using fermata::generator_state;
using fermata::next;
using fermata::stop_iteration;
using support::raised;

namespace {

struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

generator<int, void, int> plain(bool* ran = nullptr) {
    if (ran) *ran = true;
    co_yield 1;
    co_return 5;
}

generator<int, void, int> returns_on_exit() {
    bool exits = false;
    try {
        co_yield 1;
    } catch (const generator_exit&) {
        exits = true;
    }
    co_return exits ? 42 : 0;
}

generator<int, void, int> ignores_exit() {
    try {
        co_yield 1;
    } catch (const generator_exit& e) {
        EXPECT_STREQ(e.what(), "GeneratorExit");
    }
    co_yield 2;
    co_yield 3;
    co_return 9;
}

}  // namespace

// SEMANTICS 11
TEST(close, of_an_unstarted_one_runs_nothing_and_gives_none) {
    bool ran = false;
    auto g = plain(&ran);
    EXPECT_EQ(g.close(), std::nullopt);
    EXPECT_EQ(g.state(), generator_state::closed);
    EXPECT_FALSE(g.next());
    EXPECT_FALSE(ran);
}

// SEMANTICS 11
TEST(close, of_a_finished_one_gives_none) {
    auto g = plain();
    next(g);
    EXPECT_EQ(g.next().result(), 5);
    EXPECT_EQ(g.close(), std::nullopt);
    EXPECT_EQ(g.close(), std::nullopt);
}

TEST(close, of_one_that_raised_gives_none) {
    auto g = plain();
    next(g);
    EXPECT_THROW(g.throw_(failure("x")), failure);
    EXPECT_EQ(g.close(), std::nullopt);
}

TEST(close, of_one_that_lets_the_exit_pass_gives_none_and_ends_it) {
    auto g = plain();
    next(g);
    EXPECT_EQ(g.close(), std::nullopt);
    EXPECT_EQ(g.state(), generator_state::closed);
    EXPECT_FALSE(g.next());
}

// SEMANTICS 12
TEST(close, gives_what_the_body_returns_upon_the_exit_once) {
    auto g = returns_on_exit();
    next(g);
    EXPECT_EQ(g.close(), 42);
    EXPECT_EQ(g.state(), generator_state::closed);
    EXPECT_EQ(g.close(), std::nullopt);
    EXPECT_FALSE(g.next().result());
}

TEST(close, of_one_without_result_gives_nothing) {
    auto body = [](bool& flag) -> generator<int> {
        try {
            co_yield 1;
        } catch (const generator_exit&) {
            flag = true;
        }
    };
    bool exited = false;
    auto g = body(exited);
    next(g);
    EXPECT_TRUE(std::is_void_v<decltype(g.close())>);
    g.close();
    EXPECT_TRUE(exited);
    EXPECT_FALSE(g.next().result()) << "the return was close's";
}

TEST(close, gives_a_move_only_result) {
    auto body = []() -> generator<int, void, std::unique_ptr<int>> {
        try {
            co_yield 1;
        } catch (const generator_exit&) {
            co_return std::make_unique<int>(6);
        }
        co_return nullptr;
    };
    auto g = body();
    next(g);
    EXPECT_EQ(**g.close(), 6);
}

// SEMANTICS 13
TEST(close, of_one_that_yields_instead_is_a_runtime_error_and_it_goes_on) {
    auto g = ignores_exit();
    next(g);
    EXPECT_EQ(raised<fermata::runtime_error>([&] { g.close(); }), "generator ignored GeneratorExit");
    EXPECT_EQ(g.state(), generator_state::suspended);
    EXPECT_EQ(next(g), 3);
    EXPECT_EQ(g.next().result(), 9);
}

// SEMANTICS 13
TEST(close, may_be_tried_again) {
    auto g = ignores_exit();
    next(g);
    EXPECT_THROW(g.close(), fermata::runtime_error);
    EXPECT_EQ(g.close(), std::nullopt);
    EXPECT_EQ(g.state(), generator_state::closed);
}

// SEMANTICS 14
TEST(close, passes_on_what_else_the_body_raises) {
    auto body = []() -> generator<int, void, int> {
        try {
            co_yield 1;
        } catch (const generator_exit&) {
            throw failure("late");
        }
        co_return 1;
    };
    auto g = body();
    next(g);
    EXPECT_EQ(raised<failure>([&] { g.close(); }), "late");
    EXPECT_EQ(g.state(), generator_state::closed);
    EXPECT_EQ(g.close(), std::nullopt);
}

// SEMANTICS 14
TEST(close, of_one_that_raises_stop_iteration_is_a_runtime_error) {
    auto body = []() -> generator<int> {
        try {
            co_yield 1;
        } catch (const generator_exit&) {
            throw stop_iteration(4);
        }
    };
    auto g = body();
    next(g);
    try {
        g.close();
        FAIL();
    } catch (const fermata::runtime_error& e) {
        EXPECT_STREQ(e.what(), "generator raised StopIteration");
        EXPECT_THROW(std::rethrow_if_nested(e), stop_iteration);
    }
}

// SEMANTICS 15
TEST(throw_of_generator_exit, is_not_close_so_yields_are_given) {
    auto g = ignores_exit();
    next(g);
    EXPECT_EQ(*g.throw_(generator_exit()), 2);
    EXPECT_EQ(g.state(), generator_state::suspended);
    EXPECT_EQ(next(g), 3);
}

// SEMANTICS 15
TEST(throw_of_generator_exit, that_is_not_caught_is_raised) {
    for (const bool by_pointer : {false, true}) {
        auto g = plain();
        next(g);
        if (by_pointer) {
            EXPECT_THROW(g.throw_(std::make_exception_ptr(generator_exit())), generator_exit);
        } else {
            EXPECT_THROW(g.throw_(generator_exit()), generator_exit);
        }
        EXPECT_EQ(g.state(), generator_state::closed);
    }
}

// SEMANTICS 15
TEST(throw_of_generator_exit, gives_what_the_body_returns_upon_it) {
    auto g = returns_on_exit();
    next(g);
    EXPECT_EQ(g.throw_(generator_exit()).result(), 42);
}

TEST(close, passes_handlers_of_std_exception) {
    auto body = [](std::string& journal) -> generator<int> {
        const support::leaves_note local(journal, "destroyed");
        try {
            co_yield 1;
        } catch (const std::exception&) {
            journal += "caught ";
        }
        co_yield 2;
    };
    std::string journal;
    auto g = body(journal);
    next(g);
    g.close();
    EXPECT_EQ(journal, "destroyed");
}

TEST(close, passes_handlers_that_rethrow) {
    auto body = [](std::string& journal) -> generator<int> {
        try {
            co_yield 1;
        } catch (...) {
            journal += "cleaned up";
            throw;
        }
    };
    std::string journal;
    auto g = body(journal);
    next(g);
    g.close();
    EXPECT_EQ(journal, "cleaned up");
    EXPECT_EQ(g.state(), generator_state::closed);
}

TEST(close, of_an_infinite_one_ends_it_and_destroys_its_locals_once) {
    support::tally counts;
    auto body = [](support::tally& t) -> generator<int> {
        const support::tracked local(t);
        for (int i = 0;; ++i) co_yield i;
    };
    auto g = body(counts);
    next(g);
    next(g);
    g.close();
    EXPECT_EQ(counts.destroyed, 1);
    g = body(counts);
    EXPECT_EQ(counts.destroyed, 1);
}

TEST(close, of_a_half_used_loop_is_up_to_the_caller) {
    auto g = returns_on_exit();
    for (const int n : g) {
        EXPECT_EQ(n, 1);
        break;
    }
    EXPECT_EQ(g.state(), generator_state::suspended);
    EXPECT_EQ(g.close(), 42);
}
