// On under AddressSanitizer, too, where it is off by default: it is what is tested here.
#define FERMATA_FRAME_POOL 1

#include <fermata/base/frame_pool.hpp>
#include <fermata/generator.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <optional>
#include <set>
#include <thread>
#include <vector>

using fermata::detail::frame_pool;

namespace {

// What operator new was asked for on this thread, and gave and got back.
thread_local int news = 0;
thread_local int deletes = 0;
thread_local std::size_t last_size = 0;

struct counted {
    int news = ::news;
    int deletes = ::deletes;
    int made() const { return ::news - news; }
    int freed() const { return ::deletes - deletes; }
};

// Each on a thread of its own, whose pool is empty at first.
template <class Body>
void on_a_new_thread(Body body) {
    std::thread(body).join();
}

}  // namespace

// The replacement of the global operators, of which the pool uses these.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++news;
    last_size = size;
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

TEST(frame_pool, gives_back_the_frame_that_was_freed_last) {
    on_a_new_thread([] {
        void* first = frame_pool::allocate(100);
        void* second = frame_pool::allocate(100);
        frame_pool::deallocate(first, 100);
        frame_pool::deallocate(second, 100);
        const counted count;
        EXPECT_EQ(frame_pool::allocate(100), second);
        EXPECT_EQ(frame_pool::allocate(100), first);
        EXPECT_EQ(count.made(), 0);
        frame_pool::deallocate(first, 100);
        frame_pool::deallocate(second, 100);
        EXPECT_EQ(count.freed(), 0);
    });
}

TEST(frame_pool, serves_sizes_of_one_class_from_one_list) {
    on_a_new_thread([] {
        void* frame = frame_pool::allocate(57);
        EXPECT_EQ(last_size, 72U);  // the whole class: any of its sizes must fit later
        frame_pool::deallocate(frame, 57);
        EXPECT_EQ(frame_pool::allocate(72), frame);
        frame_pool::deallocate(frame, 72);
        EXPECT_EQ(frame_pool::allocate(58), frame);
        frame_pool::deallocate(frame, 58);
    });
}

TEST(frame_pool, keeps_sizes_of_different_classes_apart) {
    on_a_new_thread([] {
        void* small = frame_pool::allocate(72);
        frame_pool::deallocate(small, 72);
        const counted count;
        void* larger = frame_pool::allocate(73);
        EXPECT_NE(larger, small);
        EXPECT_EQ(count.made(), 1);
        frame_pool::deallocate(larger, 73);
    });
}

TEST(frame_pool, keeps_at_most_256_kib_of_a_class) {
    on_a_new_thread([] {
        constexpr int kept = 256 * 1024 / 200;
        std::vector<void*> frames(kept + 50);
        for (void*& frame : frames) frame = frame_pool::allocate(200);
        const counted freeing;
        for (void* frame : frames) frame_pool::deallocate(frame, 200);
        EXPECT_EQ(freeing.freed(), 50);
        const counted again;
        for (void*& frame : frames) frame = frame_pool::allocate(200);
        EXPECT_EQ(again.made(), 50);
        EXPECT_EQ(std::set<void*>(frames.begin(), frames.end()).size(), static_cast<std::size_t>(kept + 50));
        for (void* frame : frames) frame_pool::deallocate(frame, 200);
    });
}

TEST(frame_pool, counts_again_what_it_gave_out) {
    on_a_new_thread([] {
        std::vector<void*> frames(256);
        for (int round = 0; round < 3; ++round) {
            for (void*& frame : frames) frame = frame_pool::allocate(64);
            const counted count;
            for (void* frame : frames) frame_pool::deallocate(frame, 64);
            EXPECT_EQ(count.freed(), 0) << round;
        }
    });
}

TEST(frame_pool, leaves_large_frames_to_operator_new) {
    on_a_new_thread([] {
        void* largest_kept = frame_pool::allocate(2056);
        void* larger = frame_pool::allocate(2057);
        EXPECT_EQ(last_size, 2057U);
        const counted count;
        frame_pool::deallocate(largest_kept, 2056);
        EXPECT_EQ(count.freed(), 0);
        frame_pool::deallocate(larger, 2057);
        EXPECT_EQ(count.freed(), 1);
    });
}

namespace {

// A thread's counts are gone with it: what happens as it ends is seen from its destructors, the latest made going first.
class at_thread_exit {
public:
    explicit at_thread_exit(void (*action)()) : action_(action) {}
    at_thread_exit(const at_thread_exit&) = delete;
    at_thread_exit& operator=(const at_thread_exit&) = delete;
    ~at_thread_exit() { action_(); }

private:
    void (*action_)();
};

thread_local counted before_closing;
int freed_at_exit = 0;

}  // namespace

TEST(frame_pool, returns_everything_when_the_thread_ends) {
    on_a_new_thread([] {
        static thread_local const at_thread_exit after([] { freed_at_exit = before_closing.freed(); });
        void* frames[10];
        for (void*& frame : frames) frame = frame_pool::allocate(64);
        for (void* frame : frames) frame_pool::deallocate(frame, 64);  // opens the pool
        static thread_local const at_thread_exit before([] { before_closing = counted(); });
    });
    EXPECT_EQ(freed_at_exit, 10);
}

TEST(frame_pool, passes_frames_through_once_the_thread_s_pool_is_closed) {
    on_a_new_thread([] {
        static thread_local const at_thread_exit after([] {
            const counted count;
            frame_pool::deallocate(frame_pool::allocate(64), 64);
            frame_pool::deallocate(frame_pool::allocate(640), 640);  // a class that was never used before
            freed_at_exit = count.freed();
        });
        frame_pool::deallocate(frame_pool::allocate(64), 64);
    });
    EXPECT_EQ(freed_at_exit, 2);
}

TEST(frame_pool, takes_frames_of_other_threads) {
    void* frame = nullptr;
    on_a_new_thread([&frame] { frame = frame_pool::allocate(256); });
    on_a_new_thread([frame] {
        frame_pool::deallocate(frame, 256);
        EXPECT_EQ(frame_pool::allocate(256), frame);
        frame_pool::deallocate(frame, 256);
    });
}

namespace {

fermata::generator<int> count_to(int last) {
    for (int i = 1; i <= last; ++i) co_yield i;
}

int drained(int last) {
    int sum = 0;
    for (const int i : count_to(last)) sum += i;
    return sum;
}

}  // namespace

TEST(frame_pool, makes_a_second_generator_of_a_kind_free_of_allocations) {
    on_a_new_thread([] {
        EXPECT_EQ(drained(3), 6);
        const counted count;
        for (int i = 0; i < 100; ++i) EXPECT_EQ(drained(3), 6);
        EXPECT_EQ(count.made(), 0);
        EXPECT_EQ(count.freed(), 0);
    });
}

TEST(frame_pool, serves_static_generators_after_main) {
    // Made before the thread's pool is opened, they go after it is closed.
    const auto exits = [] {
        struct last_to_go {
            std::optional<fermata::generator<int>> kept;
            last_to_go() = default;
            last_to_go(const last_to_go&) = delete;
            last_to_go& operator=(const last_to_go&) = delete;
            ~last_to_go() {
                const int kept_gives = *kept->next();
                kept.reset();
                std::fprintf(stderr, "kept %d, new %d\n", kept_gives, drained(4));
            }
        };
        static last_to_go late;
        late.kept.emplace(count_to(9));
        late.kept->next();
        drained(2);
        std::exit(0);
    };
    EXPECT_EXIT(exits(), testing::ExitedWithCode(0), "kept 2, new 10");
}
