#include <fermata/sync/detail/ring.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <stdexcept>
#include <utility>

using fermata::detail::ring;
using support::tally;
using support::tracked;

namespace {

// A type that has to be copied where a move could fail, and the copy of which fails when it is told to.
struct reluctant {
    explicit reluctant(int n) : number(n) {}
    reluctant(const reluctant& other) : number(other.number) {
        if (refuses == number) throw std::runtime_error("no copy");
    }
    reluctant(reluctant&& other) noexcept(false) : number(std::exchange(other.number, -1)) {}
    reluctant& operator=(const reluctant&) = delete;
    ~reluctant() = default;

    int number;
    static inline int refuses = -1;
};

}  // namespace

// Every way in which the first and the last can lie around the end, while it grows.
TEST(ring, gives_back_in_order_what_was_put_wherever_it_grows) {
    for (int ahead = 0; ahead < 20; ++ahead) {
        ring<int> items;
        std::deque<int> expected;
        int put = 0;
        for (int i = 0; i < ahead; ++i) {
            items.push_back(put++);
            EXPECT_EQ(items.pop_front(), i);
        }
        for (int round = 0; round < 50; ++round) {
            for (int i = 0; i < 3; ++i) {
                expected.push_back(put);
                items.push_back(put++);
            }
            EXPECT_EQ(items.pop_front(), expected.front());
            expected.pop_front();
            EXPECT_EQ(items.size(), expected.size());
        }
        while (!items.empty()) {
            EXPECT_EQ(items.pop_front(), expected.front());
            expected.pop_front();
        }
        EXPECT_TRUE(expected.empty());
    }
}

TEST(ring, destroys_what_is_left_in_it_and_each_once) {
    tally counts;
    {
        ring<tracked> items;
        for (int i = 0; i < 6; ++i) items.push_back(tracked(counts, i));
        for (int i = 0; i < 4; ++i) EXPECT_EQ(items.pop_front().value, i);
        for (int i = 6; i < 30; ++i) items.push_back(tracked(counts, i));
        EXPECT_EQ(counts.alive(), 26);
        EXPECT_EQ(items.pop_front().value, 4);
    }
    EXPECT_TRUE(counts.settled());
    EXPECT_EQ(counts.copied, 0);
}

TEST(ring, holds_what_can_only_be_moved) {
    ring<std::unique_ptr<int>> items;
    for (int i = 0; i < 100; ++i) items.push_back(std::make_unique<int>(i));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(*items.pop_front(), i);
}

TEST(ring, that_is_moved_leaves_an_empty_one_that_can_be_used) {
    ring<int> items;
    for (int i = 0; i < 10; ++i) items.push_back(+i);
    ring<int> moved(std::move(items));
    EXPECT_EQ(moved.size(), 10U);
    EXPECT_TRUE(items.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
    items.push_back(7);
    std::swap(items, moved);
    EXPECT_EQ(items.pop_front(), 0);
    EXPECT_EQ(moved.pop_front(), 7);
}

TEST(ring, that_cannot_grow_has_kept_what_it_had) {
    ring<reluctant> items;
    for (int i = 0; i < 8; ++i) items.push_back(reluctant(i));
    reluctant::refuses = 5;
    EXPECT_THROW(items.push_back(reluctant(8)), std::runtime_error);
    reluctant::refuses = -1;
    EXPECT_EQ(items.size(), 8U);
    for (int i = 0; i < 8; ++i) EXPECT_EQ(items.pop_front().number, i);
}
