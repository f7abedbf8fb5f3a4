// The library under cancellation: a program that uses all of it is cancelled at each of its awaits, one at a time. Nothing
// hangs, every lock is released, everything is destroyed, and nothing but cancelled_error comes out.

#include <fermata/async.hpp>
#include <fermata/testing/cancel_at_every_await.hpp>
#include <fermata/testing/gtest.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

/// How many of those that count here are alive.
class counted {
public:
    explicit counted(int& alive) noexcept : alive_(&alive) { ++alive; }
    counted(counted&& other) noexcept : alive_(other.alive_) { ++*alive_; }
    counted(const counted&) = delete;
    counted& operator=(counted&& other) noexcept {
        std::swap(alive_, other.alive_);
        return *this;
    }
    ~counted() { --*alive_; }

private:
    int* alive_;
};

/// The program. Its parts share nothing but what lives longer than the loop: where gather ends early, as one of its
/// coroutines is cancelled, the others go on until run() cancels them.
class program {
public:
    /// Everything, one part in parallel with the others, and then the other parts, one after the other.
    task<> everything() {
        const counted here(frames_);
        co_await with(task_group(), [&](task_group& group) -> task<> {
            group.create_task(locks());
            group.create_task(permits());
            group.create_task(conditions());
            group.create_task(barriers());
            group.create_task(queues());
            group.create_task(events());
            co_await sleep(1ms);
        });
        co_await timeouts();
        co_await futures();
        co_await shields();
        co_await groups();
        co_await waits();
    }

    task<> locks() {
        const counted here(frames_);
        co_await gather(locked_work(), locked_work(), locked_work());
    }
    task<> permits() {
        const counted here(frames_);
        co_await gather(permitted_work(), permitted_work(), permitted_work(), permitted_work());
    }
    task<> conditions() {
        const counted here(frames_);
        co_await gather(waits_for_stage(1), waits_for_stage(2), waits_for_stage(2), advances(), advances());
    }
    task<> barriers() {
        const counted here(frames_);
        co_await gather(meets(1ms), meets(2ms), meets(2ms));
    }
    task<> queues() {
        const counted here(frames_);
        co_await gather(produces(3), consumes(), produces(2), consumes(), joins());
    }
    task<> events() {
        const counted here(frames_);
        co_await gather(waits_for_event(), waits_for_event(), sets_event());
    }

    // Here who is cancelled leaves the others alone, and they are to come to their end: what was for it must be passed on.
    task<> passes_locks_on() {
        const counted here(frames_);
        co_await gather(return_exceptions, locked_work(), locked_work(), locked_work());
        co_await gather(return_exceptions, permitted_work(), permitted_work(), permitted_work(), permitted_work());
        co_await gather(return_exceptions, goes_through(), goes_through(), goes_through());
    }
    // One is notified. When all have come to rest, nobody waits for what is there.
    task<> passes_notifications_on() {
        const counted here(frames_);
        auto first = create_task(takes_a_ticket());
        auto second = create_task(takes_a_ticket());
        co_await sleep(1ms);
        co_await brings_tickets(1);
        co_await sleep(1ms);
        EXPECT_TRUE(stage_ == 0 || waiting_ == 0);
        co_await brings_tickets(2);
        co_await gather(return_exceptions, first, second);
    }
    task<> passes_items_on() {
        const counted here(frames_);
        auto first = create_task(gets());
        auto second = create_task(gets());
        co_await sleep(1ms);
        items_.put_nowait(counted(items_alive_));
        co_await sleep(1ms);
        EXPECT_TRUE(items_.empty() || waiting_ == 0);
        items_.put_nowait(counted(items_alive_));
        co_await gather(return_exceptions, first, second);
    }
    task<> passes_room_on() {
        const counted here(frames_);
        while (!items_.full()) items_.put_nowait(counted(items_alive_));
        auto first = create_task(puts());
        auto second = create_task(puts());
        co_await sleep(1ms);
        items_.get_nowait();
        co_await sleep(1ms);
        EXPECT_TRUE(items_.full() || waiting_ == 0);
        while (items_.try_get()) {
        }
        co_await gather(return_exceptions, first, second);
    }

    task<> timeouts() {
        const counted here(frames_);
        try {
            co_await with(timeout(1ms), [&](timeout&) -> task<> { co_await pause(2ms); });
        } catch (const timeout_error&) {
        }
        co_await with(timeout(2ms), [&](timeout& limit) -> task<> {
            co_await pause(1ms);
            limit.reschedule(current_loop().time() + 2ms);
            co_await pause(1ms);
        });
        try {
            co_await wait_for(pause(2ms), 1ms);
        } catch (const timeout_error&) {
        }
        auto in_time = create_task(pause(1ms));
        co_await wait_for(in_time, 2ms);
        auto guard = co_await gate_.lock();
        try {
            co_await wait_for(locked_work(), 1ms);
        } catch (const timeout_error&) {
        }
    }
    task<> futures() {
        const counted here(frames_);
        answer_ = create_future<int>();
        co_await gather(sets_answer(), awaits_answer(), awaits_answer());
    }
    task<> shields() {
        const counted here(frames_);
        auto inner = create_task(locked_work());
        try {
            co_await wait_for(shield(inner), 500us);
        } catch (const timeout_error&) {
        }
        co_await shield(inner);
        co_await shield(permitted_work());
    }
    task<> groups() {
        const counted here(frames_);
        bool failed = false;
        try {
            co_await with(task_group(), [&](task_group& outer) -> task<> {
                outer.create_task(locked_work());
                outer.create_task(pause(5ms));
                co_await with(task_group(), [&](task_group& inner) -> task<> {
                    inner.create_task(pause(5ms));
                    inner.create_task(fails_after(1ms));
                    co_await pause(5ms);
                });
            });
        } catch (const exception_group&) {
            failed = true;
        }
        if (failed) co_await pause(1ms);
    }
    task<> waits() {
        const counted here(frames_);
        std::vector<task_handle<>> tasks;
        for (int i = 3; i > 0; --i) tasks.push_back(create_task(pause(i * 1ms)));
        co_await wait(tasks, {.timeout = 1500us, .return_when = return_when::all_completed});
        for (auto& next : as_completed(tasks)) co_await next;
    }

    /// After a run: everything is as it was at the beginning.
    void expect_to_be_at_rest() {
        EXPECT_FALSE(gate_.locked());
        EXPECT_EQ(inside_, 0);
        EXPECT_TRUE(permits_.try_acquire());
        EXPECT_TRUE(permits_.try_acquire());
        EXPECT_FALSE(permits_.try_acquire());
        EXPECT_FALSE(turnstile_.locked());
        EXPECT_FALSE(stage_changed_.locked());
        EXPECT_EQ(meeting_.n_waiting(), 0U);
        EXPECT_FALSE(meeting_.broken());
        EXPECT_EQ(frames_, 0);
        // What is left stands in the queue.
        EXPECT_EQ(items_alive_, static_cast<int>(items_.qsize()));
        while (items_.try_get()) {
        }
        EXPECT_EQ(items_alive_, 0);
    }

private:
    /// One in a section that only one, or two, may be in.
    struct entered {
        entered(int& inside, int most) : in(inside) { EXPECT_LE(++in, most); }
        entered(const entered&) = delete;
        entered& operator=(const entered&) = delete;
        ~entered() { --in; }
        int& in;
    };

    task<> pause(std::chrono::nanoseconds delay) {
        const counted here(frames_);
        co_await sleep(delay);
    }
    task<> fails_after(std::chrono::nanoseconds delay) {
        const counted here(frames_);
        co_await sleep(delay);
        throw value_error("on purpose");
    }
    task<> locked_work() {
        const counted here(frames_);
        auto guard = co_await gate_.lock();
        const entered section(inside_, 1);
        co_await sleep(1ms);
    }
    task<> permitted_work() {
        const counted here(frames_);
        auto guard = co_await permits_.lock();
        const entered section(permitted_, 2);
        co_await sleep(1ms);
    }
    task<> goes_through() {
        const counted here(frames_);
        auto guard = co_await turnstile_.lock();
        co_await sleep(1ms);
    }
    task<> waits_for_stage(int stage) {
        const counted here(frames_);
        auto guard = co_await stage_changed_.lock();
        co_await stage_changed_.wait_for([&] { return stage_ >= stage; });
        EXPECT_TRUE(stage_changed_.locked());
    }
    task<> advances() {
        const counted here(frames_);
        co_await sleep(1ms);
        auto guard = co_await stage_changed_.lock();
        ++stage_;
        co_await sleep(0ms);
        stage_changed_.notify_all();
    }
    task<> meets(std::chrono::nanoseconds after) {
        const counted here(frames_);
        co_await sleep(after);
        co_await meeting_.wait();
        co_await meeting_.wait();
    }
    task<> produces(int n) {
        const counted here(frames_);
        for (int i = 0; i < n; ++i) {
            counted item(items_alive_);
            co_await items_.put(std::move(item));
            ++produced_;
        }
    }
    task<> consumes() {
        const counted here(frames_);
        while (consumed_ < 5) {
            const counted item = co_await items_.get();
            ++consumed_;
            co_await sleep(1ms);
            items_.task_done();
            if (consumed_ == 5) items_.shutdown();
        }
    }
    task<> joins() {
        const counted here(frames_);
        co_await sleep(1ms);
        co_await items_.join();
    }
    task<> takes_a_ticket() {
        const counted here(frames_);
        auto guard = co_await stage_changed_.lock();
        const counted waiting(waiting_);
        co_await stage_changed_.wait_for([&] { return stage_ > 0; });
        --stage_;
    }
    task<> brings_tickets(int n) {
        const counted here(frames_);
        auto guard = co_await stage_changed_.lock();
        stage_ += n;
        stage_changed_.notify(n);
    }
    task<> gets() {
        const counted here(frames_);
        const counted waiting(waiting_);
        const counted item = co_await items_.get();
    }
    task<> puts() {
        const counted here(frames_);
        const counted waiting(waiting_);
        co_await items_.put(counted(items_alive_));
    }
    task<> waits_for_event() {
        const counted here(frames_);
        co_await happened_.wait();
    }
    task<> sets_event() {
        const counted here(frames_);
        co_await sleep(1ms);
        happened_.set();
    }
    // Whoever is cancelled while it waits cancels the future, and so the others: hence the shield.
    task<> awaits_answer() {
        const counted here(frames_);
        const int given = co_await wait_for(shield(answer_), 1s);
        EXPECT_EQ(given, 42);
    }
    task<> sets_answer() {
        const counted here(frames_);
        co_await sleep(1ms);
        answer_.set_result(42);
    }

    int frames_ = 0;
    int items_alive_ = 0;
    mutex gate_;
    int inside_ = 0;
    semaphore permits_{2};
    int permitted_ = 0;
    semaphore turnstile_{1};
    condition stage_changed_;
    int stage_ = 0;
    int waiting_ = 0;
    barrier meeting_{3};
    queue<counted> items_{2};
    int produced_ = 0;
    int consumed_ = 0;
    event happened_;
    future<int> answer_;
};

/// Cancels a part of the program everywhere, under FIFO and a few random schedules. Gives the number of cancellations.
std::size_t cancel_everywhere(task<> (program::*part)(), bool any_task, std::uint64_t schedules) {
    std::size_t cancellations = 0;
    for (std::uint64_t schedule = 0; schedule <= schedules; ++schedule) {
        std::optional<program> running;
        cancellation_options options{.any_task = any_task, .test = {.failures = gtest_failures}};
        if (schedule > 0) options.test.seed = schedule;
        cancellations += cancel_at_every_await([&] { return ((running.emplace()).*part)(); },
                                               [&] { running->expect_to_be_at_rest(); }, options);
    }
    testing::Test::RecordProperty("injected", std::to_string(cancellations));
    return cancellations;
}

struct named_part {
    const char* name;
    task<> (program::*run)();

    // In GoogleTest's words for it.
    friend void PrintTo(const named_part& which, std::ostream* to) {
        *to << which.name;
    }  // NOLINT(readability-identifier-naming)
};

class part : public testing::TestWithParam<named_part> {};

TEST_P(part, of_the_program_ends_cleanly_wherever_it_is_cancelled) {
    EXPECT_GE(cancel_everywhere(GetParam().run, false, 30), 31 * 4U);
}

TEST_P(part, of_the_program_ends_cleanly_wherever_any_of_its_tasks_is_cancelled) {
    EXPECT_GE(cancel_everywhere(GetParam().run, true, 30), 31 * 4U);
}

constexpr named_part parts[] = {
    {"locks", &program::locks},
    {"permits", &program::permits},
    {"conditions", &program::conditions},
    {"barriers", &program::barriers},
    {"queues", &program::queues},
    {"events", &program::events},
    {"passes_locks_on", &program::passes_locks_on},
    {"passes_notifications_on", &program::passes_notifications_on},
    {"passes_items_on", &program::passes_items_on},
    {"passes_room_on", &program::passes_room_on},
    {"timeouts", &program::timeouts},
    {"futures", &program::futures},
    {"shields", &program::shields},
    {"groups", &program::groups},
    {"waits", &program::waits},
    {"everything", &program::everything},
};

INSTANTIATE_TEST_SUITE_P(cancellation_injection, part, testing::ValuesIn(parts),
                         [](const auto& each) { return each.param.name; });

}  // namespace
