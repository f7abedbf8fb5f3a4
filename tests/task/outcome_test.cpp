#include <fermata/base/errors.hpp>
#include <fermata/task/outcome.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

using namespace fermata;

TEST(outcome, is_a_result) {
    outcome<std::string> good("text");
    EXPECT_TRUE(good.has_value());
    EXPECT_TRUE(good);
    EXPECT_EQ(good.value(), "text");
    EXPECT_FALSE(good.exception());
    good.value() += "!";
    const outcome<std::string> copy = good;
    EXPECT_EQ(copy.value(), "text!");
}

TEST(outcome, is_what_was_raised) {
    const outcome<std::string> bad(std::make_exception_ptr(value_error("wrong")));
    EXPECT_FALSE(bad.has_value());
    EXPECT_FALSE(bad);
    EXPECT_TRUE(bad.exception());
    EXPECT_THROW(bad.value(), value_error);
    outcome<std::string> copy = bad;
    EXPECT_THROW(copy.value(), value_error);
    EXPECT_THROW(std::move(copy).value(), value_error);
    EXPECT_EQ(copy.exception(), bad.exception());
}

TEST(outcome, of_what_can_only_be_moved_gives_it_up) {
    outcome<std::unique_ptr<int>> boxed(std::make_unique<int>(3));
    const std::unique_ptr<int> taken = std::move(boxed).value();
    EXPECT_EQ(*taken, 3);
}

TEST(outcome, of_nothing_has_a_value_too) {
    outcome<> done{std::monostate()};
    static_assert(std::is_same_v<decltype(done.value()), std::monostate&>);
    EXPECT_TRUE(done.has_value());
    EXPECT_EQ(done.value(), std::monostate());
}
