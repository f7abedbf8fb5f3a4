#include <fermata/testing/detail/counted_allocation.hpp>
#include <fermata/testing/fail_every_allocation.hpp>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <system_error>

namespace fermata::inline v0::detail {

namespace {

bool is_lack_of_memory(const std::exception_ptr& raised, const void* /*argument*/) {
    try {
        std::rethrow_exception(raised);
    } catch (const std::bad_alloc&) {
        return true;
    } catch (const std::system_error& e) {
        return e.code() == std::errc::not_enough_memory;
    } catch (...) {
        return false;
    }
}

std::size_t number_in_environment() {
    const char* const text = std::getenv("FERMATA_FAIL_ALLOCATION");
    return text ? std::strtoull(text, nullptr, 10) : 0;
}

// Of the one harness of this thread that is at work.
thread_local std::terminate_handler handler_before = nullptr;

[[noreturn]] void say_and_terminate() {
    const allocation_plan& plan = plan_of_allocations();
    if (plan.has_failed) {
        std::fprintf(stderr,
                     "fermata: std::terminate was called when allocation %zu (%zu bytes) had failed; "
                     "FERMATA_FAIL_ALLOCATION=%zu repeats it\n",
                     plan.failing, plan.size_of_failed, plan.failing);
    }
    if (handler_before) handler_before();
    std::abort();
}

}  // namespace

allocation_failure::allocation_failure() : only_(number_in_environment()) {
    if (!counts_allocations()) {
        throw runtime_error(
            "allocations are not counted: include <fermata/testing/failing_new.hpp> in one source of the program");
    }
    plan_of_allocations() = {};
    terminate_before_ = std::set_terminate(say_and_terminate);
    handler_before = terminate_before_;
}

allocation_failure::~allocation_failure() {
    set_active(false);
    std::set_terminate(terminate_before_);
}

bool allocation_failure::next() noexcept {
    allocation_plan& plan = plan_of_allocations();
    const bool is_over = begun_ && number_ > 0 && (!plan.has_failed || number_ == only_);
    if (plan.has_failed && !repeats()) ++failed_;
    if (is_over && !repeats()) return false;
    if (begun_ && number_ == 0) total_ = plan.passed;
    if (begun_ && !repeats()) number_ = number_ == 0 && only_ > 0 ? only_ : number_ + 1;
    begun_ = true;
    plan = {.failing = number_};
    return true;
}

void allocation_failure::set_active(bool active) noexcept { plan_of_allocations().is_active = active; }
bool allocation_failure::is_active() const noexcept { return plan_of_allocations().is_active; }

bool allocation_failure::is_expected(const std::exception_ptr& raised) const {
    return plan_of_allocations().has_failed && has_within(raised, is_lack_of_memory, nullptr);
}

void allocation_failure::fail(const std::exception_ptr& raised) const {
    if (number_ == 0) std::rethrow_exception(raised);
    const allocation_plan& plan = plan_of_allocations();
    const std::string number = std::to_string(number_);
    const std::string text = plan.has_failed
                                 ? "allocation " + number + " of " + std::to_string(total_) + " (" +
                                       std::to_string(plan.size_of_failed) + " bytes) failed: " + text_of(raised) +
                                       "; FERMATA_FAIL_ALLOCATION=" + number + " repeats it"
                                 : "no allocation failed any more: " + text_of(raised);
    try {
        std::rethrow_exception(raised);
    } catch (...) {
        std::throw_with_nested(test_failure(text));
    }
}

}  // namespace fermata::inline v0::detail
