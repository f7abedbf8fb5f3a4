#include <fermata/io/detail/operation.hpp>
#include <fermata/sync/waiters.hpp>
#include <fermata/task/detail/completion.hpp>
#include <fermata/testing/raise_at_every_await.hpp>

namespace fermata::inline v0::detail {

namespace {

// Whether its await goes on now, and is one that may raise.
bool may_raise(const task_core& task) noexcept {
    if (!task.has_started() || task.sleeps_now()) return false;
    const cancellable* const what = task.waits_for();
    return !dynamic_cast<const waiter*>(what) && !dynamic_cast<const completion*>(what);
}

}  // namespace

// What the run itself allocates is not to count as the program's.
// NOLINTNEXTLINE(bugprone-throw-keyword-missing): none is to be thrown here
await_failure::await_failure(std::exception_ptr planted) : planted_(std::move(planted)) { where_.reserve(4096); }

bool await_failure::next() noexcept {
    if (begun_ && !repeats()) {
        if (number_ == 0) total_ = passed_;
        if (number_ > 0 && where_.empty()) return false;  // it did not come to so many
        if (number_ > 0) ++raised_times_;
        ++number_;
    }
    begun_ = true;
    passed_ = 0;
    where_.clear();
    return true;
}

void await_failure::visit(intrusive_list<callback>& batch) {
    while (!batch.empty()) {
        callback& next = batch.pop_front();
        auto* const task = dynamic_cast<task_core*>(&next);
        const bool is_chosen = active_ && task && may_raise(*task) && ++passed_ == number_;
        if (is_chosen) {
            task_ = task;
            visited_.push_back(planter_);
        }
        visited_.push_back(next);
        if (is_chosen) visited_.push_back(remover_);
    }
    batch.splice_back(visited_);
}

void await_failure::plant() {
    const std::string where = whereabouts(*task_) + ", in " + task_->describe();
    where_.assign(where);  // a copy: the memory stays
    planted_exception = &planted_;
    task_->raise_planted_exception();
}

void await_failure::remover::run() { planted_exception = nullptr; }

bool await_failure::is_expected(const std::exception_ptr& raised) const {
    const auto is_planted = [](const std::exception_ptr& each, const void* planted) {
        return each == *static_cast<const std::exception_ptr*>(planted);
    };
    return has_within(raised, is_planted, &planted_);
}

void await_failure::fail(const std::exception_ptr& raised) const {
    if (number_ == 0) std::rethrow_exception(raised);
    const std::string text = "raised at " + (where_.empty() ? "no await" : where_) + " (await " +
                             std::to_string(number_) + " of " + std::to_string(total_) + "): " + text_of(raised);
    try {
        std::rethrow_exception(raised);
    } catch (...) {
        std::throw_with_nested(test_failure(text));
    }
}

}  // namespace fermata::inline v0::detail
