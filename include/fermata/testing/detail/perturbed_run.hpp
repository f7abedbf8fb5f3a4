#pragma once

// A run in which something goes wrong, on purpose; and what it must leave as it was all the same.

#include <fermata/task/ensure_future.hpp>
#include <fermata/testing/detail/trial.hpp>

#include <cstddef>
#include <exception>
#include <type_traits>
#include <vector>

namespace fermata::inline v0::detail {

/// What the process holds.
struct holdings {
    std::size_t allocations = 0;  // where they are counted
    std::size_t descriptors = 0;

    static holdings now();
};

/// What goes wrong.
class perturbation {
public:
    perturbation(const perturbation&) = delete;
    perturbation& operator=(const perturbation&) = delete;

    /// Before the loop is made.
    void begin();
    /// The loop is there.
    void watch(event_loop& loop);

    /// What else it needs there.
    void prepare(event_loop&) noexcept {}

    /// Sees what the loop runs, if it is to.
    batch_visitor* visitor() noexcept { return nullptr; }

    /// Calls what is perturbed. What it raises is kept.
    template <class Call>
    void during(Call call) {
        set_active(true);
        try {
            call();
        } catch (...) {
            set_active(false);
            raised_ = std::current_exception();
        }
        set_active(false);
    }

    /// Raises what it raised, if that is not what had to come of it.
    void check_outcome() const;

    /// Raises test_failure if the process holds more than before the run, and did so too when it was run before.
    void check_given_back();

protected:
    perturbation() = default;
    ~perturbation() = default;

    /// What had to come of it.
    virtual bool is_expected(const std::exception_ptr& raised) const = 0;
    /// Within that, what is allocated and so on counts.
    virtual void set_active(bool active) noexcept = 0;
    virtual bool is_active() const noexcept = 0;
    /// Nothing goes wrong in this run.
    virtual bool is_first() const noexcept = 0;

    /// Whether the same run is to be repeated.
    bool repeats() const noexcept { return repeats_; }

private:
    void hear(const std::exception_ptr& reported);

    holdings before_;
    bool repeats_ = false;
    std::exception_ptr raised_;
    std::vector<std::exception_ptr> reported_;
};

/// Whether `matches` is true of it, of one of a group, or of one that is nested in it.
bool has_within(const std::exception_ptr& raised, bool (*matches)(const std::exception_ptr&, const void*),
                const void* argument);

/// A loop that runs this goes on.
task<> still_works();

template <class Perturbation, class Program>
void run_perturbed(Perturbation& by, const test_options& options, Program& program) {
    by.begin();
    if constexpr (is_coroutine<std::invoke_result_t<Program&>>) {
        trial running(options, by.visitor());
        by.watch(running.loop());
        by.prepare(running.loop());
        by.during([&] {
            auto handle = task_access::spawn(running.loop(), program(), {});
            running.drive(task_access::core_of(handle));
            static_cast<void>(handle.result());
        });
        by.check_outcome();
        const auto again = task_access::spawn(running.loop(), still_works(), {});
        running.drive(task_access::core_of(again));
        again.result();
        running.end();
    } else {
        by.during([&] { static_cast<void>(program()); });
        by.check_outcome();
    }
}

/// One run after the other, until nothing is left that could go wrong; gives in how many something did. What a run or its
/// check raises goes to the perturbation, which says where that was.
template <class Perturbation, class Program, class Check>
std::size_t perturb_everywhere(Perturbation& by, const test_options& options, Program& program, Check& check) {
    const assertions asserted(options);
    while (by.next()) {
        try {
            run_perturbed(by, options, program);
            check();
            asserted.check();
            by.check_given_back();
        } catch (...) {
            by.fail(std::current_exception());
        }
    }
    return by.count();
}

}  // namespace fermata::inline v0::detail
