#pragma once

// The futures that as_completed waits for, in the order in which they are done: CPython's _AsCompletedIterator, whose queue
// is in a layer below this one.

#include <fermata/base/intrusive_list.hpp>
#include <fermata/task/detail/completion.hpp>
#include <fermata/task/task.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fermata::inline v0::detail {

class completion_queue {
public:
    completion_queue(event_loop& loop, const std::vector<future_state*>& futures,
                     std::optional<std::chrono::nanoseconds> timeout);
    completion_queue(const completion_queue&) = delete;
    completion_queue& operator=(const completion_queue&) = delete;
    ~completion_queue();

    /// Which is done next. Raises timeout_error when the time is over.
    task<std::size_t> next();

private:
    struct entry final : callback {
        void run() override { of->is_done(*this); }
        std::string describe() const override { return "<as_completed>"; }
        completion_queue* of = nullptr;
    };
    struct alarm final : callback {
        void run() override { of->time_is_over(); }
        std::string describe() const override { return "<timeout of as_completed>"; }
        completion_queue* of = nullptr;
    };
    struct getter : list_node {
        explicit getter(event_loop& loop) : woken(loop) {}
        completion woken;
    };

    void is_done(entry& ended) noexcept;
    void time_is_over() noexcept;
    void wake_next() noexcept;

    event_loop& loop_;
    std::unique_ptr<entry[]> entries_;
    std::size_t size_;
    std::size_t left_;
    std::deque<std::size_t> done_;
    intrusive_list<getter> getters_;
    alarm alarm_;
    bool over_ = false;
};

}  // namespace fermata::inline v0::detail
