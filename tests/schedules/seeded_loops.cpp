// Linked into each test program: with FERMATA_TEST_SEED=n in the environment, its loops run what is ready in the order of
// that seed instead of FIFO; of seed n + 1 when the tests are repeated (--gtest_repeat), and so on.
//
// The linker puts these functions before the two constructors from which all loops come (-Wl,--wrap): so the library has no
// switch for it, and a loop that is not in a test no way to meet it. What brings its own order keeps it.

#include <fermata/loop/event_loop.hpp>
#include <fermata/testing/detail/trial.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

namespace {

using namespace fermata;

struct seeding {
    std::optional<std::uint64_t> seed;
    unsigned long long loops = 0;
    unsigned long long choices = 0;  // turns in which more than one callback was ready
};

seeding& state() {
    static seeding one;
    return one;
}

// Counts, so that it can be seen that something was permuted.
class counting final : public schedule {
public:
    explicit counting(std::uint64_t seed) : order_(make_seeded_schedule(seed)) {}
    void choose(detail::intrusive_list<detail::callback>& ready,
                detail::intrusive_list<detail::callback>& batch) override {
        const bool is_choice = !ready.empty() && [&] {
            detail::callback& first = ready.pop_front();
            const bool more = !ready.empty();
            ready.push_front(first);
            return more;
        }();
        if (is_choice) ++state().choices;
        order_->choose(ready, batch);
    }

private:
    std::unique_ptr<schedule> order_;
};

class listener final : public testing::EmptyTestEventListener {
    void OnTestIterationStart(const testing::UnitTest&, int iteration) override {
        state().seed = first_ + static_cast<std::uint64_t>(iteration);
    }
    void OnTestEnd(const testing::TestInfo& test) override {
        if (test.result()->Failed()) {
            std::printf("seed %llu: %s.%s failed\n", static_cast<unsigned long long>(*state().seed),
                        test.test_suite_name(), test.name());
        }
    }
    void OnTestIterationEnd(const testing::UnitTest&, int) override {
        std::printf("seed %llu: %llu loops, %llu choices\n", static_cast<unsigned long long>(*state().seed),
                    state().loops, state().choices);
        std::fflush(stdout);
        state().loops = state().choices = 0;
    }

public:
    explicit listener(std::uint64_t first) : first_(first) {}

private:
    std::uint64_t first_;
};

const bool is_listening = [] {
    const char* const seed = std::getenv("FERMATA_TEST_SEED");
    if (!seed) return false;
    testing::UnitTest::GetInstance()->listeners().Append(new listener(std::stoull(seed)));
    return true;
}();

void seed(std::unique_ptr<schedule>& order) {
    if (order || !state().seed) return;
    order = std::make_unique<counting>(*state().seed);
    ++state().loops;
}

}  // namespace

using orders = std::unique_ptr<fermata::schedule>;
using trial = fermata::detail::trial;

// By their mangled names; what is passed by value and has a destructor comes as a pointer. If a name is not that of a
// constructor any more, no loop is seeded, and tests/schedules/run.py says so.
extern "C" {
void real_loop(fermata::event_loop*,
               fermata::loop_options*) asm("__real__ZN7fermata2v010event_loopC1ENS0_12loop_optionsE");
void seeded_loop(fermata::event_loop* made,
                 fermata::loop_options* options) asm("__wrap__ZN7fermata2v010event_loopC1ENS0_12loop_optionsE");
void real_trial(trial*, const fermata::test_options&, fermata::detail::batch_visitor*,
                orders*) asm("__real__ZN7fermata2v06detail5trialC1ERKNS0_12test_optionsEPNS1_13batch_"
                             "visitorESt10unique_ptrINS0_8scheduleESt14default_"
                             "deleteIS9_EE");
void seeded_trial(
    trial* made, const fermata::test_options& options, fermata::detail::batch_visitor* visitor,
    orders* order) asm("__wrap__ZN7fermata2v06detail5trialC1ERKNS0_12test_optionsEPNS1_13batch_visitorESt10unique_"
                       "ptrINS0_8scheduleESt14default_deleteIS9_EE");

void seeded_loop(fermata::event_loop* made, fermata::loop_options* options) {
    seed(options->schedule);
    real_loop(made, options);
}

void seeded_trial(trial* made, const fermata::test_options& options, fermata::detail::batch_visitor* visitor,
                  orders* order) {
    if (!visitor && !options.seed) seed(*order);
    real_trial(made, options, visitor, order);
}
}
