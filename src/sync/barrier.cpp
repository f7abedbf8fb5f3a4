#include <fermata/sync/barrier.hpp>

namespace fermata::inline v0 {

barrier::barrier(std::ptrdiff_t parties) : parties_(static_cast<std::size_t>(parties)) {
    if (parties < 1) throw value_error("parties must be > 0");
}

// One of those inside.
struct barrier::place {
    explicit place(barrier& inside) noexcept : of(inside), index(inside.count_++) {}
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    ~place() {
        --of.count_;
        of.leave();
    }

    barrier& of;
    const std::size_t index;
};

task<std::size_t> barrier::wait() {
    auto guard = co_await changed_.lock();
    while (state_ == state::draining || state_ == state::resetting) co_await changed_.wait();
    if (broken()) throw broken_barrier_error("Barrier aborted");

    const place own(*this);
    if (own.index + 1 == parties_) {
        state_ = state::draining;
        changed_.notify_all();
    } else {
        while (state_ == state::filling) co_await changed_.wait();
        if (state_ == state::broken || state_ == state::resetting) {
            throw broken_barrier_error("Abort or reset of barrier");
        }
    }
    co_return own.index;
}

// The last to leave lets in those who wait for the next round.
void barrier::leave() {
    if (count_ != 0) return;
    if (state_ == state::resetting || state_ == state::draining) state_ = state::filling;
    if (changed_.locked()) changed_.notify_all();
}

task<> barrier::reset() {
    auto guard = co_await changed_.lock();
    state_ = count_ > 0 ? state::resetting : state::filling;
    changed_.notify_all();
}

task<> barrier::abort() {
    auto guard = co_await changed_.lock();
    state_ = state::broken;
    changed_.notify_all();
}

}  // namespace fermata::inline v0
