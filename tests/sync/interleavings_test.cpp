// Small programs under every order of events: what is right passes them all; and errors as they are made, which FIFO order
// does not show, are found.

#include "../testing/support.hpp"

#include <fermata/async.hpp>
#include <fermata/testing/explore_every_schedule.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

/// Of a program that is right: the number of its schedules.
template <class Program>
std::size_t schedules_of(Program program) {
    const std::size_t schedules = explore_every_schedule(program);
    testing::Test::RecordProperty("injected", std::to_string(schedules));
    return schedules;
}

/// Of one that is wrong: what it raises in the first schedule in which it fails, and when that is replayed. Raises what
/// FIFO order shows.
template <class Program>
std::string found_in(Program program) {
    run_test(program());
    const auto cause_of = [&] {
        const std::string failure = support::failure_of([&] { explore_every_schedule(program); });
        const auto begin = failure.find(": ");
        const std::string cause = begin == std::string::npos ? failure : failure.substr(begin + 2);
        return std::pair(cause.substr(0, cause.find("; replay with ")), support::schedule_in(failure));
    };
    const auto [cause, schedule] = cause_of();
    EXPECT_NE(schedule.find_first_not_of("0,"), std::string::npos) << schedule;
    const support::schedule_in_the_environment replayed(schedule);
    const auto [again, same_schedule] = cause_of();
    EXPECT_EQ(again.substr(0, again.find('\n')), cause.substr(0, cause.find('\n')));
    EXPECT_EQ(same_schedule, schedule);
    return cause.substr(0, cause.find(','));
}

const std::string deadlock = "the event loop has nothing left to run or to wait for";

void expect(bool condition, const char* otherwise) {
    if (!condition) throw value_error(otherwise);
}

/// What one is busy with meanwhile.
task<> turns(int n) {
    for (int i = 0; i < n; ++i) co_await sleep(0ns);
}

/// False if it was cancelled.
template <class T>
task<bool> ended_well(task_handle<T>& one) {
    try {
        co_await one;
        co_return true;
    } catch (const cancelled_error&) {  // NOLINT(bugprone-empty-catch): it was to be
    }
    co_return false;
}

/// Counts as long as it lives.
class counted {
public:
    explicit counted(int& how_many) noexcept : how_many_(how_many) { ++how_many_; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() { --how_many_; }

private:
    int& how_many_;
};

// Mutex

struct account {
    int balance = 0;
    int within = 0;
    mutex gate;

    task<> deposit() {
        auto guard = co_await gate.lock();
        const counted inside(within);
        expect(within == 1, "two are within");
        const int seen = balance;
        co_await sleep(0ns);
        balance = seen + 1;
    }
};

TEST(interleavings, of_a_mutex) {
    const auto program = []() -> task<> {
        account of;
        co_await gather(of.deposit(), of.deposit(), of.deposit());
        expect(of.balance == 3, "a deposit is lost");
        expect(!of.gate.locked(), "it is locked");
    };
    EXPECT_EQ(schedules_of(program), 1080U);
}

// Who is cancelled while it waits, or when it has just been woken, must not take the lock with it.
TEST(interleavings, of_a_mutex_one_of_whose_waiters_is_cancelled) {
    const auto program = []() -> task<> {
        account of;
        const auto first = create_task(of.deposit());
        auto second = create_task(of.deposit());
        const auto third = create_task(of.deposit());
        co_await sleep(0ns);
        second.cancel();
        co_await first;
        co_await third;
        const int expected = co_await ended_well(second) ? 3 : 2;
        expect(of.balance == expected, "a deposit is lost");
        expect(!of.gate.locked(), "it is locked");
    };
    EXPECT_EQ(schedules_of(program), 496U);
}

TEST(interleavings, find_a_write_behind_the_unlock) {
    const auto program = []() -> task<> {
        account of;
        const auto deposit = [&](int busy) -> task<> {
            co_await turns(busy);
            auto guard = co_await of.gate.lock();
            const int seen = of.balance;
            guard.unlock();
            co_await sleep(0ns);
            of.balance = seen + 1;
        };
        co_await gather(deposit(0), deposit(2));
        expect(of.balance == 2, "a deposit is lost");
    };
    EXPECT_EQ(found_in(program), "a deposit is lost");
}

TEST(interleavings, find_locks_that_are_taken_in_opposite_orders) {
    const auto program = []() -> task<> {
        mutex one;
        mutex other;
        const auto both = [](mutex& first, mutex& second, int busy) -> task<> {
            co_await turns(busy);
            auto guard = co_await first.lock();
            co_await sleep(0ns);
            auto second_guard = co_await second.lock();
        };
        co_await gather(both(one, other, 0), both(other, one, 2));
    };
    EXPECT_EQ(found_in(program), deadlock);
}

TEST(interleavings, find_one_that_changes_what_a_lock_protects_without_it) {
    const auto program = []() -> task<> {
        account of;
        const auto bonus = [&]() -> task<> {
            co_await turns(2);
            of.balance += 1;
        };
        co_await gather(of.deposit(), bonus());
        expect(of.balance == 2, "a bonus is lost");
    };
    EXPECT_EQ(found_in(program), "a bonus is lost");
}

// Queue

TEST(interleavings, of_a_queue) {
    const auto program = []() -> task<> {
        queue<int> items(1);
        int sum = 0;
        const auto produce = [&]() -> task<> {
            co_await items.put(1);
            co_await items.put(2);
            co_await items.join();
            expect(sum == 3, "join() came before the last task_done()");
            items.shutdown();
        };
        const auto consume = [&]() -> task<> {
            try {
                for (;;) {
                    const int item = co_await items.get();
                    sum += item;
                    items.task_done();
                }
            } catch (const queue_shutdown&) {
            }
        };
        co_await gather(produce(), consume(), consume());
        expect(sum == 3 && items.empty(), "an item is lost");
    };
    EXPECT_EQ(schedules_of(program), 960U);
}

TEST(interleavings, of_a_queue_one_of_whose_getters_is_cancelled) {
    const auto program = []() -> task<> {
        queue<int> items;
        const auto get = [&]() -> task<int> { co_return co_await items.get(); };
        auto cancelled = create_task(get());
        const auto other = create_task(get());
        const auto put = [&]() -> task<> { co_await items.put(1); };
        const auto putting = create_task(put());
        co_await sleep(0ns);
        cancelled.cancel();
        if (co_await ended_well(cancelled)) co_await items.put(2);
        co_await other;  // it has the item that the cancelled one was woken for
        co_await putting;
        expect(items.empty(), "an item is left");
    };
    EXPECT_EQ(schedules_of(program), 78U);
}

TEST(interleavings, find_a_path_without_task_done) {
    const auto program = []() -> task<> {
        queue<int> jobs;
        const auto work = [&]() -> task<> {
            const std::optional<int> job = jobs.try_get();
            if (!job) {
                co_await jobs.get();
                co_return;  // and task_done()?
            }
            jobs.task_done();
        };
        const auto order = [&]() -> task<> {
            co_await jobs.put(1);
            co_await jobs.join();
        };
        co_await gather(order(), work());
    };
    EXPECT_EQ(found_in(program), deadlock);
}

TEST(interleavings, find_a_get_long_after_its_check) {
    const auto program = []() -> task<> {
        queue<int> jobs;
        jobs.put_nowait(1);
        const auto work = [&](int busy) -> task<> {
            co_await turns(busy);
            if (jobs.empty()) co_return;
            co_await sleep(0ns);
            co_await jobs.get();
        };
        co_await gather(work(0), work(2));
    };
    EXPECT_EQ(found_in(program), deadlock);
}

// A queue by hand, in which one who is woken does not look again.
struct hasty_queue {
    std::deque<int> items;
    event filled;

    void put(int item) {
        items.push_back(item);
        filled.set();
    }
    task<int> get() {
        if (items.empty()) {
            filled.clear();
            co_await filled.wait();
        }
        expect(!items.empty(), "got from an empty queue");
        const int item = items.front();
        items.pop_front();
        co_return item;
    }
};

TEST(interleavings, find_a_getter_that_does_not_look_again) {
    const auto program = []() -> task<> {
        hasty_queue items;
        const auto produce = [&]() -> task<> {
            items.put(1);
            co_await turns(2);
            items.put(2);
        };
        const auto consume = [&](int busy) -> task<> {
            co_await turns(busy);
            co_await items.get();
        };
        co_await gather(produce(), consume(0), consume(1));
    };
    EXPECT_EQ(found_in(program), "got from an empty queue");
}

// Condition

TEST(interleavings, of_a_condition) {
    const auto program = []() -> task<> {
        condition changed;
        int items = 0;
        const auto produce = [&]() -> task<> {
            auto guard = co_await changed.lock();
            ++items;
            changed.notify();
        };
        const auto consume = [&]() -> task<> {
            auto guard = co_await changed.lock();
            co_await changed.wait_for([&] { return items > 0; });
            --items;
        };
        co_await gather(consume(), consume(), produce(), produce());
        expect(items == 0, "an item is left");
    };
    EXPECT_EQ(schedules_of(program), 5508U);
}

TEST(interleavings, of_a_condition_one_of_whose_waiters_is_cancelled) {
    const auto program = []() -> task<> {
        condition changed;
        int items = 0;
        const auto consume = [&]() -> task<> {
            auto guard = co_await changed.lock();
            co_await changed.wait_for([&] { return items > 0; });
            --items;
        };
        auto cancelled = create_task(consume());
        const auto other = create_task(consume());
        const auto produce = [&]() -> task<> {
            auto guard = co_await changed.lock();
            ++items;
            changed.notify();
        };
        const auto producing = create_task(produce());
        co_await sleep(0ns);
        cancelled.cancel();
        if (co_await ended_well(cancelled)) co_await produce();
        co_await other;  // it has the notification that the cancelled one had got
        co_await producing;
        expect(items == 0 && !changed.locked(), "an item is left");
    };
    EXPECT_EQ(schedules_of(program), 90U);
}

TEST(interleavings, find_a_wait_without_a_loop) {
    const auto program = []() -> task<> {
        condition changed;
        int items = 0;
        const auto produce = [&](int busy) -> task<> {
            co_await turns(busy);
            auto guard = co_await changed.lock();
            ++items;
            changed.notify();
        };
        const auto consume = [&](int busy) -> task<> {
            co_await turns(busy);
            auto guard = co_await changed.lock();
            if (items == 0) co_await changed.wait();
            expect(items > 0, "took what is not there");
            --items;
        };
        co_await gather(consume(0), produce(1), produce(2), consume(3));
    };
    EXPECT_EQ(found_in(program), "took what is not there");
}

TEST(interleavings, find_a_check_before_the_lock) {
    const auto program = []() -> task<> {
        condition changed;
        bool ready = false;
        const auto waits = [&]() -> task<> {
            if (ready) co_return;
            auto guard = co_await changed.lock();
            co_await changed.wait();
        };
        const auto sets = [&]() -> task<> {
            auto guard = co_await changed.lock();
            co_await sleep(0ns);
            ready = true;
            changed.notify_all();
        };
        co_await gather(waits(), sets());
    };
    EXPECT_EQ(found_in(program), deadlock);
}

// Barrier

TEST(interleavings, of_a_barrier) {
    const auto program = []() -> task<> {
        barrier all(3);
        std::vector<int> rounds(3);
        const auto party = [&](int& own) -> task<> {
            for (int round = 1; round <= 2; ++round) {
                own = round;
                co_await all.wait();
                for (const int each : rounds) expect(each >= round && each <= round + 1, "they are not in step");
            }
        };
        co_await gather(party(rounds[0]), party(rounds[1]), party(rounds[2]));
        expect(!all.broken() && all.n_waiting() == 0, "somebody is left");
    };
    EXPECT_EQ(schedules_of(program), 720U);
}

// A barrier by hand, used again: who is slow to wake up finds that the next round has begun.
struct barrier_without_generation {
    int parties = 2;
    int arrived = 0;
    condition changed;

    task<> wait() {
        auto guard = co_await changed.lock();
        if (++arrived == parties) {
            arrived = 0;
            changed.notify_all();
        } else {
            co_await changed.wait_for([this] { return arrived == 0; });
        }
    }
};

TEST(interleavings, find_a_barrier_without_a_generation) {
    const auto program = []() -> task<> {
        barrier_without_generation all;
        const auto party = [&]() -> task<> {
            co_await all.wait();
            co_await turns(3);
            co_await all.wait();
        };
        co_await gather(party(), party());
    };
    EXPECT_EQ(found_in(program), deadlock);
}

TEST(interleavings, find_a_barrier_that_counts_over_an_await) {
    const auto program = []() -> task<> {
        event opened;
        int arrived = 0;
        const auto party = [&](int busy) -> task<> {
            co_await turns(busy);
            const int place = arrived;
            co_await sleep(0ns);
            arrived = place + 1;
            if (arrived == 2) opened.set();
            co_await opened.wait();
        };
        co_await gather(party(0), party(2));
    };
    EXPECT_EQ(found_in(program), deadlock);
}

// Group

TEST(interleavings, of_a_group) {
    const auto program = []() -> task<> {
        int running = 0;
        const auto child = [&](task_group& group, bool fails) -> task<> {
            const counted one_more(running);
            if (!fails) group.create_task(turns(1));
            co_await sleep(0ns);
            if (fails) throw value_error("of the child");
            co_await sleep(1h);
        };
        bool raised = false;
        try {
            co_await with(task_group{}, [&](task_group& group) -> task<> {
                group.create_task(child(group, false));
                group.create_task(child(group, true));
                co_return;
            });
        } catch (const exception_group& errors) {
            raised = true;
            expect(errors.exceptions().size() == 1, "there are more errors");
        }
        expect(raised, "the error is lost");
        expect(running == 0, "a child is left");
        expect(current_loop().time() == 0ns, "a child was not cancelled");
    };
    EXPECT_EQ(schedules_of(program), 2010U);
}

TEST(interleavings, find_a_task_that_was_made_beside_its_group) {
    const auto program = []() -> task<> {
        int sum = 0;
        const auto add = [&](int what) -> task<> {
            co_await sleep(0ns);
            sum += what;
        };
        co_await with(task_group{}, [&](task_group& group) -> task<> {
            group.create_task(add(1));
            create_task(add(2));
            co_return;
        });
        expect(sum == 3, "not all have ended");
    };
    EXPECT_EQ(found_in(program), "not all have ended");
}

TEST(interleavings, find_that_two_children_may_fail) {
    const auto program = []() -> task<> {
        const auto fails = [](int busy) -> task<> {
            co_await turns(busy);
            throw value_error("busy " + std::to_string(busy));
        };
        std::size_t errors = 0;
        try {
            co_await with(task_group{}, [&](task_group& group) -> task<> {
                group.create_task(fails(0));
                group.create_task(fails(2));
                co_return;
            });
        } catch (const exception_group& raised) {
            errors = raised.exceptions().size();
        }
        expect(errors == 1, "more than the first one failed");
    };
    EXPECT_EQ(found_in(program), "more than the first one failed");
}

TEST(interleavings, find_a_child_that_comes_when_the_group_has_ended) {
    const auto program = []() -> task<> {
        task_handle<> late;
        co_await with(task_group{}, [&](task_group& group) -> task<> {
            group.create_task(turns(2));
            const auto starts_another = [](task_group& of) -> task<> {
                co_await sleep(0ns);
                of.create_task(turns(0));
            };
            late = create_task(starts_another(group));
            co_return;
        });
        co_await late;
    };
    EXPECT_NE(found_in(program).find("is finished"), std::string::npos);
}

// Event

TEST(interleavings, of_an_event) {
    const auto program = []() -> task<> {
        event opened;
        int passed = 0;
        const auto waits = [&]() -> task<> {
            co_await opened.wait();
            ++passed;
        };
        const auto opens = [&]() -> task<> {
            co_await sleep(0ns);
            opened.set();
        };
        co_await gather(waits(), waits(), opens());
        expect(passed == 2, "somebody is left");
    };
    EXPECT_EQ(schedules_of(program), 330U);
}

TEST(interleavings, find_a_pulse_that_nobody_has_waited_for) {
    const auto program = []() -> task<> {
        event pulse;
        const auto waits = [&]() -> task<> { co_await pulse.wait(); };
        const auto beats = [&]() -> task<> {
            co_await sleep(0ns);
            pulse.set();
            pulse.clear();
        };
        co_await gather(waits(), beats());
    };
    EXPECT_EQ(found_in(program), deadlock);
}

TEST(interleavings, find_a_clear_that_loses_what_was_set_meanwhile) {
    const auto program = []() -> task<> {
        event news;
        int left = 2;
        const auto reads = [&]() -> task<> {
            while (left > 0) {
                co_await news.wait();
                --left;
                co_await sleep(0ns);
                news.clear();
            }
        };
        const auto tells = [&]() -> task<> {
            news.set();
            co_await turns(4);
            news.set();
        };
        co_await gather(reads(), tells());
    };
    EXPECT_EQ(found_in(program), deadlock);
}

// Semaphore

TEST(interleavings, of_a_semaphore) {
    const auto program = []() -> task<> {
        semaphore places(2);
        int within = 0;
        const auto visits = [&]() -> task<> {
            auto guard = co_await places.lock();
            const counted inside(within);
            expect(within <= 2, "too many are within");
            co_await sleep(0ns);
        };
        co_await gather(visits(), visits(), visits());
        expect(!places.locked(), "a place is lost");
    };
    EXPECT_EQ(schedules_of(program), 1860U);
}

TEST(interleavings, of_a_semaphore_one_of_whose_waiters_is_cancelled) {
    const auto program = []() -> task<> {
        semaphore places(1);
        const auto visits = [&]() -> task<> {
            auto guard = co_await places.lock();
            co_await sleep(0ns);
        };
        const auto first = create_task(visits());
        auto second = create_task(visits());
        const auto third = create_task(visits());
        co_await sleep(0ns);
        second.cancel();
        co_await first;
        co_await third;
        co_await ended_well(second);
        expect(!places.locked(), "a place is lost");
        places.release();
        expect(places.try_acquire() && places.try_acquire() && places.locked(), "there is another place");
    };
    EXPECT_EQ(schedules_of(program), 522U);
}

TEST(interleavings, find_a_place_that_is_not_given_back_on_one_path) {
    const auto program = []() -> task<> {
        semaphore places(1);
        bool closed = false;
        const auto visits = [&]() -> task<> {
            co_await places.acquire();
            if (closed) co_return;
            co_await sleep(0ns);
            places.release();
        };
        const auto closes = [&]() -> task<> {
            co_await turns(3);
            closed = true;
        };
        co_await gather(visits(), visits(), closes());
    };
    EXPECT_EQ(found_in(program), deadlock);
}

TEST(interleavings, find_a_counter_that_is_checked_before_an_await_and_taken_behind_it) {
    const auto program = []() -> task<> {
        int places = 1;
        const auto visits = [&](int busy) -> task<> {
            co_await turns(busy);
            if (places == 0) co_return;
            co_await sleep(0ns);
            --places;
            expect(places >= 0, "two have taken one place");
            co_await sleep(0ns);
            ++places;
        };
        co_await gather(visits(0), visits(2));
    };
    EXPECT_EQ(found_in(program), "two have taken one place");
}

// Timeout

// What comes when the time is up has come, or has not: whoever looks finds nothing between.
TEST(interleavings, of_a_timeout) {
    const auto program = []() -> task<> {
        int held = 0;
        const auto opens = [&]() -> task<int> {
            co_await sleep(1s);
            const counted given_back_at_the_end(held);
            co_await sleep(0ns);
            co_return 1;
        };
        const auto gives_up = [&]() -> task<> {
            try {
                const int got = co_await wait_for(opens(), 1s);
                expect(got == 1, "got something else");
            } catch (const timeout_error&) {
            }
        };
        co_await gather(gives_up(), gives_up());
        expect(held == 0, "it is still held");
        expect(current_loop().time() == 1s, "it took longer");
    };
    EXPECT_EQ(schedules_of(program), 2616U);
}

TEST(interleavings, find_what_a_timeout_leaves_open) {
    const auto program = []() -> task<> {
        int open = 0;
        const auto opens = [&]() -> task<> {
            co_await sleep(1s);
            ++open;
            co_await sleep(0ns);
            --open;
        };
        try {
            co_await wait_for(opens(), 1s);
        } catch (const timeout_error&) {
        }
        expect(open == 0, "it is left open");
    };
    EXPECT_EQ(found_in(program), "it is left open");
}

TEST(interleavings, find_that_what_has_timed_out_may_have_happened) {
    const auto program = []() -> task<> {
        bool sent = false;
        const auto sends = [&]() -> task<> {
            co_await sleep(1s);
            sent = true;
            co_await sleep(1s);
        };
        int sendings = 0;
        try {
            co_await wait_for(sends(), 1s);
        } catch (const timeout_error&) {
            ++sendings;  // once more
        }
        expect(sendings + (sent ? 1 : 0) == 1, "sent twice");
    };
    EXPECT_EQ(found_in(program), "sent twice");
}

}  // namespace
