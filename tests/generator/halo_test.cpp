// clang's heap allocation elision: the frame of a generator that does not outlive the function which makes it is put on
// the stack. g++ has no such thing.
#define FERMATA_FRAME_POOL 0

#include <fermata/base/config.hpp>
#include <fermata/generator/generator.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <optional>

using fermata::generator;

namespace {

int news = 0;

generator<int> count_to(int last) {
    for (int i = 1; i <= last; ++i) co_yield i;
}

generator<int, std::optional<int>, int> sums() {
    int sum = 0;
    while (const std::optional<int> got = co_yield sum) sum += *got;
    co_return sum;
}

#if defined(__clang__) && defined(__OPTIMIZE__) && !FERMATA_DETAIL_ASAN && !FERMATA_DETAIL_TSAN
constexpr bool elides = true;
#else
constexpr bool elides = false;
#endif

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
    ++news;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
// Not inline: g++ would see free(), and call it mismatched with operator new, or the other way round.
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

TEST(halo, a_loop_over_a_local_generator_allocates_nothing) {
    if (!elides) GTEST_SKIP() << "only clang's optimiser elides";
    const int before = news;
    int sum = 0;
    for (const int n : count_to(100)) sum += n;
    const int made = news - before;
    EXPECT_EQ(sum, 5050);
    EXPECT_EQ(made, 0);
}

TEST(halo, stepping_a_local_generator_allocates_nothing) {
    if (!elides) GTEST_SKIP() << "only clang's optimiser elides";
    const int before = news;
    int sum = 0;
    {
        auto g = count_to(100);
        while (auto s = g.next()) sum += *s;
    }
    const int made = news - before;
    EXPECT_EQ(sum, 5050);
    EXPECT_EQ(made, 0);
}

TEST(halo, sending_to_a_local_generator_allocates_nothing) {
    if (!elides) GTEST_SKIP() << "only clang's optimiser elides";
    const int before = news;
    int result = 0;
    {
        auto g = sums();
        g.next();
        for (int i = 1; i <= 100; ++i) g.send(i);
        result = g.next().result().value_or(-1);
    }
    const int made = news - before;
    EXPECT_EQ(result, 5050);
    EXPECT_EQ(made, 0);
}
