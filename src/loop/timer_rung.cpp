#include <fermata/loop/detail/timer_rung.hpp>

#include <algorithm>
#include <bit>

namespace fermata::inline v0::detail {

using std::chrono::nanoseconds;

timer_bucket::~timer_bucket() {
    for (const timer& each : all_) each.what->leave_timers();
}

void timer_bucket::add(callback& c, nanoseconds when, std::uint32_t order) {
    make_room(all_);
    c.set_place(this, {static_cast<std::uint32_t>(all_.size()), order});
    all_.push_back({when, &c});
}

void timer_bucket::remove(callback& c) noexcept {
    const std::size_t hole = c.place().index;
    c.leave_timers();
    const timer last = all_.back();
    all_.pop_back();
    if (last.what != &c) {
        all_[hole] = last;
        last.what->set_index(hole);
    } else if (all_.empty()) {
        all_ = timers();
    }
}

namespace {

std::uint64_t ticks(nanoseconds from, nanoseconds to) {
    return static_cast<std::uint64_t>(to.count()) - static_cast<std::uint64_t>(from.count());
}

unsigned shift_for(std::uint64_t width, std::size_t most_buckets) {
    const int bits = 64 - std::countl_zero(width);
    return static_cast<unsigned>(std::max(bits - std::countr_zero(most_buckets), 0));
}

}  // namespace

timer_rung::timer_rung(nanoseconds first, nanoseconds last, std::size_t most_buckets)
    : start_(static_cast<std::uint64_t>(first.count())),
      last_(last),
      shift_(shift_for(ticks(first, last), most_buckets)),
      buckets_((ticks(first, last) >> shift_) + 1) {}

// Counted first, so that what follows cannot fail.
void timer_rung::take(timers& from) {
    std::vector<std::uint32_t> counts(buckets_.size());
    for (const timer& each : from) ++counts[number_of(each.when)];
    for (std::size_t i = 0; i < counts.size(); ++i) buckets_[i].make_room_for(counts[i]);
    for (const timer& each : from) bucket_of(each.when).add(*each.what, each.when, each.what->place().order);
    from = timers();
}

timer_bucket* timer_rung::next() noexcept {
    while (next_ < buckets_.size()) {
        timer_bucket& found = buckets_[next_++];
        if (!found.empty()) return &found;
    }
    return nullptr;
}

nanoseconds timer_rung::passed() const noexcept {
    if (next_ == buckets_.size()) return last_;
    return nanoseconds(static_cast<std::int64_t>(start_ + (std::uint64_t{next_} << shift_) - 1));
}

void timer_rung::count_again(std::uint32_t& order) noexcept {
    for (timer_bucket& each : buckets_) each.count_again(order);
}

}  // namespace fermata::inline v0::detail
