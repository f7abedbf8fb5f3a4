#include <fermata/loop/timer_queue.hpp>

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

namespace fermata::inline v0::detail {

using std::chrono::nanoseconds;

namespace {

constexpr nanoseconds end_of_time = nanoseconds::max();
// Many come behind the first thousand.
constexpr std::size_t buckets_at_first = 2048;
constexpr std::size_t timers_a_bucket = 64;

std::size_t buckets_for(std::size_t timers) { return std::bit_ceil(timers / timers_a_bucket + 1); }

}  // namespace

void timer_queue::add_otherwise(callback& c, nanoseconds when) {
    if (added_ == most_timers) count_again();
    if (when <= near_last_ && near_.size() >= near_limit_) spread_near();
    if (when <= near_last_) {
        near_.add(c, when, added_);
    } else {
        bucket_of(when).add(c, when, added_);
    }
    ++added_;
}

// The order matters among those with the same deadline only, and they are together.
void timer_queue::count_again() noexcept {
    added_ = 0;
    near_.count_again(added_);
    for (timer_rung& each : rungs_) each.count_again(added_);
    beyond_.count_again(added_);
}

timer_bucket& timer_queue::bucket_of(nanoseconds when) noexcept {
    // Of those that reach so far the last.
    const auto behind = std::partition_point(rungs_.begin(), rungs_.end(),
                                             [when](const timer_rung& each) { return each.last() >= when; });
    return behind == rungs_.begin() ? beyond_ : std::prev(behind)->bucket_of(when);
}

// Without memory, or with one deadline for all, it stays as it is: slower, and right.
void timer_queue::spread_near() noexcept {
    near_limit_ = 2 * near_.size();
    if (spread(near_.all(), near_last_)) refill();
}

void timer_queue::refill() noexcept {
    while (near_.empty()) {
        if (!rungs_.empty()) {
            timer_bucket* const next = rungs_.back().next();
            near_last_ = rungs_.back().passed();
            if (!next) {
                rungs_.pop_back();
            } else if (!spread(next->all(), near_last_)) {
                bring_near(next->all(), near_last_);
            }
        } else if (!spread(beyond_.all(), end_of_time)) {
            bring_near(beyond_.all(), end_of_time);
            return;
        }
    }
}

void timer_queue::bring_near(timers& from, nanoseconds last) noexcept {
    near_.take(from);
    from = timers();
    near_last_ = last;
    near_limit_ = std::max(few, 2 * near_.size());
    if (last == end_of_time) rungs_.clear();
}

// Those that are all due before last, if they are many: into a rung of their own.
bool timer_queue::spread(timers& from, nanoseconds last) noexcept {
    if (from.size() < few) return false;
    const auto earlier = [](const timer& a, const timer& b) { return a.when < b.when; };
    const auto [first, latest] = std::minmax_element(from.begin(), from.end(), earlier);
    if (first->when == latest->when) return false;
    const bool is_open = last == end_of_time && rungs_.empty();
    try {
        rungs_.reserve(rungs_.size() + 1);
        timer_rung made(first->when, is_open ? latest->when : last,
                        std::max(buckets_for(from.size()), is_open ? buckets_at_first : 1));
        made.take(from);
        rungs_.push_back(std::move(made));
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

}  // namespace fermata::inline v0::detail
