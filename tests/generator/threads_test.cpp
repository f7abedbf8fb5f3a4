// One generator may be stepped by different threads in turn.

#include <fermata/generator.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using fermata::from;
using fermata::generator;
using fermata::generator_state;
using fermata::next;

namespace {

struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

template <class Body>
void elsewhere(Body&& body) {
    std::thread(std::forward<Body>(body)).join();
}

generator<int> count(support::tally& counts) {
    const support::tracked local(counts);
    for (int i = 1;; ++i) {
        try {
            co_yield i;
        } catch (const failure& e) {
            EXPECT_STREQ(e.what(), "x");
            i = 99;
        }
    }
}

generator<int> delegating(generator<int> sub) { co_yield from(std::move(sub)); }

}  // namespace

TEST(threads, make_step_throw_into_and_destroy_a_generator_each) {
    support::tally counts;
    std::optional<generator<int>> g;
    elsewhere([&] { g.emplace(delegating(delegating(count(counts)))); });
    elsewhere([&] { EXPECT_EQ(next(*g), 1); });
    EXPECT_EQ(next(*g), 2);
    elsewhere([&] { EXPECT_EQ(*g->throw_(failure("x")), 100); });
    elsewhere([&] { EXPECT_EQ(next(*g), 101); });
    elsewhere([&] { g.reset(); });
    EXPECT_TRUE(counts.settled());
}

TEST(threads, close_what_another_started) {
    support::tally counts;
    auto g = delegating(count(counts));
    elsewhere([&] { g.next(); });
    elsewhere([&] { g.close(); });
    EXPECT_EQ(g.state(), generator_state::closed);
    EXPECT_TRUE(counts.settled());
}

TEST(threads, catch_what_a_generator_raised_on_another) {
    auto body = []() -> generator<int> {
        co_yield 1;
        throw fermata::value_error("raised here");
    };
    auto g = body();
    next(g);
    std::exception_ptr caught;
    elsewhere([&] {
        try {
            g.next();
        } catch (...) {
            caught = std::current_exception();
        }
    });
    EXPECT_EQ(support::raised<fermata::value_error>([&] { std::rethrow_exception(caught); }), "raised here");
}

TEST(threads, take_turns) {
    // Four threads, each waiting for its turn: the generator moves from one to the next at every step.
    constexpr int threads = 4;
    constexpr int turns = 2'000;
    support::tally counts;
    auto g = delegating(count(counts));
    std::mutex gate;
    std::condition_variable turn_changed;
    int turn = 0;
    std::vector<int> seen;
    std::vector<std::thread> all;
    all.reserve(4);
    for (int me = 0; me < threads; ++me) {
        all.emplace_back([&, me] {
            for (int i = 0; i < turns; ++i) {
                std::unique_lock lock(gate);
                turn_changed.wait(lock, [&] { return turn % threads == me; });
                seen.push_back(next(g));
                ++turn;
                turn_changed.notify_all();
            }
        });
    }
    for (auto& thread : all) thread.join();
    ASSERT_EQ(seen.size(), std::size_t{threads} * turns);
    for (std::size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i], static_cast<int>(i) + 1);
}

TEST(threads, work_with_generators_of_their_own_meanwhile) {
    std::vector<std::thread> all;
    all.reserve(4);
    std::vector<int> sums(4);
    for (int& sum : sums) {
        all.emplace_back([&sum] {
            for (int i = 0; i < 1'000; ++i) {
                support::tally counts;
                auto g = delegating(count(counts));
                for (const int n : g) {
                    sum += n;
                    if (n == 10) break;
                }
            }
        });
    }
    for (auto& thread : all) thread.join();
    EXPECT_EQ(sums, std::vector<int>(4, 55'000));
}

TEST(threads, free_frames_that_others_allocated) {
    // More than a thread's pool keeps, handed from one thread to the next.
    support::tally counts;
    std::vector<generator<int>> handed_over;
    for (int round = 0; round < 3; ++round) {
        elsewhere([&] {
            handed_over.clear();
            for (int i = 0; i < 600; ++i) {
                handed_over.push_back(count(counts));
                handed_over.back().next();
            }
        });
    }
    handed_over.clear();
    EXPECT_TRUE(counts.settled());
    EXPECT_EQ(counts.destroyed, 1'800);
}

TEST(threads, share_the_value_of_a_stop_iteration) {
    const fermata::stop_iteration original(std::string("shared"));
    std::vector<std::thread> all;
    all.reserve(4);
    for (int i = 0; i < 4; ++i) {
        all.emplace_back([&original] {
            for (int n = 0; n < 1'000; ++n) {
                fermata::stop_iteration copy;
                copy = original;
                ASSERT_EQ(copy.value<std::string>(), "shared");
            }
        });
    }
    for (auto& thread : all) thread.join();
}
