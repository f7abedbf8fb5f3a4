// What CPython 3.13 does with the same groups was recorded by running it: each expectation is its output, as tree().

#include <fermata/base/exception_group.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace fermata;

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

// In one line: "outer[value_error a, inner[type_error b]]".
std::string brief(const exception_group& g);
std::string brief(const std::exception_ptr& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const exception_group& g) {
        return brief(g);
    } catch (...) {
        return describe_exception(exception).substr(sizeof "fermata::" - 1);
    }
}
std::string brief(const exception_group& g) {
    std::string text = g.message();
    const char* separator = "[";
    for (const auto& each : g.exceptions()) {
        text += separator + brief(each);
        separator = ", ";
    }
    return text + "]";
}
std::string brief(const std::optional<exception_group>& g) { return g ? brief(*g) : "None"; }

class special_group : public exception_group {
public:
    using exception_group::exception_group;
};

}  // namespace

TEST(exception_group, splits_by_class_and_keeps_the_nesting) {
    const auto [match, rest] = nested().split<value_error>();
    EXPECT_EQ(brief(match), "outer[value_error: a, inner[value_error: c, deep[value_error: d]]]");
    EXPECT_EQ(brief(rest), "outer[inner[type_error: b], runtime_error: e, types[type_error: f]]");
    EXPECT_EQ(brief(nested().subgroup<type_error>()), "outer[inner[type_error: b], types[type_error: f]]");
}

TEST(exception_group, that_holds_none_of_the_class_is_all_rest) {
    const auto [match, rest] = nested().split<index_error>();
    EXPECT_EQ(brief(match), "None");
    EXPECT_EQ(brief(rest), brief(nested()));
    EXPECT_FALSE(nested().subgroup<index_error>());
}

TEST(exception_group, that_is_of_the_class_itself_is_all_match) {
    const auto whole = nested();
    const auto [match, rest] = whole.split<exception_group>();
    EXPECT_EQ(&match->exceptions(), &whole.exceptions());
    EXPECT_EQ(brief(rest), "None");
    EXPECT_FALSE(whole.split<error>().rest);
}

TEST(exception_group, matches_classes_that_derive) {
    const exception_group several("several", {of(value_error("v")), of(stop_iteration())});
    const auto [match, rest] = several.split([](const std::exception_ptr& each) {
        try {
            std::rethrow_exception(each);
        } catch (const exception_group&) {
            return false;
        } catch (const error&) {
            return true;
        } catch (...) {
            return false;
        }
    });
    EXPECT_EQ(brief(match), "several[value_error: v]");
    EXPECT_EQ(brief(rest), "several[stop_iteration]");
}

TEST(exception_group, asks_a_predicate_of_groups_before_what_they_hold) {
    const auto whole = nested();
    std::string asked;
    const auto is_inner = [&](const std::exception_ptr& each) {
        try {
            std::rethrow_exception(each);
        } catch (const exception_group& g) {
            asked += g.message() + " ";
            return g.message() == "inner";
        } catch (const error& e) {
            asked += std::string(e.what()) + " ";
            return false;
        }
    };
    const auto [match, rest] = whole.split(is_inner);
    EXPECT_EQ(asked, "outer a inner e types f ");
    EXPECT_EQ(brief(match), "outer[inner[type_error: b, value_error: c, deep[value_error: d]]]");
    EXPECT_EQ(brief(rest), "outer[value_error: a, runtime_error: e, types[type_error: f]]");
    EXPECT_EQ(match->exceptions()[0], whole.exceptions()[1]) << "the same object, not a copy";
    EXPECT_EQ(brief(whole.subgroup(is_inner)), brief(match));
}

TEST(exception_group, keeps_the_very_objects_it_was_given) {
    const auto v = of(value_error("v"));
    const auto t = of(type_error("t"));
    const auto [match, rest] = exception_group("x", {v, t}).split<value_error>();
    EXPECT_EQ(match->exceptions(), exceptions{v});
    EXPECT_EQ(rest->exceptions(), exceptions{t});
}

TEST(exception_group, matches_a_nested_one_of_a_derived_class) {
    const exception_group outer(
        "o", {of(special_group("mine", {of(value_error("1")), of(type_error("2"))})), of(value_error("3"))});
    const auto [match, rest] = outer.split<special_group>();
    EXPECT_EQ(brief(match), "o[mine[value_error: 1, type_error: 2]]");
    EXPECT_EQ(brief(rest), "o[value_error: 3]");
    EXPECT_EQ(match->exceptions()[0], outer.exceptions()[0]);
}
