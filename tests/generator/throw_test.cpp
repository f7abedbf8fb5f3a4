// throw_: what is raised in a generator, and what a generator raises. Observed with CPython 3.13.

#include <fermata/generator/generator.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

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

// Yields the text of what is thrown in; "stop" ends it.
generator<std::string, void, int> listens() {
    std::string heard = "nothing";
    for (;;) {
        try {
            co_yield heard;
            heard = "nothing";
        } catch (const failure& e) {
            heard = e.what();
            if (heard == "stop") co_return 3;
        }
    }
}

generator<int> passes(const failure** seen) {
    try {
        co_yield 1;
        co_yield 2;
    } catch (const failure& e) {
        *seen = &e;
        throw;
    }
}

generator<int> raises(int when) {
    if (when == 0) throw failure("zero");
    co_yield 1;
    if (when == 1) throw failure("one");
    if (when == 2) throw 42;
    if (when == 3) throw generator_exit();
    if (when == 4) throw stop_iteration(4);
    co_yield 2;
}

// The cause of the RuntimeError, if it is one of PEP 479.
template <class Call>
std::optional<stop_iteration> cause(Call&& call) {
    try {
        std::forward<Call>(call)();
    } catch (const fermata::runtime_error& e) {
        EXPECT_STREQ(e.what(), "generator raised StopIteration");
        try {
            std::rethrow_if_nested(e);
        } catch (const stop_iteration& original) {
            return original;
        }
    }
    return std::nullopt;
}

}  // namespace

// SEMANTICS 8
TEST(throw_into, a_generator_that_catches_gives_its_next_yield) {
    auto g = listens();
    next(g);
    EXPECT_EQ(*g.throw_(failure("one")), "one");
    EXPECT_EQ(*g.throw_(failure("two")), "two");
    EXPECT_EQ(next(g), "nothing");
    EXPECT_EQ(g.state(), generator_state::suspended);
}

// SEMANTICS 8
TEST(throw_into, a_generator_that_returns_upon_it_gives_its_result) {
    auto g = listens();
    next(g);
    auto s = g.throw_(failure("stop"));
    EXPECT_FALSE(s);
    EXPECT_EQ(s.result(), 3);
    EXPECT_FALSE(g.next().result());
}

TEST(throw_into, a_generator_that_does_not_catch_it_raises_it_and_ends) {
    auto g = raises(-1);
    next(g);
    EXPECT_EQ(raised<failure>([&] { g.throw_(failure("in")); }), "in");
    EXPECT_EQ(g.state(), generator_state::closed);
    EXPECT_FALSE(g.next());
}

// SEMANTICS 7
TEST(throw_into, an_unstarted_generator_raises_at_the_call_and_runs_nothing) {
    bool ran = false;
    auto body = [](bool& flag) -> generator<int> {
        flag = true;
        co_yield 1;
    };
    auto g = body(ran);
    EXPECT_EQ(raised<failure>([&] { g.throw_(failure("early")); }), "early");
    EXPECT_EQ(g.state(), generator_state::closed);
    EXPECT_FALSE(g.next());
    EXPECT_FALSE(ran);
}

// SEMANTICS 7
TEST(throw_into, a_finished_generator_raises_each_time) {
    auto g = raises(-1);
    while (g.next()) continue;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(raised<failure>([&] { g.throw_(failure("late")); }), "late");
}

// SEMANTICS 9: as 3.12 and later; 3.11 makes it a RuntimeError
TEST(throw_into, an_unstarted_generator_raises_stop_iteration_as_it_is) {
    auto g = raises(-1);
    try {
        g.throw_(stop_iteration(3));
        FAIL();
    } catch (const stop_iteration& e) {
        EXPECT_EQ(e.value<int>(), 3);
    }
    EXPECT_EQ(g.state(), generator_state::closed);
}

// SEMANTICS 10
TEST(throw_into, a_generator_passes_the_same_object_on) {
    const failure* seen = nullptr;
    auto g = passes(&seen);
    next(g);
    try {
        g.throw_(failure("the one"));
        FAIL();
    } catch (const failure& e) {
        EXPECT_EQ(&e, seen);
        EXPECT_STREQ(e.what(), "the one");
    }
}

// SEMANTICS 10
TEST(throw_into, an_exception_ptr_raises_the_object_it_points_to) {
    const failure* seen = nullptr;
    const std::exception_ptr pointer = std::make_exception_ptr(failure("the one"));
    const failure* object = nullptr;
    try {
        std::rethrow_exception(pointer);
    } catch (const failure& e) {
        object = &e;
    }
    auto g = passes(&seen);
    next(g);
    try {
        g.throw_(pointer);
        FAIL();
    } catch (const failure& e) {
        EXPECT_EQ(seen, object);
        EXPECT_EQ(&e, object);
    }
}

TEST(throw_into, an_exception_ptr_to_a_derived_class_is_caught_by_its_base) {
    auto body = []() -> generator<std::string> {
        std::string heard = "nothing";
        for (;;) {
            try {
                co_yield heard;
            } catch (const std::exception& e) {
                heard = e.what();
            }
        }
    };
    auto g = body();
    next(g);
    EXPECT_EQ(*g.throw_(std::make_exception_ptr(failure("derived"))), "derived");
    EXPECT_EQ(*g.throw_(failure("object")), "object");
}

// CPython: throw(None) is this error, and the generator stays where it is.
TEST(throw_into, nothing_is_a_type_error) {
    auto g = listens();
    next(g);
    EXPECT_EQ(raised<fermata::type_error>([&] { g.throw_(std::exception_ptr()); }),
              "exceptions must be classes or instances deriving from BaseException, not NoneType");
    EXPECT_EQ(g.state(), generator_state::suspended);
    EXPECT_EQ(next(g), "nothing");
}

TEST(throw_into, anything_that_can_be_thrown) {
    auto body = []() -> generator<int> {
        int caught = 0;
        for (;;) {
            try {
                co_yield caught;
            } catch (int number) {
                caught = number;
            }
        }
    };
    auto g = body();
    next(g);
    EXPECT_EQ(*g.throw_(42), 42);
    EXPECT_EQ(*g.throw_(std::make_exception_ptr(43)), 43);
}

TEST(throw_into, raises_once) {
    auto g = listens();
    next(g);
    g.throw_(failure("one"));
    EXPECT_EQ(next(g), "nothing");
    EXPECT_EQ(next(g), "nothing");
}

// SEMANTICS 6
TEST(pep_479, a_stop_iteration_thrown_in_and_not_caught_is_a_runtime_error) {
    auto g = raises(-1);
    next(g);
    const auto original = cause([&] { g.throw_(stop_iteration(3)); });
    ASSERT_TRUE(original);
    EXPECT_EQ(original->value<int>(), 3);
    EXPECT_EQ(g.state(), generator_state::closed);
    EXPECT_FALSE(g.next());
}

// SEMANTICS 6
TEST(pep_479, a_stop_iteration_by_exception_ptr_too) {
    auto g = raises(-1);
    next(g);
    const auto original = cause([&] { g.throw_(std::make_exception_ptr(stop_iteration(3))); });
    ASSERT_TRUE(original);
    EXPECT_EQ(original->value<int>(), 3);
}

// SEMANTICS 6
TEST(pep_479, a_stop_iteration_that_the_body_raises_is_a_runtime_error) {
    auto g = raises(4);
    next(g);
    const auto original = cause([&] { g.next(); });
    ASSERT_TRUE(original);
    EXPECT_EQ(original->value<int>(), 4);
}

// SEMANTICS 6: the classic, a next() in the body that runs out
TEST(pep_479, a_next_that_runs_out_in_the_body_does_not_look_like_its_end) {
    auto body = [](generator<int> source) -> generator<int> {
        for (;;) co_yield next(source);
    };
    auto g = body(raises(-1));
    EXPECT_EQ(next(g), 1);
    EXPECT_EQ(next(g), 2);
    const auto original = cause([&] { next(g, 7); });
    ASSERT_TRUE(original);
    EXPECT_FALSE(original->has_value());
}

TEST(pep_479, a_stop_iteration_that_the_body_catches_is_none_of_its_business) {
    auto body = []() -> generator<int, void, int> {
        int value = 0;
        try {
            co_yield 1;
        } catch (const stop_iteration& e) {
            value = e.value<int>();
        }
        co_return value;
    };
    auto g = body();
    next(g);
    EXPECT_EQ(g.throw_(stop_iteration(3)).result(), 3);
}

TEST(body, may_raise_before_its_first_yield) {
    auto g = raises(0);
    EXPECT_EQ(raised<failure>([&] { g.next(); }), "zero");
    EXPECT_EQ(g.state(), generator_state::closed);
    EXPECT_FALSE(g.next());
}

TEST(body, may_raise_after_a_yield_and_does_so_once) {
    auto g = raises(1);
    next(g);
    EXPECT_EQ(raised<failure>([&] { g.next(); }), "one");
    EXPECT_FALSE(g.next());
    EXPECT_EQ(g.state(), generator_state::closed);
}

TEST(body, may_raise_in_a_loop_over_it) {
    int seen = 0;
    const auto loop = [&] {
        for (const int n : raises(1)) seen = n;
    };
    EXPECT_EQ(raised<failure>(loop), "one");
    EXPECT_EQ(seen, 1);
}

TEST(body, may_raise_what_is_no_std_exception) {
    auto g = raises(2);
    next(g);
    EXPECT_THROW(g.next(), int);
    EXPECT_FALSE(g.next());
}

// SEMANTICS 15
TEST(body, may_raise_generator_exit_which_is_then_an_exception_as_others) {
    auto g = raises(3);
    next(g);
    EXPECT_THROW(g.next(), generator_exit);
    EXPECT_FALSE(g.next());
}

TEST(body, that_raised_and_was_not_asked_again_frees_the_exception) {
    support::tally counts;
    {
        struct carries {
            support::tracked cargo;
        };
        auto thrower = [](support::tally& t) -> generator<int> {
            co_yield 1;
            throw carries{support::tracked(t)};
        };
        auto g = thrower(counts);
        next(g);
        EXPECT_THROW(g.next(), carries);
    }
    EXPECT_TRUE(counts.settled());
}

namespace {

struct raises_when_destroyed {
    std::string& journal;
    const char* text;
    ~raises_when_destroyed() noexcept(false) {
        journal += text;
        throw failure(text);
    }
};

}  // namespace

TEST(body, whose_local_raises_as_it_goes_raises_that_and_destroys_the_others) {
    std::string journal;
    auto body = [](std::string& notes) -> generator<int, void, int> {
        const support::leaves_note first(notes, "first ");
        const raises_when_destroyed second{notes, "second "};
        const support::leaves_note third(notes, "third ");
        co_yield 1;
        co_return 5;
    };
    {
        auto g = body(journal);
        next(g);
        EXPECT_EQ(raised<failure>([&] { g.next(); }), "second ");
        EXPECT_EQ(journal, "third second first ");
        EXPECT_EQ(g.state(), generator_state::closed);
        EXPECT_FALSE(g.next().result()) << "what it was to return is lost";
    }
    EXPECT_EQ(journal, "third second first ");
}

TEST(body, locals_go_before_the_caller_hears_of_the_exception) {
    std::string journal;
    auto body = [](std::string& notes) -> generator<int> {
        const support::leaves_note first(notes, "first ");
        co_yield 1;
        const support::leaves_note second(notes, "second ");
        throw failure("x");
    };
    auto g = body(journal);
    next(g);
    try {
        g.next();
    } catch (const failure&) {
        journal += "caught";
    }
    EXPECT_EQ(journal, "second first caught");
}

TEST(body, may_handle_an_exception_and_step_others_meanwhile) {
    auto body = []() -> generator<std::string> {
        std::string text;
        try {
            throw failure("outer");
        } catch (const failure& e) {
            auto inner = listens();
            next(inner);
            text = *inner.throw_(failure("inner")) + " in " + e.what();
        }
        co_yield text;
    };
    auto g = body();
    EXPECT_EQ(next(g), "inner in outer");
}
