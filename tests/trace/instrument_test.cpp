#include <fermata/async.hpp>
#include <fermata/trace/instrument.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

// Writes down what it is told: "one woken by two".
class listing : public trace::instrument {
public:
    std::vector<std::string> told;

    /// Of one task.
    std::vector<std::string> about(const std::string& name) const {
        std::vector<std::string> found;
        for (const std::string& each : told) {
            if (each.starts_with(name + " ")) found.push_back(each.substr(name.size() + 1));
        }
        return found;
    }

private:
    void task_created(const trace::task_view& task) noexcept override {
        told.push_back(task.name() + " created of " + trace::function_of(task.coroutine()));
    }
    void task_woken(const trace::task_view& task, trace::waker how, const trace::task_view* by) noexcept override {
        const std::string other = how == trace::waker::timer ? "timer" : "callback";
        told.push_back(task.name() + " woken by " + (by ? by->name() : other));
    }
    void task_resumed(const trace::task_view& task) noexcept override { told.push_back(task.name() + " resumed"); }
    void task_suspended(const trace::task_view& task) noexcept override {
        told.push_back(task.name() + " waits for " + task.waits_for().what);
    }
    void task_cancelled(const trace::task_view& task, const trace::task_view* by) noexcept override {
        told.push_back(task.name() + " cancelled by " + (by ? by->name() : "nobody"));
    }
    void task_finished(const trace::task_view& task, trace::ending how) noexcept override {
        constexpr std::array<const char*, 4> words = {"returned", "raised", "was cancelled", "was abandoned"};
        told.push_back(task.name() + " " + words[static_cast<std::size_t>(how)]);
    }
    void loop_waits(event_loop& /*loop*/) noexcept override { told.push_back("loop waits"); }
    void loop_goes_on(event_loop& /*loop*/) noexcept override { told.push_back("loop goes on"); }
    void attached(event_loop& /*loop*/) noexcept override { told.push_back("attached"); }
    void detached(event_loop& /*loop*/) noexcept override { told.push_back("detached"); }
};

using lines = std::vector<std::string>;

template <class T>
auto run_told(trace::instrument& by, task<T> main) {
    return run(std::move(main), {.virtual_time = true, .instrument = &by});
}

task<> naps() { co_await sleep(1s); }
task<> turns() { co_await sleep(0s); }
task<> raises() {
    co_await sleep(1s);
    throw value_error("wrong");
}
task<> locks(mutex& gate) { const auto guard = co_await gate.lock(); }

}  // namespace

TEST(instrument, is_told_in_order_of_a_task_that_sleeps) {
    listing list;
    run_told(list, naps());
    ASSERT_FALSE(list.told.empty());
    const std::string name = list.told[1].substr(0, list.told[1].find(' '));
    EXPECT_EQ(list.told, (lines{"attached", name + " created of naps()", name + " woken by callback", name + " resumed",
                                name + " waits for sleep", "loop waits", "loop goes on", name + " woken by timer",
                                name + " resumed", name + " returned", "detached"}));
}

TEST(instrument, is_told_who_wakes_whom) {
    const auto main = []() -> task<> {
        auto child = create_task(naps(), {.name = "child"});
        co_await child;
    };
    listing list;
    run_told(list, main());
    const std::string name = list.told[1].substr(0, list.told[1].find(' '));
    EXPECT_EQ(list.about("child"), (lines{"created of naps()", "woken by " + name, "resumed", "waits for sleep",
                                          "woken by timer", "resumed", "returned"}));
    const lines of_main = list.about(name);
    EXPECT_EQ(lines(of_main.end() - 4, of_main.end()),
              (lines{"waits for task", "woken by child", "resumed", "returned"}));
}

TEST(instrument, is_told_of_a_task_that_gives_way_that_it_wakes_itself) {
    const auto main = []() -> task<> {
        auto polite = create_task(turns(), {.name = "polite"});
        co_await polite;
    };
    listing list;
    run_told(list, main());
    const lines all = list.about("polite");
    EXPECT_EQ(lines(all.begin() + 2, all.end()),
              (lines{"resumed", "woken by polite", "waits for turn", "resumed", "returned"}));
}

TEST(instrument, is_told_what_a_task_waits_for_by_name) {
    const auto main = []() -> task<> {
        mutex gate;
        EXPECT_TRUE(gate.try_lock());
        auto waiting = create_task(locks(gate), {.name = "locks"});
        co_await sleep(0s);
        gate.unlock();
        co_await waiting;
        auto gathering = []() -> task<> {
            auto both = gather(naps(), naps());
            co_await std::move(both);
        };
        auto gathers = create_task(gathering(), {.name = "gathers"});
        co_await gathers;
    };
    listing list;
    run_told(list, main());
    EXPECT_EQ(list.about("locks")[3], "waits for fermata::mutex");
    EXPECT_EQ(list.about("gathers")[3], "waits for gather");
}

TEST(instrument, is_told_of_cancellation_and_of_each_way_to_end) {
    const auto main = []() -> task<> {
        auto cancelled = create_task(naps(), {.name = "cancelled"});
        auto unstarted = create_task(naps(), {.name = "unstarted"});
        auto failing = create_task(raises(), {.name = "failing"});
        unstarted.cancel();
        co_await sleep(0s);
        cancelled.cancel();
        std::vector<any_task> all;
        all.push_back(cancelled);
        all.push_back(unstarted);
        all.push_back(failing);
        co_await wait(all);
        EXPECT_THROW(failing.result(), value_error);
    };
    listing list;
    run_told(list, main());
    const std::string name = list.told[1].substr(0, list.told[1].find(' '));
    const lines of_cancelled = list.about("cancelled");
    EXPECT_EQ(lines(of_cancelled.begin() + 3, of_cancelled.end()),
              (lines{"waits for sleep", "cancelled by " + name, "woken by " + name, "resumed", "was cancelled"}));
    EXPECT_EQ(list.about("unstarted").back(), "was cancelled");
    EXPECT_EQ(list.about("failing").back(), "raised");
}

TEST(instrument, is_told_of_a_task_that_is_left_when_its_loop_is_closed) {
    listing list;
    {
        event_loop loop;
        loop.set_instrument(&list);
        loop.call_soon([&] {
            create_task(naps(), {.name = "left"});
            loop.stop();
        });
        loop.run_forever();
    }
    EXPECT_EQ(list.about("left").back(), "was abandoned");
    EXPECT_EQ(list.told.back(), "detached");
}

TEST(instrument, given_to_a_loop_that_runs_is_told_of_the_tasks_that_are_there) {
    listing list;
    const auto main = [&]() -> task<> {
        auto early = create_task(naps(), {.name = "early"});
        co_await sleep(0s);
        current_loop().set_instrument(&list);
        co_await early;
        current_loop().set_instrument(nullptr);
        co_await naps();
    };
    run(main(), {.virtual_time = true});
    EXPECT_EQ(list.about("early"),
              (lines{"created of naps()", "waits for sleep", "woken by timer", "resumed", "returned"}));
    EXPECT_EQ(list.told.back(), "detached");
}

TEST(instrument, that_goes_leaves_its_loop) {
    auto list = std::make_unique<listing>();
    const auto main = [&]() -> task<> {
        auto child = create_task(naps());
        co_await sleep(0s);
        list.reset();
        EXPECT_EQ(current_loop().instrument(), nullptr);
        co_await child;
    };
    run(main(), {.virtual_time = true, .instrument = list.get()});
}

TEST(instrument, sees_the_awaits_of_a_suspended_task_and_who_awaits_it) {
    struct looking : trace::instrument {
        std::vector<std::string> stack;
        const void* awaited_by = nullptr;
        const void* main = nullptr;

        void task_created(const trace::task_view& task) noexcept override {
            if (!main) main = task.id();
        }
        void task_suspended(const trace::task_view& task) noexcept override {
            if (task.name() != "inner") return;
            std::array<std::source_location, 1> places;
            EXPECT_EQ(task.stack(places), 2U);
            stack.push_back(trace::function_of(places[0]));
            awaited_by = task.awaited_by();
        }
    };
    const auto outer = []() -> task<> { co_await naps(); };
    const auto main = [&]() -> task<> {
        auto inner = create_task(outer(), {.name = "inner"});
        co_await gather(inner);
    };
    looking look;
    run_told(look, main());
    EXPECT_EQ(look.stack, lines{"naps()"});
    EXPECT_EQ(look.awaited_by, look.main);
}

TEST(instrument, is_told_of_an_eager_start_within_another_step) {
    const auto main = []() -> task<> {
        auto eager = create_task(naps(), {.name = "eager", .eager_start = true});
        co_await eager;
    };
    listing list;
    run_told(list, main());
    EXPECT_EQ(list.about("eager"),
              (lines{"created of naps()", "resumed", "waits for sleep", "woken by timer", "resumed", "returned"}));
}
