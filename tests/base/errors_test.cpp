#include <fermata/base/errors.hpp>

#include "support.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

using fermata::stop_iteration;
using support::raised;

TEST(errors, carry_their_text_copied) {
    std::string text = "the text";
    const fermata::value_error e(text);
    text = "changed";
    EXPECT_STREQ(e.what(), "the text");
    EXPECT_STREQ(fermata::type_error("literal").what(), "literal");
}

TEST(errors, without_text_are_empty_as_str_of_them_in_python) {
    EXPECT_STREQ(fermata::value_error().what(), "");
    EXPECT_STREQ(fermata::runtime_error().what(), "");
}

TEST(errors, copies_outlive_the_original) {
    auto original = std::make_unique<fermata::index_error>("far away");
    const fermata::index_error copy = *original;
    fermata::index_error assigned;
    assigned = *original;
    original.reset();
    EXPECT_STREQ(copy.what(), "far away");
    EXPECT_STREQ(assigned.what(), "far away");
}

TEST(errors, are_copied_without_throwing) {
    EXPECT_TRUE(std::is_nothrow_copy_constructible_v<fermata::error>);
    EXPECT_TRUE(std::is_nothrow_copy_assignable_v<fermata::value_error>);
    EXPECT_TRUE(std::is_nothrow_copy_constructible_v<stop_iteration>);
    EXPECT_TRUE(std::is_nothrow_copy_constructible_v<fermata::generator_exit>);
}

TEST(errors, python_s_exceptions_are_std_exceptions) {
    EXPECT_EQ(raised<fermata::type_error>([] { throw fermata::type_error("t"); }), "t");
    for (int i = 0; i < 5; ++i) {
        try {
            if (i == 0) throw fermata::value_error("0");
            if (i == 1) throw fermata::type_error("1");
            if (i == 2) throw fermata::index_error("2");
            if (i == 3) throw fermata::runtime_error("3");
            if (i == 4) throw fermata::error("4");
        } catch (const std::exception& e) {
            EXPECT_EQ(e.what(), std::to_string(i));
        }
    }
}

TEST(errors, of_one_kind_are_not_caught_as_another) {
    EXPECT_FALSE((std::is_base_of_v<fermata::value_error, fermata::type_error>));
    EXPECT_FALSE((std::is_base_of_v<fermata::runtime_error, fermata::value_error>));
    EXPECT_FALSE((std::is_base_of_v<fermata::value_error, fermata::index_error>));
}

TEST(errors, generator_exit_is_no_std_exception) {
    EXPECT_FALSE((std::is_base_of_v<std::exception, fermata::generator_exit>));
    bool passed = false;
    try {
        try {
            throw fermata::generator_exit();
        } catch (const std::exception&) {
            ADD_FAILURE() << "caught as a std::exception";
        }
    } catch (const fermata::generator_exit&) {
        passed = true;
    }
    EXPECT_TRUE(passed);
}

// SEMANTICS 2
TEST(stop_iteration, without_value_carries_none) {
    const stop_iteration e;
    EXPECT_FALSE(e.has_value());
    EXPECT_STREQ(e.what(), "StopIteration");
    EXPECT_EQ(raised<fermata::type_error>([&] { e.value<int>(); }),
              "this exception carries no value: ask has_value() first");
}

// SEMANTICS 2
TEST(stop_iteration, carries_a_value_of_any_type) {
    EXPECT_EQ(stop_iteration(3).value<int>(), 3);
    EXPECT_TRUE(stop_iteration(3).has_value());
    EXPECT_EQ(stop_iteration(std::string("done")).value<std::string>(), "done");
    const std::string lvalue = "copied";
    EXPECT_EQ(stop_iteration(lvalue).value<std::string>(), "copied");
}

TEST(stop_iteration, raises_type_error_for_another_type) {
    const stop_iteration e(3);
    EXPECT_EQ(raised<fermata::type_error>([&] { e.value<long>(); }), "this exception carries a value of another type");
    EXPECT_EQ(e.value<int>(), 3);
}

TEST(stop_iteration, copies_share_a_move_only_value) {
    auto original = std::make_unique<stop_iteration>(std::make_unique<int>(7));
    const stop_iteration copy = *original;
    EXPECT_EQ(&copy.value<std::unique_ptr<int>>(), &original->value<std::unique_ptr<int>>());
    original.reset();
    EXPECT_EQ(*copy.value<std::unique_ptr<int>>(), 7);
    const std::unique_ptr<int> taken = std::move(copy.value<std::unique_ptr<int>>());
    EXPECT_EQ(*taken, 7);
}

TEST(stop_iteration, destroys_its_value_once_after_the_last_copy) {
    support::tally counts;
    {
        const stop_iteration e{support::tracked(counts, 5)};
        stop_iteration copy = e;
        stop_iteration assigned;
        assigned = copy;
        copy = stop_iteration();
        EXPECT_EQ(assigned.value<support::tracked>().value, 5);
        EXPECT_EQ(counts.copied, 0);
        EXPECT_EQ(counts.alive(), 1);
    }
    EXPECT_TRUE(counts.settled());
}
