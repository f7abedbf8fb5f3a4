// What CPython 3.13 does with the same groups was recorded by running it: each expectation is its output, with its names of
// the classes replaced.

#include <fermata/base/exception_group.hpp>

#include "support.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace fermata;
using support::raised;

namespace {

using exceptions = std::vector<std::exception_ptr>;

template <class Exception>
std::exception_ptr of(Exception e) {
    return std::make_exception_ptr(std::move(e));
}
std::exception_ptr group(const char* message, exceptions of) {
    return std::make_exception_ptr(exception_group(message, std::move(of)));
}

exception_group nested() {
    const auto deep = group("deep", {of(value_error("d"))});
    const auto inner = group("inner", {of(type_error("b")), of(value_error("c")), deep});
    return exception_group(
        "outer", {of(value_error("a")), inner, of(runtime_error("e")), group("types", {of(type_error("f"))})});
}

// Who derives from it is caught as it.
class special_group : public exception_group {
public:
    using exception_group::exception_group;
};

}  // namespace

TEST(exception_group, of_nothing_is_refused) {
    EXPECT_EQ(raised<value_error>([] { exception_group("x", {}); }),
              "second argument (exceptions) must be a non-empty sequence");
}

TEST(exception_group, of_what_is_no_exception_is_refused) {
    EXPECT_EQ(raised<value_error>([] { exception_group("x", {of(value_error("a")), nullptr, nullptr}); }),
              "Item 1 of second argument (exceptions) is not an exception");
}

TEST(exception_group, says_how_many_there_are) {
    const exception_group two("several", {of(value_error("one")), of(type_error("two"))});
    EXPECT_STREQ(two.what(), "several (2 sub-exceptions)");
    EXPECT_EQ(two.message(), "several");
    EXPECT_EQ(two.exceptions().size(), 2U);
    EXPECT_EQ(describe_exception(two.exceptions()[1]), "fermata::type_error: two");
    EXPECT_STREQ(exception_group("", {of(value_error("a"))}).what(), " (1 sub-exception)");
}

TEST(exception_group, is_caught_as_an_error) {
    EXPECT_THROW(throw exception_group("x", {of(value_error("a"))}), error);
}

TEST(exception_group, copies_share_the_exceptions_and_outlive_the_original) {
    std::optional<exception_group> original = nested();
    const exception_group copy = *original;
    EXPECT_EQ(&copy.exceptions(), &original->exceptions());
    original.reset();
    EXPECT_EQ(copy.message(), "outer");
    EXPECT_STREQ(copy.what(), "outer (4 sub-exceptions)");
    EXPECT_EQ(copy.exceptions().size(), 4U);
}

TEST(exception_group, is_drawn_as_by_the_traceback_of_python) {
    EXPECT_EQ(nested().tree(), R"(  | fermata::exception_group: outer (4 sub-exceptions)
  +-+---------------- 1 ----------------
    | fermata::value_error: a
    +---------------- 2 ----------------
    | fermata::exception_group: inner (3 sub-exceptions)
    +-+---------------- 1 ----------------
      | fermata::type_error: b
      +---------------- 2 ----------------
      | fermata::value_error: c
      +---------------- 3 ----------------
      | fermata::exception_group: deep (1 sub-exception)
      +-+---------------- 1 ----------------
        | fermata::value_error: d
        +------------------------------------
    +---------------- 3 ----------------
    | fermata::runtime_error: e
    +---------------- 4 ----------------
    | fermata::exception_group: types (1 sub-exception)
    +-+---------------- 1 ----------------
      | fermata::type_error: f
      +------------------------------------
)");
}

TEST(exception_group, draws_texts_of_several_lines_beside_its_margin) {
    const exception_group several("two\nlines",
                                  {of(value_error("first\nsecond")), of(value_error()), of(value_error("trailing\n")),
                                   group("in\nner", {of(value_error("x\ny"))})});
    EXPECT_EQ(several.tree(), R"(  | fermata::exception_group: two
  | lines (4 sub-exceptions)
  +-+---------------- 1 ----------------
    | fermata::value_error: first
    | second
    +---------------- 2 ----------------
    | fermata::value_error
    +---------------- 3 ----------------
    | fermata::value_error: trailing
    | )"
                              R"(
    +---------------- 4 ----------------
    | fermata::exception_group: in
    | ner (1 sub-exception)
    +-+---------------- 1 ----------------
      | fermata::value_error: x
      | y
      +------------------------------------
)");
}

TEST(exception_group, draws_fifteen_exceptions_and_counts_the_others) {
    exceptions many;
    for (int i = 0; i < 16; ++i) many.push_back(of(value_error(std::to_string(i))));
    const std::string one_more = exception_group("many", many).tree();
    many.push_back(of(value_error("16")));
    const std::string two_more = exception_group("many", many).tree();
    const std::string shown = R"(
    +---------------- 15 ----------------
    | fermata::value_error: 14
    +---------------- ... ----------------
    | and )";
    const std::string below = "\n    +------------------------------------\n";
    EXPECT_TRUE(one_more.ends_with(shown + "1 more exception" + below)) << one_more;
    EXPECT_TRUE(two_more.ends_with(shown + "2 more exceptions" + below)) << two_more;
}

TEST(exception_group, draws_ten_levels) {
    exception_group deep("d1", {of(value_error("x"))});
    for (int i = 2; i <= 12; ++i) {
        deep = exception_group("d" + std::to_string(i), {of(type_error(std::to_string(i))), of(deep)});
    }
    const std::string drawn = deep.tree();
    EXPECT_TRUE(drawn.ends_with(R"(
                    | fermata::exception_group: d3 (2 sub-exceptions)
                    +-+---------------- 1 ----------------
                      | fermata::type_error: 3
                      +---------------- 2 ----------------
                      | ... (max_group_depth is 10)
                      +------------------------------------
)")) << drawn;
}

// Python's traceback gives the class only, where there is no text.
TEST(describe_exception, gives_the_class_and_the_text) {
    EXPECT_EQ(describe_exception(of(value_error("one"))), "fermata::value_error: one");
    EXPECT_EQ(describe_exception(of(value_error())), "fermata::value_error");
    EXPECT_EQ(describe_exception(nullptr), "no exception");
    EXPECT_EQ(describe_exception(of(generator_exit())), "fermata::generator_exit");
    EXPECT_EQ(describe_exception(of(stop_iteration(3))), "fermata::stop_iteration");
    EXPECT_EQ(describe_exception(of(std::bad_alloc())), "std::bad_alloc");
    EXPECT_EQ(describe_exception(of(7)), "int");
    EXPECT_EQ(describe_exception(of(special_group("s", {of(7)}))),
              "(anonymous namespace)::special_group: s (1 sub-exception)");
}

TEST(describe_exception, looks_through_throw_with_nested) {
    try {
        try {
            throw type_error("cause");
        } catch (...) {
            std::throw_with_nested(value_error("effect"));
        }
    } catch (...) {
        EXPECT_EQ(describe_exception(std::current_exception()), "fermata::value_error: effect");
    }
}
