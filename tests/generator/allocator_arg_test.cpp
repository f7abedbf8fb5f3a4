// std::allocator_arg: the frame from an allocator of the caller's, and given back to it.

#include <fermata/generator.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <functional>
#include <memory>
#include <memory_resource>
#include <new>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

using fermata::from;
using fermata::generator;
using fermata::next;

namespace {

// Counts, and refuses what it did not give.
class counting_resource : public std::pmr::memory_resource {
public:
    int given = 0;
    std::size_t in_use = 0;
    bool settled() const { return given > 0 && in_use == 0; }

private:
    void* do_allocate(std::size_t size, std::size_t alignment) override {
        ++given;
        in_use += size;
        return std::pmr::new_delete_resource()->allocate(size, alignment);
    }
    void do_deallocate(void* memory, std::size_t size, std::size_t alignment) override {
        in_use -= size;
        std::pmr::new_delete_resource()->deallocate(memory, size, alignment);
    }
    bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
};

using pmr = std::pmr::polymorphic_allocator<>;

// noinline, here and below: clang may put the frame on the stack where it sees the whole life of a generator, and then asks
// no allocator.
[[gnu::noinline]] generator<int> count_to(std::allocator_arg_t, pmr, int last) {
    for (int i = 1; i <= last; ++i) co_yield i;
}

[[gnu::noinline]] int sum_of(generator<int> g) {
    int sum = 0;
    for (const int n : g) sum += n;
    return sum;
}

// Without state; counts for all of them.
int stateless_in_use = 0;
int stateless_given = 0;

template <class T>
struct stateless {
    using value_type = T;
    stateless() = default;
    template <class Other>
    explicit(false) stateless(const stateless<Other>&) noexcept {}
    T* allocate(std::size_t n) {
        ++stateless_given;
        ++stateless_in_use;
        return static_cast<T*>(::operator new(n * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t) noexcept {
        --stateless_in_use;
        ::operator delete(memory);
    }
    friend bool operator==(stateless, stateless) { return true; }
};

// With state that has to be destroyed: shared ownership of what it counts in.
template <class T>
struct stateful {
    using value_type = T;
    explicit stateful(std::shared_ptr<int> count) : in_use(std::move(count)) {}
    template <class Other>
    explicit(false) stateful(const stateful<Other>& other) noexcept : in_use(other.in_use) {}
    T* allocate(std::size_t n) {
        *in_use += static_cast<int>(n * sizeof(T));
        return static_cast<T*>(::operator new(n * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t n) noexcept {
        *in_use -= static_cast<int>(n * sizeof(T));
        ::operator delete(memory);
    }
    friend bool operator==(const stateful& a, const stateful& b) { return a.in_use == b.in_use; }
    std::shared_ptr<int> in_use;
};

[[gnu::noinline]] generator<int> with_stateless(std::allocator_arg_t, stateless<char>) { co_yield 1; }
[[gnu::noinline]] generator<int> with_stateful(std::allocator_arg_t, const stateful<int>&, int value) {
    co_yield value;
    co_yield value + 1;
}

struct counter {
    int first;
    [[gnu::noinline]] generator<int> count(std::allocator_arg_t, pmr, int last) const {
        for (int i = first; i <= last; ++i) co_yield i;
    }
};

[[gnu::noinline]] generator<int, std::optional<int>, std::unique_ptr<int>> full(std::allocator_arg_t, pmr,
                                                                                support::tracked parameter) {
    int last = parameter.value;
    while (last != 0) {
        const std::optional<int> got = co_yield last;
        last = got.value_or(0);
    }
    co_return std::make_unique<int>(9);
}

}  // namespace

TEST(allocator_arg, takes_the_frame_from_a_memory_resource_and_gives_it_back) {
    counting_resource resource;
    EXPECT_EQ(sum_of(count_to(std::allocator_arg, &resource, 4)), 10);
    EXPECT_EQ(resource.given, 1);
    EXPECT_TRUE(resource.settled());
}

TEST(allocator_arg, of_different_resources_gives_each_its_own_back) {
    counting_resource one;
    counting_resource other;
    {
        auto g = count_to(std::allocator_arg, &one, 4);
        auto h = count_to(std::allocator_arg, &other, 5);
        std::swap(g, h);
        EXPECT_EQ(next(g), 1);
        g = std::move(h);
        EXPECT_GT(one.in_use, 0U);
        EXPECT_EQ(other.in_use, 0U);
    }
    EXPECT_TRUE(one.settled());
    EXPECT_TRUE(other.settled());
}

TEST(allocator_arg, makes_generators_of_the_same_type) {
    counting_resource resource;
    std::vector<generator<int>> all;
    all.push_back([]() -> generator<int> { co_yield 1; }());
    all.push_back(count_to(std::allocator_arg, &resource, 1));
    for (auto& g : all) EXPECT_EQ(next(g), 1);
    all.clear();
    EXPECT_TRUE(resource.settled());
}

TEST(allocator_arg, may_be_stateless) {
    stateless_given = 0;
    EXPECT_EQ(sum_of(with_stateless(std::allocator_arg, {})), 1);
    EXPECT_EQ(sum_of(with_stateless(std::allocator_arg, stateless<double>())), 1);
    EXPECT_EQ(stateless_given, 2);
    EXPECT_EQ(stateless_in_use, 0);
}

TEST(allocator_arg, may_have_state_which_goes_with_the_frame) {
    auto in_use = std::make_shared<int>(0);
    {
        auto g = with_stateful(std::allocator_arg, stateful<int>(in_use), 5);
        EXPECT_GT(*in_use, 0);
        EXPECT_GT(in_use.use_count(), 1);
        EXPECT_EQ(next(g), 5);
    }
    EXPECT_EQ(*in_use, 0);
    EXPECT_EQ(in_use.use_count(), 1);
}

TEST(allocator_arg, follows_the_object_of_a_member_function) {
    counting_resource resource;
    const counter c{3};
    EXPECT_EQ(sum_of(c.count(std::allocator_arg, &resource, 5)), 12);
    EXPECT_TRUE(resource.settled());
}

TEST(allocator_arg, follows_the_object_of_a_lambda) {
    counting_resource resource;
    auto body = [](std::allocator_arg_t, pmr, int value)
                    __attribute__((noinline)) -> generator<int> { co_yield value; };
    EXPECT_EQ(sum_of(body(std::allocator_arg, &resource, 7)), 7);
    EXPECT_TRUE(resource.settled());
}

TEST(allocator_arg, has_the_whole_protocol) {
    counting_resource resource;
    support::tally counts;
    {
        auto g = full(std::allocator_arg, &resource, support::tracked(counts, 3));
        EXPECT_EQ(*g.next(), 3);
        EXPECT_EQ(*g.send(5), 5);
        EXPECT_EQ(**g.next().result(), 9);
        auto thrown = full(std::allocator_arg, &resource, support::tracked(counts, 3));
        thrown.next();
        EXPECT_THROW(thrown.throw_(std::runtime_error("x")), std::runtime_error);
        auto closed = full(std::allocator_arg, &resource, support::tracked(counts, 3));
        closed.next();
        EXPECT_EQ(closed.close(), std::nullopt);
        auto unstarted = full(std::allocator_arg, &resource, support::tracked(counts, 3));
        EXPECT_EQ(resource.given, 4);
    }
    EXPECT_TRUE(resource.settled());
    EXPECT_TRUE(counts.settled());
}

TEST(allocator_arg, delegates_to_and_from_others) {
    counting_resource resource;
    {
        auto outer = [](std::allocator_arg_t, pmr, generator<int> sub)
                         __attribute__((noinline)) -> generator<int> { co_yield from(std::move(sub)); };
        auto plain = [](generator<int> sub) -> generator<int> { co_yield from(std::move(sub)); };
        auto g = outer(std::allocator_arg, &resource, plain(count_to(std::allocator_arg, &resource, 3)));
        EXPECT_EQ(next(g), 1);
        EXPECT_EQ(next(g), 2);
        auto suspended = plain(count_to(std::allocator_arg, &resource, 3));
        EXPECT_EQ(next(suspended), 1);
    }
    EXPECT_EQ(resource.given, 3);
    EXPECT_TRUE(resource.settled());
}

TEST(allocator_arg, that_fails_raises_what_the_allocator_raises) {
    EXPECT_THROW((void)count_to(std::allocator_arg, std::pmr::null_memory_resource(), 3), std::bad_alloc);
}

TEST(allocator_arg, aligns_the_frame_and_its_allocator_in_a_monotonic_buffer) {
    // An odd amount before each: what comes must be aligned by the request and not by luck.
    std::byte buffer[4096];
    std::pmr::monotonic_buffer_resource resource(buffer, sizeof buffer, std::pmr::null_memory_resource());
    for (int i = 0; i < 5; ++i) {
        (void)resource.allocate(1, 1);
        EXPECT_EQ(sum_of(count_to(std::allocator_arg, &resource, 4)), 10);
    }
}
