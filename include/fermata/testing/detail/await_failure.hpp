#pragma once

// Has one await raise, and then the next, from outside: a callback that is put before the step of a task in what the loop is
// about to run.

#include <fermata/testing/detail/perturbed_run.hpp>

#include <cstddef>
#include <exception>
#include <string>

namespace fermata::inline v0::detail {

class await_failure final : public perturbation, public batch_visitor {
public:
    explicit await_failure(std::exception_ptr planted);

    /// Goes on to the next run. False if that was the last.
    bool next() noexcept;
    batch_visitor* visitor() noexcept { return this; }
    void visit(intrusive_list<callback>& batch) override;
    /// Raises test_failure, with what was raised nested in it.
    [[noreturn]] void fail(const std::exception_ptr& raised) const;
    std::size_t count() const noexcept { return raised_times_; }

private:
    // Before the step of the task, and behind it.
    class planter final : public callback {
    public:
        explicit planter(await_failure& by) noexcept : by_(by) {}
        void run() override { by_.plant(); }
        std::string describe() const override { return "<planted exception>"; }

    private:
        await_failure& by_;
    };
    class remover final : public callback {
    public:
        void run() override;
        std::string describe() const override { return "<planted exception>"; }
    };

    void plant();
    bool is_expected(const std::exception_ptr& raised) const override;
    void set_active(bool active) noexcept override { active_ = active; }
    bool is_active() const noexcept override { return active_; }
    bool is_first() const noexcept override { return number_ == 0; }

    std::exception_ptr planted_;
    task_core* task_ = nullptr;
    std::string where_;
    planter planter_{*this};
    remover remover_;
    intrusive_list<callback> visited_;  // empty but in visit: g++ 12 takes a local list for one that dangles
    bool active_ = false;
    bool begun_ = false;
    std::size_t number_ = 0;  // of the await that raises in this run; 0: none
    std::size_t passed_ = 0;
    std::size_t total_ = 0;
    std::size_t raised_times_ = 0;
};

}  // namespace fermata::inline v0::detail
