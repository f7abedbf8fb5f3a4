// How often a generator allocates: once, its frame. Without the pool, which would hide it (base/frame_pool_test.cpp shows
// what the pool does).
#define FERMATA_FRAME_POOL 0

#include <fermata/generator.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>
#include <utility>

using fermata::from;
using fermata::generator;

namespace {

int news = 0;
int deletes = 0;
std::size_t refused_from = 0;  // 0: none is refused

struct counted {
    int news = ::news;
    int deletes = ::deletes;
    int made() const { return ::news - news; }
    int freed() const { return ::deletes - deletes; }
};

// noinline: a compiler may elide the allocation altogether where it sees the whole life (generator/halo_test.cpp).
[[gnu::noinline]] generator<int, std::optional<int>, int> counter(int last) {
    int got = 0;
    for (int i = 1; i <= last; ++i) {
        const std::optional<int> sent = co_yield i;
        got += sent.value_or(0);
    }
    co_return got;
}

using counting = decltype(counter(0));

[[gnu::noinline]] counting delegating(counting sub) { co_return co_yield from(std::move(sub)); }

[[gnu::noinline]] generator<char> letters(std::string text) {
    for (const char c : text) co_yield c;
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
    if (refused_from != 0 && size >= refused_from) throw std::bad_alloc();
    ++news;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
// Not inline: g++ would see free(), and call it mismatched with operator new, or the other way round.
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    ++deletes;
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    ++deletes;
    std::free(memory);
}

TEST(allocation, is_one_for_a_generator_and_none_for_a_step) {
    const counted all;
    {
        auto g = counter(1000);
        EXPECT_EQ(all.made(), 1);
        const counted steps;
        for (int i = 0; i < 300; ++i) g.next();
        for (int i = 0; i < 300; ++i) g.send(i);
        for (const int n : g) {
            if (n == 900) break;
        }
        fermata::next(g);
        auto moved = std::move(g);
        while (moved.next()) continue;
        moved.next();
        EXPECT_EQ(steps.made(), 0);
        EXPECT_EQ(steps.freed(), 0);
    }
    EXPECT_EQ(all.made(), 1);
    EXPECT_EQ(all.freed(), 1);
}

TEST(allocation, is_one_a_level_and_none_for_a_step_through_them) {
    const counted all;
    {
        auto g = delegating(delegating(counter(100)));
        EXPECT_EQ(all.made(), 3);
        while (g.send(std::nullopt)) continue;
        EXPECT_EQ(all.made(), 3);
    }
    EXPECT_EQ(all.freed(), 3);
}

TEST(allocation, is_none_for_delegating_to_a_borrowed_one) {
    auto lends = [](counting& sub) -> counting { co_return co_yield from(sub); };
    auto sub = counter(10);
    auto g = lends(sub);
    const counted steps;
    while (g.next()) continue;
    EXPECT_EQ(steps.made(), 0);
}

TEST(allocation, is_one_for_delegating_to_a_range) {
    auto body = [](const int(&numbers)[3]) -> generator<int> { co_yield from(numbers); };
    const int numbers[] = {1, 2, 3};
    auto g = body(numbers);
    const counted steps;
    while (g.next()) continue;
    EXPECT_EQ(steps.made(), 1);
    EXPECT_EQ(steps.freed(), 1);
}

TEST(allocation, of_a_throw_is_the_exception_s_own) {
    struct small {};
    auto body = []() -> generator<int> {
        for (int i = 0;; ++i) {
            try {
                co_yield i;
            } catch (small) {
                ++i;
            }
        }
    };
    auto g = body();
    g.next();
    const counted steps;
    EXPECT_EQ(*g.throw_(small()), 2);
    EXPECT_EQ(steps.made(), 0);  // exceptions have a store of their own
}

TEST(allocation, of_a_close_is_none) {
    auto g = counter(10);
    g.next();
    const counted closing;
    g.close();
    EXPECT_EQ(closing.made(), 0);
}

TEST(allocation, is_given_back_where_destroyed_at_any_point) {
    for (int steps = 0; steps < 5; ++steps) {
        const counted all;
        {
            auto g = delegating(counter(3));
            for (int i = 0; i < steps; ++i) g.next();
        }
        EXPECT_EQ(all.made(), 2) << steps;
        EXPECT_EQ(all.freed(), 2) << steps;
    }
}

TEST(allocation, that_fails_is_bad_alloc_at_the_call_and_leaks_nothing) {
    const counted all;
    {
        const std::string text = "a parameter too long to be kept within the string itself";
        refused_from = 80;  // the frame, but not the text
        EXPECT_THROW({ const auto g = letters(text); }, std::bad_alloc);
        refused_from = 0;
        EXPECT_EQ(*letters(text).next(), 'a');
    }
    EXPECT_EQ(all.made(), all.freed());
}
