#include <fermata/loop/timer_heap.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <random>
#include <vector>

namespace {

using std::chrono::nanoseconds;

struct numbered final : fermata::detail::callback {
    explicit numbered(int n) : number(n) {}
    void run() override {}
    std::string describe() const override { return {}; }
    int number;
};

std::vector<int> drained(fermata::detail::timer_heap& heap) {
    std::vector<int> numbers;
    while (!heap.empty()) {
        auto& first = static_cast<numbered&>(heap.earliest());
        heap.remove(first);
        EXPECT_FALSE(first.in_heap());
        numbers.push_back(first.number);
    }
    return numbers;
}

// SEMANTICS 33: CPython's heap would give 0, 2, 5, 1, 3, 4.
TEST(timer_heap, gives_equal_deadlines_in_the_order_of_their_creation) {
    std::deque<numbered> timers;
    fermata::detail::timer_heap heap;
    for (int i = 0; i < 6; ++i) heap.add(timers.emplace_back(i), nanoseconds(10));
    EXPECT_EQ(drained(heap), (std::vector<int>{0, 1, 2, 3, 4, 5}));
}

TEST(timer_heap, gives_the_earliest_first_whatever_was_added_and_removed) {
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::mt19937 random(seed);
        std::deque<numbered> timers;
        fermata::detail::timer_heap heap;
        std::vector<std::pair<int, int>> expected;  // deadline, number
        for (int i = 0; i < 100; ++i) {
            const int when = static_cast<int>(random() % 20);
            heap.add(timers.emplace_back(i), nanoseconds(when));
            expected.emplace_back(when, i);
            if (random() % 3 == 0) {
                const std::size_t victim = random() % expected.size();
                heap.remove(timers[static_cast<std::size_t>(expected[victim].second)]);
                expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(victim));
            }
        }
        std::sort(expected.begin(), expected.end());
        std::vector<int> numbers;
        for (const auto& [when, number] : expected) numbers.push_back(number);
        ASSERT_EQ(drained(heap), numbers) << "seed " << seed;
    }
}

// The order of coming is counted in 32 bits: here the count overflows with some of the timers in the heap.
TEST(timer_heap, keeps_the_order_of_equal_deadlines_when_its_count_overflows) {
    for (std::uint32_t before = 0; before < 12; ++before) {
        std::deque<numbered> timers;
        fermata::detail::timer_heap heap(std::numeric_limits<std::uint32_t>::max() - before);
        for (int i = 0; i < 10; ++i) heap.add(timers.emplace_back(i), nanoseconds(i % 2));
        EXPECT_EQ(drained(heap), (std::vector<int>{0, 2, 4, 6, 8, 1, 3, 5, 7, 9})) << before;
    }
}

TEST(timer_heap, that_is_destroyed_lets_its_timers_go) {
    numbered one(1);
    {
        fermata::detail::timer_heap heap;
        heap.add(one, nanoseconds(1));
    }
    EXPECT_FALSE(one.in_heap());
}

}  // namespace
