#pragma once

/// \file
/// Python's `asyncio.as_completed`.

#include <fermata/base/ranges.hpp>
#include <fermata/task/detail/completion_queue.hpp>
#include <fermata/task/detail/distinct.hpp>
#include <fermata/task/ensure_future.hpp>
#include <fermata/task/task.hpp>
#include <fermata/task/timeout.hpp>

#include <chrono>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace fermata::inline v0 {

template <class T>
class completions;

/// An element of as_completed: `co_await next` gives the result of the next that completes, whichever that is, and raises
/// what it raised.
template <class T>
class next_completed {
public:
    auto operator co_await() const { return one(*of_).operator co_await(); }

private:
    friend completions<T>;
    explicit next_completed(completions<T>& of) noexcept : of_(&of) {}
    static task<T> one(completions<T>& of) {
        const std::size_t which = co_await of.done_->next();
        co_return co_await future<T>(of.futures_[which]);
    }
    completions<T>* of_;
};

/// What as_completed gives: as many elements as there are awaitables (one that is given twice is one), once.
template <class T>
class completions {
public:
    completions(std::vector<future<T>> futures, std::optional<std::chrono::nanoseconds> timeout)
        : futures_(std::move(futures)), left_(futures_.size()) {
        std::vector<detail::future_state*> states;
        for (const future<T>& each : futures_) states.push_back(detail::future_access::state_of(each).get());
        done_ = std::make_unique<detail::completion_queue>(current_loop(), states, timeout);
    }

    class iterator {
    public:
        using value_type = next_completed<T>;
        using difference_type = std::ptrdiff_t;
        explicit iterator(completions& of) noexcept : of_(&of), next_(of) {}
        next_completed<T>& operator*() const noexcept { return next_; }
        iterator& operator++() noexcept {
            --of_->left_;
            return *this;
        }
        void operator++(int) noexcept { ++*this; }
        bool operator==(std::default_sentinel_t) const noexcept { return of_->left_ == 0; }

    private:
        completions* of_;
        mutable next_completed<T> next_;
    };
    iterator begin() noexcept { return iterator(*this); }
    std::default_sentinel_t end() const noexcept { return {}; }

private:
    friend next_completed<T>;
    std::vector<future<T>> futures_;
    std::size_t left_;
    std::unique_ptr<detail::completion_queue> done_;
};

/// Python's `asyncio.as_completed(aws, timeout=…)`, of a range of coroutines (moved in; run as Tasks), task_handles or
/// futures: `for (auto& next : as_completed(tasks)) use(co_await next);`. After the timeout the elements that are left
/// raise timeout_error; nothing is cancelled. It must live as long as its elements are awaited.
template <std::ranges::input_range Range>
auto as_completed(Range&& awaitables, std::optional<std::chrono::nanoseconds> timeout = std::nullopt) {
    auto futures = detail::distinct(detail::ensure_futures(std::forward<Range>(awaitables)));
    return completions<typename decltype(futures)::value_type::result_type>(std::move(futures), timeout);
}

}  // namespace fermata::inline v0
