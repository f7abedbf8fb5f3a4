#include <fermata/iteration/iter.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <array>
#include <forward_list>
#include <list>
#include <memory>
#include <ranges>
#include <span>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using fermata::iter;
using fermata::next;
using fermata::stop_iteration;

namespace {

// A user's own iterator: counts down, and has no element to refer to.
class countdown {
public:
    using pulls_on_begin = void;

    class position {
    public:
        using value_type = int;
        using difference_type = std::ptrdiff_t;
        explicit position(countdown& source) : source_(&source) {}
        int operator*() const { return source_->left_; }
        position& operator++() {
            --source_->left_;
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const position& here, std::default_sentinel_t) { return here.done(); }

    private:
        bool done() const { return source_->left_ <= 0; }
        countdown* source_;
    };

    explicit countdown(int from) : left_(from + 1) {}
    position begin() {
        if (left_ > 0) --left_;
        return position(*this);
    }
    std::default_sentinel_t end() const { return {}; }

private:
    int left_;
};

template <class Iterator>
auto rest(Iterator& it) {
    std::vector<std::ranges::range_value_t<Iterator>> elements;
    for (auto&& element : it) elements.push_back(element);
    return elements;
}

using ints = std::vector<int>;

}  // namespace

TEST(iter, pulls_the_elements_of_a_borrowed_range) {
    ints numbers{1, 2, 3};
    auto it = iter(numbers);
    EXPECT_EQ(next(it), 1);
    numbers[1] = 20;
    EXPECT_EQ(next(it), 20);
    EXPECT_EQ(next(it), 3);
}

TEST(iter, owns_a_range_that_is_given_away) {
    support::tally counts;
    {
        std::vector<support::tracked> elements;
        elements.reserve(2);
        elements.emplace_back(counts, 1);
        elements.emplace_back(counts, 2);
        auto it = iter(std::move(elements));
        EXPECT_TRUE(elements.empty());  // NOLINT(bugprone-use-after-move): that it was moved is the point
        EXPECT_EQ(counts.copied + counts.moved, 0);
        EXPECT_EQ(next(it).value, 1);
        EXPECT_EQ(next(it).value, 2);
        EXPECT_EQ(counts.alive(), 2);
    }
    EXPECT_TRUE(counts.settled());
}

// SEMANTICS 1
TEST(iter, once_exhausted_stays_exhausted) {
    ints numbers{1};
    auto it = iter(numbers);
    EXPECT_EQ(next(it), 1);
    for (int i = 0; i < 3; ++i) EXPECT_THROW(next(it), stop_iteration);
    EXPECT_EQ(next(it, -1), -1);
    EXPECT_EQ(next(it, -2), -2);
    EXPECT_EQ(rest(it), ints{});
}

// SEMANTICS 1: a list that has grown since does not bring its iterator back, as in Python
TEST(iter, once_exhausted_stays_so_though_the_container_grows) {
    std::list<int> numbers{1};
    auto it = iter(numbers);
    EXPECT_EQ(rest(it), ints{1});
    numbers.push_back(2);
    EXPECT_EQ(next(it, -1), -1);
}

// SEMANTICS 1
TEST(iter, of_an_empty_range_is_exhausted_at_once) {
    ints none;
    auto it = iter(none);
    EXPECT_EQ(next(it, 7), 7);
    EXPECT_THROW(next(it), stop_iteration);
}

// SEMANTICS 2
TEST(iter, raises_a_stop_iteration_without_value) {
    auto it = iter(ints{});
    try {
        next(it);
        FAIL();
    } catch (const stop_iteration& e) {
        EXPECT_FALSE(e.has_value());
    }
}

TEST(iter, of_an_iterator_is_the_same_object) {
    ints numbers{1, 2};
    auto it = iter(numbers);
    EXPECT_EQ(&iter(it), &it);
    EXPECT_EQ(&iter(iter(it)), &it);
}

TEST(iter, of_a_temporary_iterator_is_that_one_moved) {
    ints numbers{1, 2, 3};
    auto it = iter(numbers);
    next(it);
    auto moved = iter(std::move(it));
    EXPECT_TRUE((std::is_same_v<decltype(moved), decltype(it)>));
    EXPECT_EQ(rest(moved), (ints{2, 3}));
}

TEST(iter, makes_independent_iterators_of_a_container) {
    ints numbers{1, 2};
    auto one = iter(numbers);
    auto other = iter(numbers);
    EXPECT_EQ(next(one), 1);
    EXPECT_EQ(next(other), 1);
    EXPECT_EQ(next(one), 2);
    EXPECT_EQ(next(other), 2);
}

TEST(iter, a_loop_continues_where_the_last_call_stopped) {
    ints numbers{1, 2, 3, 4, 5};
    auto it = iter(numbers);
    EXPECT_EQ(next(it), 1);
    for (const int n : it) {
        EXPECT_EQ(n, 2);
        break;
    }
    EXPECT_EQ(next(it), 3);
    EXPECT_EQ(rest(it), (ints{4, 5}));
}

TEST(iter, gives_references_to_a_loop_and_values_to_next) {
    ints numbers{1, 2};
    auto it = iter(numbers);
    EXPECT_TRUE((std::is_same_v<decltype(next(it)), int>));
    for (int& n : it) n *= 10;
    EXPECT_EQ(numbers, (ints{10, 20}));
}

TEST(iter, of_a_const_range_gives_const_references) {
    const ints numbers{1, 2};
    auto it = iter(numbers);
    EXPECT_TRUE((std::is_same_v<decltype(*it.begin()), const int&>));
}

TEST(iter, takes_arrays_strings_views_streams_and_single_pass_ranges) {
    int array[] = {1, 2, 3};
    auto over_array = iter(array);
    EXPECT_EQ(rest(over_array), (ints{1, 2, 3}));

    auto over_string = iter(std::string("ab"));
    EXPECT_EQ(next(over_string), 'a');

    auto squares = iter(std::views::iota(1, 4) | std::views::transform([](int n) { return n * n; }));
    EXPECT_EQ(rest(squares), (ints{1, 4, 9}));

    std::istringstream text("4 5");
    auto over_stream = iter(std::views::istream<int>(text));
    EXPECT_EQ(next(over_stream), 4);
    EXPECT_EQ(next(over_stream), 5);
    EXPECT_EQ(next(over_stream, 0), 0);

    std::vector<bool> bits{true, false};
    auto over_bits = iter(bits);
    EXPECT_EQ(rest(over_bits), (std::vector<bool>{true, false}));
}

TEST(iter, pulls_no_further_than_asked) {
    std::istringstream text("1 2 3");
    auto it = iter(std::views::istream<int>(text));
    EXPECT_EQ(next(it), 1);
    EXPECT_EQ(text.tellg(), 1);
}

TEST(iter, moves_with_a_range_whose_elements_it_holds_within) {
    // Neither moves by exchanging pointers: an iterator into the old place would dangle.
    auto letters = iter(std::string("abc"));
    auto numbers = iter(std::array<int, 3>{1, 2, 3});
    EXPECT_EQ(next(letters), 'a');
    EXPECT_EQ(next(numbers), 1);
    auto moved_letters = std::make_unique<decltype(letters)>(std::move(letters));
    auto moved_numbers = std::make_unique<decltype(numbers)>(std::move(numbers));
    letters = iter(std::string("xyz"));
    EXPECT_EQ(next(*moved_letters), 'b');
    EXPECT_EQ(next(*moved_numbers), 2);
    letters = std::move(*moved_letters);
    EXPECT_EQ(next(letters), 'c');
    EXPECT_EQ(next(letters, '-'), '-');
}

TEST(iter, is_move_only) {
    using it = decltype(iter(std::declval<ints&>()));
    EXPECT_FALSE(std::is_copy_constructible_v<it>);
    EXPECT_TRUE(std::is_nothrow_move_constructible_v<it>);
}

TEST(iter, is_a_view_and_a_single_pass_range) {
    using it = decltype(iter(std::declval<ints&>()));
    EXPECT_TRUE(std::ranges::view<it>);
    EXPECT_TRUE(std::ranges::input_range<it>);
    EXPECT_FALSE(std::ranges::forward_range<it>);
    EXPECT_TRUE(fermata::own_iterator<it>);
    EXPECT_TRUE(fermata::own_iterator<it&>);
    EXPECT_FALSE(fermata::own_iterator<ints>);
}

TEST(iter, goes_into_std_views) {
    auto it = iter(ints{1, 2, 3, 4, 5, 6});
    next(it);
    auto even = [](int n) { return n % 2 == 0; };
    auto tens = std::move(it) | std::views::filter(even) | std::views::transform([](int n) { return 10 * n; });
    EXPECT_EQ(rest(tens), (ints{20, 40, 60}));
}

TEST(iter, lends_itself_to_std_views_and_goes_on_afterwards) {
    ints numbers{1, 2, 3, 4, 5};
    auto it = iter(numbers);
    auto first_two = std::ranges::ref_view(it) | std::views::take_while([](int n) { return n < 3; });
    EXPECT_EQ(rest(first_two), (ints{1, 2}));
    EXPECT_EQ(rest(it), (ints{4, 5}));  // 3 was looked at, as itertools.takewhile does
}

TEST(next, with_a_default_never_raises) {
    auto it = iter(std::vector<std::string>{"one"});
    EXPECT_EQ(next(it, "none"), "one");
    EXPECT_EQ(next(it, "none"), "none");
    const std::string lvalue = "kept";
    EXPECT_EQ(next(it, lvalue), "kept");
    EXPECT_EQ(lvalue, "kept");
}

TEST(next, passes_on_what_the_range_raises) {
    auto it = iter(std::views::iota(0, 2) | std::views::transform([](int n) {
                       if (n == 1) throw fermata::value_error("one");
                       return n;
                   }));
    EXPECT_EQ(next(it, 9), 0);
    EXPECT_EQ(support::raised<fermata::value_error>([&] { next(it, 9); }), "one");
}

TEST(next, copies_what_a_container_keeps) {
    std::vector<std::string> words{"a word too long to be within the string itself"};
    auto it = iter(words);
    EXPECT_EQ(next(it), words.front());
    EXPECT_FALSE(words.front().empty());
}

TEST(own_iterator, of_a_user_is_its_own_iter_and_works_with_next) {
    countdown it(3);
    EXPECT_EQ(&iter(it), &it);
    EXPECT_EQ(next(it), 3);
    EXPECT_EQ(rest(it), (ints{2, 1}));
    EXPECT_EQ(next(it, -1), -1);
    EXPECT_THROW(next(it), stop_iteration);
}
