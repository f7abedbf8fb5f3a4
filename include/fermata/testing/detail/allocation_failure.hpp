#pragma once

// Has one allocation fail, and then the next.

#include <fermata/testing/detail/perturbed_run.hpp>

#include <cstddef>
#include <exception>
#include <string>

namespace fermata::inline v0::detail {

class allocation_failure final : public perturbation {
public:
    /// Raises runtime_error where allocations are not counted.
    allocation_failure();
    ~allocation_failure();

    /// Goes on to the next run. False if that was the last: nothing was left to fail.
    bool next() noexcept;
    /// Raises test_failure, with what was raised nested in it.
    [[noreturn]] void fail(const std::exception_ptr& raised) const;
    std::size_t count() const noexcept { return failed_; }

private:
    bool is_expected(const std::exception_ptr& raised) const override;
    void set_active(bool active) noexcept override;
    bool is_active() const noexcept override;
    bool is_first() const noexcept override { return number_ == 0; }

    std::size_t number_ = 0;  // of the one that fails in this run; 0: none does
    bool begun_ = false;
    std::size_t only_ = 0;  // that of the environment
    std::size_t total_ = 0;
    std::size_t failed_ = 0;
    std::terminate_handler terminate_before_;
};

}  // namespace fermata::inline v0::detail
