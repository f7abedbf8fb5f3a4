#include <fermata/base/intrusive_list.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace {

struct item : fermata::detail::list_node {
    explicit item(int n) : number(n) {}
    int number;
};
using list = fermata::detail::intrusive_list<item>;

std::vector<int> drained(list& from) {
    std::vector<int> numbers;
    while (!from.empty()) numbers.push_back(from.pop_front().number);
    return numbers;
}

TEST(intrusive_list, gives_its_objects_first_in_first_out) {
    item one(1), two(2), three(3);
    list objects;
    objects.push_back(two);
    objects.push_back(three);
    objects.push_front(one);
    EXPECT_EQ(objects.front().number, 1);
    EXPECT_EQ(drained(objects), (std::vector<int>{1, 2, 3}));
}

TEST(intrusive_list, lets_an_object_leave_from_the_middle) {
    item one(1), two(2), three(3);
    list objects;
    for (item* each : {&one, &two, &three}) objects.push_back(*each);
    two.unlink();
    EXPECT_FALSE(two.linked());
    two.unlink();  // nothing to leave
    EXPECT_EQ(drained(objects), (std::vector<int>{1, 3}));
}

TEST(intrusive_list, is_left_by_an_object_that_is_destroyed) {
    item one(1);
    std::optional<item> two(2);
    list objects;
    objects.push_back(one);
    objects.push_back(*two);
    two.reset();
    EXPECT_EQ(drained(objects), (std::vector<int>{1}));
}

TEST(intrusive_list, that_is_destroyed_lets_its_objects_go) {
    item one(1);
    {
        list objects;
        objects.push_back(one);
        EXPECT_TRUE(one.linked());
    }
    EXPECT_FALSE(one.linked());
}

TEST(intrusive_list, takes_all_objects_of_another_behind_its_own) {
    item one(1), two(2), three(3);
    list first, second, empty;
    first.push_back(one);
    second.push_back(two);
    second.push_back(three);
    first.splice_back(second);
    first.splice_back(empty);
    EXPECT_TRUE(second.empty());
    EXPECT_EQ(drained(first), (std::vector<int>{1, 2, 3}));
}

}  // namespace
