// The helper itself: that it comes to every allocation, and finds what is planted.

#include "support.hpp"

#include <fermata/async.hpp>
#include <fermata/testing/fail_every_allocation.hpp>
#include <fermata/testing/failing_new.hpp>
#include <fermata/testing/run_test.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

using support::failure_of;

const auto nothing = [] {};

/// An allocation that no compiler leaves out.
class four_bytes {
public:
    four_bytes() : memory_(::operator new(4)) {}
    four_bytes(const four_bytes&) = delete;
    four_bytes& operator=(const four_bytes&) = delete;
    ~four_bytes() { ::operator delete(memory_); }

private:
    void* memory_;
};

/// Allocates three times, and says how far it has come.
task<> allocates_thrice(std::vector<int>& reached) {
    reached.back() = 0;
    for (int i = 1; i <= 3; ++i) {
        const four_bytes some;
        reached.back() = i;
        co_await sleep(1ms);
    }
}

TEST(fail_every_allocation, fails_each_in_turn_until_none_is_left) {
    std::vector<int> reached;
    reached.reserve(100);
    const auto program = [&] {
        reached.push_back(-1);
        return allocates_thrice(reached);
    };
    const std::size_t failed = fail_every_allocation(program, nothing);
    EXPECT_EQ(reached.size(), failed + 2);  // the first run, and the last, in which nothing is left to fail
    EXPECT_EQ(reached.front(), 3);
    EXPECT_EQ(reached.at(1), -1);  // its frame
    EXPECT_EQ(reached.back(), 3);
    for (const int each : {0, 1, 2}) EXPECT_NE(std::ranges::find(reached, each), reached.end()) << each;
}

TEST(fail_every_allocation, checks_after_each_run) {
    int checks = 0;
    const auto program = [] {
        {
            const four_bytes some;
        }
    };
    EXPECT_EQ(fail_every_allocation(program, [&] { ++checks; }), 1U);
    EXPECT_EQ(checks, 3);
}

TEST(fail_every_allocation, counts_frames_that_the_pool_keeps) {
    const auto program = []() -> task<> { co_return; };
    run_test(program());  // so the pool has one
    EXPECT_GE(fail_every_allocation(program, nothing), 1U);
}

TEST(fail_every_allocation, takes_bad_alloc_in_a_group_and_nested_for_an_answer) {
    const auto in_a_group = [] {
        try {
            const four_bytes some;
        } catch (const std::bad_alloc&) {
            std::vector<std::exception_ptr> all = {std::current_exception()};
            throw exception_group("several", std::move(all));
        }
    };
    EXPECT_EQ(fail_every_allocation(in_a_group, nothing), 1U);
    const auto nested = [] {
        try {
            const four_bytes some;
        } catch (const std::bad_alloc&) {
            std::throw_with_nested(value_error("it went wrong"));
        }
    };
    EXPECT_EQ(fail_every_allocation(nested, nothing), 1U);
}

TEST(fail_every_allocation, takes_one_that_is_reported_for_an_answer) {
    const auto program = []() -> task<> {
        auto part = create_task([]() -> task<> {
            co_await sleep(1ms);
            {
                const four_bytes some;
            }
        }());
        co_await sleep(2ms);
    };
    EXPECT_GE(fail_every_allocation(program, nothing), 2U);
}

// What is planted

TEST(fail_every_allocation, finds_a_leak) {
    std::vector<void*> taken;
    taken.reserve(100);
    const auto program = [&] {
        taken.push_back(::operator new(8));
        const four_bytes another;
        ::operator delete(taken.back());  // not on every path
        taken.pop_back();
    };
    const std::string failure = failure_of([&] { fail_every_allocation(program, nothing); });
    EXPECT_EQ(failure,
              "allocation 2 of 2 (4 bytes) failed: it has not given back 1 allocation; FERMATA_FAIL_ALLOCATION=2 "
              "repeats it");
    for (void* const each : taken) ::operator delete(each);
}

TEST(fail_every_allocation, finds_a_descriptor_that_stays_open) {
    const auto program = [] {
        const int copy = dup(STDERR_FILENO);
        const four_bytes some;
        close(copy);
    };
    const std::string failure = failure_of([&] { fail_every_allocation(program, nothing); });
    EXPECT_NE(failure.find("it has not given back 1 descriptor"), std::string::npos) << failure;
}

TEST(fail_every_allocation, does_not_take_what_is_kept_once_for_a_leak) {
    std::unique_ptr<four_bytes> kept;
    const auto program = [&] {
        try {
            const four_bytes some;
        } catch (const std::bad_alloc&) {
            if (!kept) kept = std::make_unique<four_bytes>();
        }
    };
    EXPECT_EQ(fail_every_allocation(program, nothing), 1U);
    EXPECT_TRUE(kept);
}

TEST(fail_every_allocation, finds_one_who_waits_for_ever) {
    const auto program = []() -> task<> {
        event ready;
        try {
            {
                const four_bytes some;
            }
            ready.set();
        } catch (const std::bad_alloc&) {
        }
        co_await ready.wait();
    };
    const std::string failure = failure_of([&] { fail_every_allocation(program, nothing); });
    EXPECT_NE(failure.find(" (4 bytes) failed: the event loop has nothing left to run or to wait for"),
              std::string::npos)
        << failure;
}

TEST(fail_every_allocation, finds_one_who_waits_for_ever_in_real_time) {
    const auto program = []() -> task<> {
        event ready;
        try {
            {
                const four_bytes some;
            }
            ready.set();
        } catch (const std::bad_alloc&) {
        }
        co_await ready.wait();
    };
    const allocation_options options{.test = {.time_limit = 500ms, .real_time = true}};
    const std::string failure = failure_of([&] { fail_every_allocation(program, nothing, options); });
    EXPECT_NE(failure.find(" (4 bytes) failed: did not end within 1 s of the loop's time"), std::string::npos)
        << failure;
}

TEST(fail_every_allocation, finds_an_exception_of_another_kind) {
    const auto program = [] {
        try {
            const four_bytes some;
        } catch (const std::bad_alloc&) {
            throw value_error("what is that?");
        }
    };
    const std::string failure = failure_of([&] { fail_every_allocation(program, nothing); });
    EXPECT_EQ(failure, "allocation 1 of 1 (4 bytes) failed: what is that?; FERMATA_FAIL_ALLOCATION=1 repeats it");
}

TEST(fail_every_allocation, finds_a_report_that_nothing_explains) {
    const auto program = []() -> task<> {
        const error_context strange{.message = "strange", .exception = nullptr, .source = ""};
        current_loop().call_exception_handler(strange);
        co_return;
    };
    EXPECT_EQ(failure_of([&] { fail_every_allocation(program, nothing); }),
              "reported to the loop's exception handler: something without an exception");
}

TEST(fail_every_allocation, finds_a_check_that_fails) {
    bool broken = false;
    const auto program = [&] {
        broken = true;
        const four_bytes some;
        broken = false;
    };
    const auto check = [&] {
        if (broken) throw runtime_error("broken");
    };
    const std::string failure = failure_of([&] { fail_every_allocation(program, check); });
    EXPECT_NE(failure.find("failed: broken"), std::string::npos) << failure;
}

TEST(fail_every_allocation, raises_what_the_program_raises_without_it) {
    const auto program = []() -> task<> {
        co_await sleep(1ms);
        throw value_error("anyway");
    };
    EXPECT_EQ(support::raised<value_error>([&] { fail_every_allocation(program, nothing); }), "anyway");
}

TEST(fail_every_allocation, repeats_the_one_that_is_asked_for) {
    int runs = 0;
    const auto program = [&] {
        ++runs;
        for (int i = 0; i < 5; ++i) {
            const four_bytes some;
        }
    };
    setenv("FERMATA_FAIL_ALLOCATION", "4", 1);
    EXPECT_EQ(fail_every_allocation(program, nothing), 1U);
    unsetenv("FERMATA_FAIL_ALLOCATION");
    EXPECT_EQ(runs, 2);
}

TEST(fail_every_allocation_death, says_which_it_was_where_the_program_terminates) {
    const auto program = [] {
        const auto promised = []() noexcept { const four_bytes some; };
        promised();
    };
    EXPECT_DEATH(fail_every_allocation(program, nothing),
                 "std::terminate was called when allocation 1 \\(4 bytes\\) had failed; FERMATA_FAIL_ALLOCATION=1");
}

TEST(fail_every_allocation, fails_each_form_of_new) {
    constexpr std::align_val_t aligned{64};
    int refused = 0;
    const auto note = [&](void* memory) {
        if (!memory) ++refused;
        return memory;
    };
    const auto program = [&]() -> task<> {
        ::operator delete(::operator new(4, aligned), aligned);
        ::operator delete[](::operator new[](4, aligned), aligned);
        ::operator delete(note(::operator new(4, std::nothrow)), std::nothrow);
        ::operator delete[](note(::operator new[](4, std::nothrow)), std::nothrow);
        ::operator delete(note(::operator new(4, aligned, std::nothrow)), 4, aligned);
        ::operator delete[](note(::operator new[](4, aligned, std::nothrow)), 4, aligned);
        co_return;
    };
    const auto empty = []() -> task<> { co_return; };
    const std::size_t without = fail_every_allocation(empty, nothing);
    EXPECT_EQ(fail_every_allocation(program, nothing), without + 6);
    EXPECT_EQ(refused, 4);
}

}  // namespace
