#pragma once

// Has one operation meet one fault, and then the next.

#include <fermata/testing/detail/perturbed_run.hpp>

#include <cstddef>
#include <exception>
#include <memory>

namespace fermata::inline v0::detail {

class chosen_fault;

class operation_failure final : public perturbation {
public:
    operation_failure();
    ~operation_failure();

    /// Goes on to the next run. False if that was the last.
    bool next() noexcept;
    void prepare(event_loop& loop);
    /// Raises test_failure, with what was raised nested in it.
    [[noreturn]] void fail(const std::exception_ptr& raised) const;
    std::size_t count() const noexcept { return met_; }

private:
    bool is_expected(const std::exception_ptr& raised) const override;
    void set_active(bool active) noexcept override;
    bool is_active() const noexcept override;
    bool is_first() const noexcept override;

    std::shared_ptr<chosen_fault> chosen_;
    bool begun_ = false;
    bool only_one_ = false;
    std::size_t total_ = 0;
    std::size_t met_ = 0;
};

}  // namespace fermata::inline v0::detail
