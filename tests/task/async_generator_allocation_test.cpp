// How often an async generator allocates: once, its frame; its steps never. Without the pool, which would hide it.
#define FERMATA_FRAME_POOL 0

#include <fermata/async.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <optional>
#include <utility>

using namespace fermata;

namespace {

int news = 0;
int deletes = 0;

async_generator<int, std::optional<int>, int> counter(int last) {
    int got = 0;
    for (int i = 1; i <= last; ++i) {
        const std::optional<int> sent = co_yield i;
        got += sent.value_or(0);
    }
    co_return got;
}

using counting = decltype(counter(0));

counting delegating(counting sub) { co_return co_yield from(std::move(sub)); }

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
    ++news;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
// Not inline: g++ would see free(), and call it mismatched with operator new, or the other way round.
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    ++deletes;
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace {

TEST(async_generator, allocates_its_frame_and_nothing_else) {
    const auto program = []() -> task<> {
        const int before = news;
        const int freed = deletes;
        {
            auto g = counter(3);
            EXPECT_EQ(news - before, 1);
            co_await g.next();
            co_await g.asend(5);
            co_await anext(g);
            const auto end = co_await g.next();
            EXPECT_EQ(end.result(), 5);
            co_await g.aclose();
            EXPECT_EQ(news - before, 1);
        }
        EXPECT_EQ(deletes - freed, 1);
    };
    run(program());
}

TEST(async_generator, allocates_one_frame_for_each_that_it_delegates_to) {
    const auto program = []() -> task<> {
        const int before = news;
        {
            auto g = delegating(delegating(counter(2)));
            EXPECT_EQ(news - before, 3);
            while (co_await g.next()) {
            }
            EXPECT_EQ(news - before, 3);
        }
    };
    run(program());
}

}  // namespace
