#pragma once

// A depth-first search through the schedules of a program: which choices a run is to make, and which there were.

#include <fermata/loop/schedule.hpp>
#include <fermata/testing/detail/trial.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fermata::inline v0 {

struct exploration_options;

namespace detail {

class schedule_search {
public:
    explicit schedule_search(const exploration_options& options);

    /// Goes on to the next run. False if that was the last. Raises test_failure beyond the limit.
    bool next();
    /// The schedule of that run, for its loop; it must not outlive the search.
    std::unique_ptr<schedule> order();
    /// After a run: raises test_failure if it did not come to the choices that an earlier one has met.
    void check_repeated() const;
    /// Raises test_failure, with what was raised nested in it.
    [[noreturn]] void fail(const std::exception_ptr& raised) const;

    std::size_t schedules() const noexcept { return runs_ - redundant_; }

private:
    class order_of_run;

    // Cheap to note in each run, in which the Tasks have other numbers: for people, if it fails.
    struct standing {
        std::string who;
        std::source_location where;
        static standing of(const callback& each);
        std::string text() const;
    };
    // Where more than one was ready.
    struct choice {
        std::size_t ready;   // how many; 0: not known, as it is replayed
        std::size_t chosen;  // the place among them
        std::vector<std::size_t> asleep;
        standing ran;  // before what FIFO would have run, if it was not the first
        standing stayed;
    };

    void choose(intrusive_list<callback>& ready, intrusive_list<callback>& batch);
    std::size_t chosen_place();
    std::size_t chosen_before(choice& at);
    std::size_t chosen_anew();
    bool is_asleep(const callback* each) const;
    void fall_asleep_and_wake(std::size_t chosen);
    bool may_change_places(callback& a, callback& b) const;
    bool advance(choice& last) const;
    std::string how_it_strayed() const;
    std::string how_it_failed(const std::exception_ptr& raised) const;
    std::string replayed_as() const;

    std::optional<std::size_t> deviations_;
    bool (*independent_)(std::string_view, std::string_view);
    std::size_t limit_;
    bool replays_ = false;
    std::vector<choice> choices_;  // of this run, as far as it has come; and of the last one, beyond that
    std::size_t passed_ = 0;
    std::size_t runs_ = 0;
    std::size_t redundant_ = 0;
    bool is_redundant_ = false;      // this run: what is left has been seen in another order
    std::string strayed_;            // how this run differed from the one that it repeats
    std::vector<callback*> ready_;   // now
    std::vector<callback*> asleep_;  // of them: where to go on with these leads has been seen
};

template <class T>
void run_searched(schedule_search& search, const test_options& options, task<T>&& main) {
    trial running(options, nullptr, search.order());
    run_trial(running, std::move(main));
}

}  // namespace detail

}  // namespace fermata::inline v0
