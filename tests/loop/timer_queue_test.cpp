#include <fermata/loop/timer_queue.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <limits>
#include <map>
#include <new>
#include <random>
#include <utility>
#include <vector>

namespace {

constexpr long no_limit = -1;
long allocations_left = no_limit;  // then the memory is used up

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
    void* const memory = allocations_left == 0 ? nullptr : std::malloc(size);
    if (!memory) throw std::bad_alloc();
    if (allocations_left > 0) --allocations_left;
    return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using fermata::detail::timer_queue;
using std::chrono::hours;
using std::chrono::nanoseconds;

struct numbered final : fermata::detail::callback {
    explicit numbered(int n) : number(n) {}
    void run() override {}
    std::string describe() const override { return {}; }
    int number;
};

int take_first(timer_queue& queue) {
    auto& first = static_cast<numbered&>(queue.earliest());
    queue.remove(first);
    EXPECT_FALSE(first.is_timer());
    return first.number;
}

std::vector<int> drained(timer_queue& queue) {
    std::vector<int> numbers;
    while (!queue.empty()) numbers.push_back(take_first(queue));
    return numbers;
}

// A queue beside what it is to do: a map in which equal deadlines stand in the order of coming.
class compared {
public:
    explicit compared(std::uint32_t counted = 0) : queue_(counted) {}

    void add(nanoseconds when) {
        numbered& made = all_.emplace_back(static_cast<int>(all_.size()));
        queue_.add(made, when);
        places_.push_back(model_.emplace(when, made.number));
    }
    void remove_any(std::uint64_t random) {
        if (model_.empty()) return;
        const auto number = static_cast<std::size_t>(random % all_.size());
        if (!all_[number].is_timer()) return;
        queue_.remove(all_[number]);
        model_.erase(places_[number]);
    }
    /// Whether it was the right one.
    bool take_earliest() {
        if (model_.empty()) return queue_.empty();
        const auto [when, number] = *model_.begin();
        model_.erase(model_.begin());
        if (queue_.empty() || queue_.earliest_time() != when) return false;
        now_ = std::max(now_, when);
        return take_first(queue_) == number;
    }
    bool take_all() {
        while (!model_.empty()) {
            if (!take_earliest()) return false;
        }
        return queue_.empty();
    }
    nanoseconds now() const { return now_; }
    std::size_t size() const { return model_.size(); }

private:
    std::deque<numbered> all_;
    std::vector<std::multimap<nanoseconds, int>::iterator> places_;
    std::multimap<nanoseconds, int> model_;
    timer_queue queue_;
    nanoseconds now_{0};
};

// SEMANTICS 33: CPython's heap would give 0, 2, 5, 1, 3, 4.
TEST(timer_queue, gives_equal_deadlines_in_the_order_of_their_creation) {
    std::deque<numbered> timers;
    timer_queue queue;
    for (int i = 0; i < 6; ++i) queue.add(timers.emplace_back(i), nanoseconds(10));
    EXPECT_EQ(drained(queue), (std::vector<int>{0, 1, 2, 3, 4, 5}));
}

TEST(timer_queue, gives_few_the_earliest_first_whatever_was_added_and_removed) {
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::mt19937 random(seed);
        compared both;
        for (int i = 0; i < 100; ++i) {
            both.add(nanoseconds(random() % 20));
            if (random() % 3 == 0) both.remove_any(random());
        }
        ASSERT_TRUE(both.take_all()) << "seed " << seed;
    }
}

// Deadlines as they come in programs, and as they may come: how long after now the next is.
nanoseconds delay_of(unsigned kind, std::mt19937_64& random) {
    constexpr std::int64_t second = 1'000'000'000;
    const std::uint64_t any = random();
    const auto below = [any](std::int64_t end) {
        return nanoseconds(static_cast<std::int64_t>(any % static_cast<std::uint64_t>(end)));
    };
    switch (kind) {
    case 0: return below(second);
    case 1: return below(3600 * second);                          // far wider than the first thousand may have been
    case 2: return nanoseconds(60 * second);                      // each is the last
    case 3: return below(20) * 1'000'000;                         // many are equal
    case 4: return any % 1000 == 0 ? hours(1) : below(1000);      // a few far away
    case 5: return nanoseconds(any >> (1 + any % 60));            // of each magnitude
    case 6: return any % 2 == 0 ? nanoseconds::max() : below(5);  // at the end of time
    default: return -below(second);                               // due long ago
    }
}

nanoseconds after(nanoseconds now, nanoseconds delay) {
    return delay > nanoseconds::max() - now ? nanoseconds::max() : now + delay;
}

// The kind changes with time, so that what was divided for one has to do for another.
TEST(timer_queue, gives_many_in_order_whatever_their_deadlines_are) {
    constexpr unsigned kinds = 8;
    for (unsigned seed = 0; seed < kinds * kinds; ++seed) {
        std::mt19937_64 random(seed);
        compared both;
        for (int i = 0; i < 6000; ++i) {
            const unsigned kind = (i < 3000 ? seed : seed / kinds) % kinds;
            both.add(after(both.now(), delay_of(kind, random)));
            if (random() % 4 == 0) both.remove_any(random());
            if (random() % (i % 2000 < 1500 ? 8 : 1) == 0) {
                ASSERT_TRUE(both.take_earliest()) << "seed " << seed << ", step " << i;
            }
        }
        ASSERT_TRUE(both.take_all()) << "seed " << seed;
    }
}

TEST(timer_queue, gives_many_in_order_that_come_the_latest_first) {
    compared both;
    for (int i = 0; i < 20'000; ++i) both.add(nanoseconds(1'000'000 - 10 * i));
    for (int i = 0; i < 5000; ++i) both.add(nanoseconds(400 * i));
    EXPECT_TRUE(both.take_all());
}

TEST(timer_queue, keeps_what_comes_between_the_latest_and_the_end_of_time) {
    compared both;
    both.add(nanoseconds::max());
    for (int i = 0; i < 1500; ++i) both.add(nanoseconds(i));
    for (int i = 0; i < 1500; ++i) both.add(nanoseconds::max() - nanoseconds(1000 + i));
    both.remove_any(0);
    for (int i = 0; i < 1500; ++i) ASSERT_TRUE(both.take_earliest()) << i;
    both.add(nanoseconds::max() - nanoseconds(500));
    EXPECT_TRUE(both.take_all());
}

TEST(timer_queue, begins_anew_when_it_has_been_emptied) {
    compared both;
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 3000; ++i) both.add(nanoseconds((round * 1'000'003 + i * 7919) % 1'000'000));
        ASSERT_TRUE(both.take_all()) << round;
    }
}

TEST(timer_queue, lets_all_leave_without_any_being_due) {
    std::deque<numbered> timers;
    timer_queue queue;
    for (int i = 0; i < 5000; ++i) queue.add(timers.emplace_back(i), nanoseconds(i * 7919 % 5000));
    for (int i = 0; i < 5000; ++i) queue.remove(timers[static_cast<std::size_t>(i * 4801 % 5000)]);
    EXPECT_TRUE(queue.empty());
}

// The order of coming is counted in 32 bits: here the count overflows with some of the timers in the queue.
TEST(timer_queue, keeps_the_order_of_equal_deadlines_when_its_count_overflows) {
    for (std::uint32_t before = 0; before < 12; ++before) {
        std::deque<numbered> timers;
        timer_queue queue(std::numeric_limits<std::uint32_t>::max() - before);
        for (int i = 0; i < 10; ++i) queue.add(timers.emplace_back(i), nanoseconds(i % 2));
        EXPECT_EQ(drained(queue), (std::vector<int>{0, 2, 4, 6, 8, 1, 3, 5, 7, 9})) << before;
    }
}

TEST(timer_queue, keeps_the_order_of_many_when_its_count_overflows) {
    for (const std::uint32_t before : {500U, 2000U, 5000U}) {
        compared both(std::numeric_limits<std::uint32_t>::max() - before);
        std::mt19937 random(before);
        for (int i = 0; i < 6000; ++i) {
            both.add(nanoseconds(random() % 500));
            if (random() % 4 == 0) both.remove_any(random());
        }
        EXPECT_TRUE(both.take_all()) << before;
    }
}

// Each allocation fails once: what could not be added is not there, and what is there is in order.
TEST(timer_queue, has_changed_nothing_where_there_was_no_memory) {
    int failed = 0;
    for (long left = 0; left < 400; left += left < 40 ? 1 : 9) {
        std::deque<numbered> timers;
        std::vector<std::pair<nanoseconds, int>> expected;
        for (int i = 0; i < 5000; ++i) timers.emplace_back(i);
        expected.reserve(5000);
        timer_queue queue;
        allocations_left = left;
        for (int i = 0; i < 5000; ++i) {
            const nanoseconds when(i * 7919 % 5003 * (i < 4000 ? 1 : 100));
            try {
                queue.add(timers[static_cast<std::size_t>(i)], when);
                expected.emplace_back(when, i);
            } catch (const std::bad_alloc&) {
                EXPECT_FALSE(timers[static_cast<std::size_t>(i)].is_timer()) << i;
                ++failed;
                allocations_left = no_limit;
            }
        }
        allocations_left = no_limit;
        std::sort(expected.begin(), expected.end());
        std::vector<int> numbers;
        for (const auto& [when, number] : expected) numbers.push_back(number);
        ASSERT_EQ(drained(queue), numbers) << left;
    }
    EXPECT_GT(failed, 0);
}

TEST(timer_queue, gives_all_in_order_without_memory_to_divide_them) {
    for (long left = 0; left < 8; ++left) {
        std::deque<numbered> timers;
        timer_queue queue;
        for (int i = 0; i < 1024; ++i) queue.add(timers.emplace_back(i), hours(i));
        for (int i = 0; i < 3000; ++i) queue.add(timers.emplace_back(1024 + i), nanoseconds(i));
        for (int i = 0; i < 3000; ++i)
            queue.add(timers.emplace_back(4024 + i), hours(i % 2 == 0 ? 2000 : 3000) + nanoseconds(i));
        nanoseconds last{0};
        int taken = 0;
        allocations_left = left;
        for (; !queue.empty(); ++taken) {
            EXPECT_LE(last, queue.earliest_time());
            last = queue.earliest_time();
            queue.remove(queue.earliest());
        }
        allocations_left = no_limit;
        EXPECT_EQ(taken, 7024) << left;
    }
}

TEST(timer_queue, that_is_destroyed_lets_its_timers_go) {
    std::deque<numbered> timers;
    {
        timer_queue queue;
        for (int i = 0; i < 3000; ++i) queue.add(timers.emplace_back(i), nanoseconds(i));
        queue.add(timers.emplace_back(3000), hours(1));
    }
    for (const numbered& each : timers) ASSERT_FALSE(each.is_timer()) << each.number;
}

}  // namespace
