#pragma once

// Counts the points at which a program can be cancelled, and cancels it at one of them, from outside: a callback that is
// put before or behind the step of a task in what the loop is about to run. So tasks need no hook, and what runs is what
// runs without it.

#include <fermata/testing/detail/trial.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace fermata::inline v0::detail {

class injection final : public batch_visitor {
public:
    injection(bool any_task, bool may_swallow) noexcept : any_task_(any_task), may_swallow_(may_swallow) {}

    /// Goes on to the next run. False if that was the last. The first run only counts.
    bool next() noexcept;
    void begin(task_core& main) noexcept { main_ = &main; }
    void visit(intrusive_list<callback>& batch) override;
    /// Raises what main raised, but for a cancelled_error that was to come; and test_failure, if nothing was cancelled or
    /// the cancellation was swallowed.
    void check_outcome(task_core& main);
    /// Before the loop goes.
    void end() noexcept { canceller_.let_go(); }
    /// Raises test_failure, with what was raised nested in it.
    [[noreturn]] void fail(const std::exception_ptr& raised) const;

    std::size_t cancellations() const noexcept { return points_; }

private:
    class canceller final : public callback {
    public:
        void aim_at(task_core& task, const char* when);
        void run() override;
        std::string describe() const override { return "<cancellation>"; }
        const std::string& done() const noexcept { return done_; }
        bool was_swallowed() const;
        void let_go() noexcept { task_ = {}; }
        void reset() noexcept { done_.clear(); }

    private:
        reference<task_core> task_;
        const char* when_ = "";
        bool requested_ = false;
        std::string done_;
    };

    bool is_chosen() noexcept { return passed_++ == chosen_; }

    bool any_task_;
    bool may_swallow_;
    bool begun_ = false;
    task_core* main_ = nullptr;
    std::optional<std::size_t> chosen_;
    std::size_t passed_ = 0;
    std::size_t points_ = 0;
    canceller canceller_;
    intrusive_list<callback> visited_;  // empty but in visit: g++ 12 takes a local list for one that dangles
};

template <class T>
void run_injected(injection& injected, const test_options& options, task<T>&& main) {
    trial running(options, &injected);
    struct ending {
        injection& injected;
        ~ending() { injected.end(); }
    } const at_the_end{injected};
    auto handle = task_access::spawn(running.loop(), std::move(main), {});
    task_core& core = task_access::core_of(handle);
    injected.begin(core);
    running.run(core);
    injected.check_outcome(core);
}

}  // namespace fermata::inline v0::detail
