#include <fermata/base/exception_group.hpp>
#include <fermata/task/sleep.hpp>
#include <fermata/testing/detail/counted_allocation.hpp>
#include <fermata/testing/detail/perturbed_run.hpp>

#include <dirent.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace fermata::inline v0::detail {

namespace {

std::size_t open_descriptors() {
    DIR* const all = opendir("/proc/self/fd");
    if (!all) return 0;
    std::size_t count = 0;
    while (readdir(all)) ++count;  // NOLINT(concurrency-mt-unsafe): of a stream of our own
    closedir(all);
    return count;
}

std::string many(std::size_t count, const char* what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::size_t growth(std::size_t before, std::size_t now) noexcept { return now > before ? now - before : 0; }

}  // namespace

holdings holdings::now() { return {allocations_alive(), open_descriptors()}; }

bool has_within(const std::exception_ptr& raised, bool (*matches)(const std::exception_ptr&, const void*),
                const void* argument) {
    if (!raised) return false;
    if (matches(raised, argument)) return true;
    try {
        std::rethrow_exception(raised);
    } catch (const exception_group& group) {
        const auto& all = group.exceptions();
        return std::ranges::any_of(all,
                                   [&](const std::exception_ptr& each) { return has_within(each, matches, argument); });
    } catch (const std::nested_exception& nested) {
        return has_within(nested.nested_ptr(), matches, argument);
    } catch (...) {
        return false;
    }
}

namespace {

task<> sleeps() { co_await sleep(std::chrono::milliseconds(1)); }

}  // namespace

task<> still_works() {
    co_await sleep(std::chrono::milliseconds(1));
    auto another = create_task(sleeps());
    co_await another;
}

void perturbation::begin() {
    raised_ = nullptr;
    reported_ = {};
    before_ = holdings::now();
}

void perturbation::watch(event_loop& loop) {
    loop.set_exception_handler([this](event_loop&, const error_context& context) { hear(context.exception); });
}

void perturbation::hear(const std::exception_ptr& reported) {
    const bool active = is_active();
    set_active(false);
    reported_.push_back(reported);
    set_active(active);
}

void perturbation::check_outcome() const {
    const auto expected = [this](const std::exception_ptr& each) { return !is_first() && is_expected(each); };
    // What waits for ever, or is not done in time, is never an answer.
    if (raised_ && (is_a<deadlock_error>(raised_) || is_a<test_failure>(raised_))) std::rethrow_exception(raised_);
    const bool is_explained = expected(raised_) || std::ranges::any_of(reported_, expected);
    if (is_explained) return;
    if (raised_) std::rethrow_exception(raised_);
    if (reported_.empty()) return;
    throw test_failure("reported to the loop's exception handler: " +
                       (reported_.front() ? text_of(reported_.front()) : "something without an exception"));
}

void perturbation::check_given_back() {
    raised_ = nullptr;
    reported_ = {};
    const holdings now = holdings::now();
    const std::size_t allocations = growth(before_.allocations, now.allocations);
    const std::size_t descriptors = growth(before_.descriptors, now.descriptors);
    const bool has_grown = allocations + descriptors > 0;
    const bool for_the_second_time = std::exchange(repeats_, has_grown && !repeats_ && !is_first());
    if (!has_grown || !for_the_second_time) return;
    repeats_ = false;
    throw test_failure("it has not given back " +
                       (descriptors > 0 ? many(descriptors, "descriptor") : many(allocations, "allocation")));
}

}  // namespace fermata::inline v0::detail
