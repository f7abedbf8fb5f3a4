// The helper itself: that it comes to every await, and finds what is planted.

#include "support.hpp"

#include <fermata/async.hpp>
#include <fermata/testing/cancel_at_every_await.hpp>
#include <fermata/testing/fail_every_allocation.hpp>

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

using support::failure_of;

const auto nothing = [] {};

TEST(cancel_at_every_await, cancels_before_and_behind_each_step) {
    std::vector<std::string> ends;
    std::string at;
    const auto program = [&]() -> task<> {
        struct noting_the_end {
            std::vector<std::string>& ends;
            const std::string& at;
            ~noting_the_end() { ends.push_back(at); }
        } const noted{ends, at};
        at = "first";
        co_await sleep(1s);
        at = "second";
        co_await sleep(0s);
        at = "end";
    };
    EXPECT_EQ(cancel_at_every_await(program, nothing), 8U);
    // The counting run; before its start (it leaves nothing); at the first as it waits, around the alarm, and as it is
    // woken; at the second; and too late.
    EXPECT_EQ(ends, (std::vector<std::string>{"end", "first", "first", "first", "first", "second", "second", "end"}));
}

TEST(cancel_at_every_await, checks_after_each_run) {
    int checks = 0;
    const auto program = []() -> task<> { co_await sleep(1s); };
    EXPECT_EQ(cancel_at_every_await(program, [&] { ++checks; }), 6U);
    EXPECT_EQ(checks, 7);
}

TEST(cancel_at_every_await, cancels_any_task_where_it_is_told_to) {
    std::vector<std::string> cancelled;
    const auto part = [&](std::string name) -> task<> {
        bool was = false;
        try {
            co_await sleep(1s);
        } catch (const cancelled_error&) {
            was = true;
        }
        if (was) cancelled.push_back(name);
    };
    const auto program = [&]() -> task<> {
        auto a = create_task(part("a"));
        auto b = create_task(part("b"));
        co_await gather(a, b);
    };
    cancel_at_every_await(program, nothing);
    // Its one await is the gather: cancelled as that begins, the parts do not start; later it is too late.
    EXPECT_EQ(cancelled, (std::vector<std::string>{}));
    cancelled.clear();
    EXPECT_EQ(cancel_at_every_await(program, nothing, {.any_task = true, .may_swallow = true}), 16U);
    // a before it has started: so gather raises, and b is left; a as it waits; the same with b; then around the
    // alarm of each, and as each is woken.
    EXPECT_EQ(cancelled, (std::vector<std::string>{"b", "a", "a", "b", "a", "a", "b", "b", "a", "b"}));
}

// What is planted

TEST(cancel_at_every_await, finds_a_lock_that_stays_locked) {
    mutex gate;
    const auto program = [&]() -> task<> {
        co_await gate.acquire();
        co_await sleep(1s);
        gate.unlock();  // not on every path
    };
    const auto check = [&] {
        if (gate.locked()) throw runtime_error("still locked");
    };
    const std::string failure = failure_of([&] { cancel_at_every_await(program, check); });
    EXPECT_EQ(failure.find("cancelled <Task name='Task-"), 0U) << failure;
    EXPECT_NE(failure.find(" at "), std::string::npos) << failure;
    EXPECT_NE(failure.find("cancel_at_every_await_test.cpp:84, just behind its turn (point 2 of 6): still locked"),
              std::string::npos)
        << failure;
}

// A lock as one writes it at first: it is handed to one who may be cancelled just then.
struct naive_lock {
    bool locked = false;
    std::deque<future<>> line;

    task<> acquire() {
        if (locked) {
            auto mine = create_future();
            line.push_back(mine);
            co_await mine;
        }
        locked = true;
    }
    void release() {
        while (!line.empty() && line.front().done()) line.pop_front();
        if (line.empty()) {
            locked = false;
        } else {
            line.front().set_result();
        }
    }
};

TEST(cancel_at_every_await, finds_a_wake_up_that_is_lost_with_the_one_it_was_for) {
    naive_lock gate;
    const auto holds = [&]() -> task<> {
        co_await gate.acquire();
        bool cancelled = false;
        try {
            co_await sleep(1s);
        } catch (const cancelled_error&) {
            cancelled = true;
        }
        gate.release();
        if (cancelled) throw cancelled_error();
    };
    const auto program = [&]() -> task<> {
        auto other = create_task(holds(), {.eager_start = true});
        co_await holds();
        co_await other;
    };
    const auto check = [&] {
        if (gate.locked) throw runtime_error("locked for ever");
    };
    const std::string failure = failure_of([&] { cancel_at_every_await(program, check); });
    EXPECT_NE(failure.find(", just before its turn (point 3 of 8): locked for ever"), std::string::npos) << failure;
}

TEST(cancel_at_every_await, finds_a_program_that_does_not_end_when_cancelled) {
    const auto program = []() -> task<> {
        bool over = false;
        try {
            co_await sleep(1s);
            over = true;
        } catch (const cancelled_error&) {
        }
        while (!over) co_await sleep(1s);  // NOLINT(bugprone-infinite-loop): whoever cancels it ends it
    };
    const std::string failure = failure_of([&] { cancel_at_every_await(program, nothing); });
    EXPECT_NE(failure.find("(point 2 of 6): did not end within 86400 s of the loop's time"), std::string::npos)
        << failure;
}

TEST(cancel_at_every_await, finds_a_cancellation_that_is_swallowed) {
    const auto part = []() -> task<> {
        try {
            co_await sleep(1s);
        } catch (const cancelled_error&) {
        }
    };
    const auto program = [&]() -> task<> { co_await gather(part()); };
    cancel_at_every_await(program, nothing);
    const std::string failure = failure_of([&] { cancel_at_every_await(program, nothing, {.any_task = true}); });
    EXPECT_NE(failure.find("just behind its turn (point 4 of 10): it swallowed the cancellation"), std::string::npos)
        << failure;
    cancel_at_every_await(program, nothing, {.any_task = true, .may_swallow = true});
}

TEST(cancel_at_every_await, finds_exceptions_that_cancellation_brings_about) {
    const auto program = []() -> task<> {
        bool cancelled = false;
        try {
            co_await sleep(1s);
        } catch (const cancelled_error&) {
            cancelled = true;
        }
        if (cancelled) throw value_error("cannot clean up");
    };
    const std::string failure = failure_of([&] { cancel_at_every_await(program, nothing); });
    EXPECT_NE(failure.find("(point 2 of 6): cannot clean up"), std::string::npos) << failure;
    try {
        cancel_at_every_await(program, nothing);
        FAIL() << "nothing was raised";
    } catch (const test_failure& e) {
        EXPECT_THROW(std::rethrow_if_nested(e), value_error);
    }
}

TEST(cancel_at_every_await, names_the_type_of_an_exception_without_a_text) {
    const auto program = []() -> task<> { co_await sleep(1s); };
    int checks = 0;
    const auto check = [&] {
        if (++checks > 1) throw timeout_error();
    };
    const std::string failure = failure_of([&] { cancel_at_every_await(program, check); });
    EXPECT_NE(failure.find(", just before its turn (point 1 of 6): fermata::timeout_error"), std::string::npos)
        << failure;
}

// Here, as this program has no <fermata/testing/failing_new.hpp>.
TEST(fail_every_allocation, says_so_where_allocations_are_not_counted) {
    EXPECT_EQ(support::raised<runtime_error>([] { fail_every_allocation([] {}, [] {}); }),
              "allocations are not counted: include <fermata/testing/failing_new.hpp> in one source of the program");
}

TEST(cancel_at_every_await, raises_what_the_program_raises_without_it) {
    const auto program = []() -> task<> {
        co_await sleep(1s);
        throw value_error("anyway");
    };
    EXPECT_EQ(support::raised<value_error>([&] { cancel_at_every_await(program, nothing); }), "anyway");
    const auto cancels_itself = []() -> task<> {
        current_task().cancel();
        co_await sleep(1s);
    };
    EXPECT_THROW(cancel_at_every_await(cancels_itself, nothing), cancelled_error);
}

TEST(cancel_at_every_await, stops_at_an_assertion_that_a_test_framework_counts) {
    static std::size_t failed;
    failed = 0;
    int checks = 0;
    const auto program = []() -> task<> { co_await sleep(1s); };
    const auto check = [&] {
        if (++checks == 3) ++failed;
    };
    const cancellation_options options{.test = {.failures = [] { return failed; }}};
    const std::string failure = failure_of([&] { cancel_at_every_await(program, check, options); });
    EXPECT_NE(failure.find("just behind its turn (point 2 of 6): an assertion failed, see above"), std::string::npos)
        << failure;
}

TEST(cancel_at_every_await, says_so_where_the_program_does_something_else_each_time) {
    int runs = 0;
    const auto program = [&]() -> task<> {
        const int turns = runs++ == 0 ? 3 : 1;
        for (int i = 0; i < turns; ++i) co_await sleep(0s);
    };
    const std::string failure = failure_of([&] { cancel_at_every_await(program, nothing); });
    EXPECT_EQ(
        failure,
        "cancelled nothing (point 5 of 8): the program did not come to this point again; it must do the same in each "
        "run");
}

}  // namespace
