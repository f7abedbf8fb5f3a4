#pragma once

/// \file
/// Python's `asyncio.Barrier`.

#include <fermata/sync/condition.hpp>
#include <fermata/task/task.hpp>

#include <cstddef>
#include <cstdint>

namespace fermata::inline v0 {

/// Python's `asyncio.BrokenBarrierError`: a barrier was aborted, or reset while tasks waited for it.
class broken_barrier_error : public runtime_error {
public:
    using runtime_error::runtime_error;
};

/// Python's `asyncio.Barrier`: tasks wait until there are `parties` of them, and then all go on. It can be used again:
/// who comes while they go on waits for the next round. Who is cancelled while it waits raises cancelled_error, and does
/// not count any more.
///
/// It must outlive those who wait for it. Not thread-safe.
class barrier {
public:
    /// Raises value_error "parties must be > 0".
    explicit barrier(std::ptrdiff_t parties);
    barrier(const barrier&) = delete;
    barrier& operator=(const barrier&) = delete;

    /// Gives each of the parties another index, from 0 to parties - 1 in the order in which they came. Raises
    /// broken_barrier_error "Barrier aborted" if it is broken, and "Abort or reset of barrier" if that is done while it
    /// waits.
    task<std::size_t> wait();

    /// Back to the beginning, whatever its state; those who wait raise broken_barrier_error.
    task<> reset();
    /// Breaks it: those who wait, and those who come, raise broken_barrier_error.
    task<> abort();

    std::size_t parties() const noexcept { return parties_; }
    /// How many are waiting for others; 0 while they go on.
    std::size_t n_waiting() const noexcept { return state_ == state::filling ? count_ : 0; }
    bool broken() const noexcept { return state_ == state::broken; }

private:
    enum class state : std::uint8_t { filling, draining, resetting, broken };
    struct place;
    void leave();

    condition changed_;
    std::size_t parties_;
    std::size_t count_ = 0;  // those inside
    state state_ = state::filling;
};

}  // namespace fermata::inline v0
