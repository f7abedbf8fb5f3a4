#pragma once

/// \file
/// The order in which a loop runs what is ready.

#include <fermata/base/intrusive_list.hpp>
#include <fermata/loop/callback.hpp>

#include <cstdint>
#include <memory>

namespace fermata::inline v0 {

/// Chooses what runs in a turn of a loop. An injected object (loop_options::schedule); without one, all that is ready
/// runs, first in, first out, and nothing is called.
class schedule {
public:
    schedule() = default;
    schedule(const schedule&) = delete;
    schedule& operator=(const schedule&) = delete;
    virtual ~schedule() = default;

    /// Called in each turn, while nothing runs. `ready` is in the order in which it became ready, and may be empty; `batch`
    /// is empty. Moves what is to run in this turn, in the order in which it is to run, and at least one if there is one;
    /// what stays in `ready` stands before what becomes ready in the meantime. Must not raise.
    virtual void choose(detail::intrusive_list<detail::callback>& ready,
                        detail::intrusive_list<detail::callback>& batch) = 0;
};

/// A random schedule: whatever is ready may run next, or stay behind for some turns. The same seed gives the same schedule
/// on every platform. Timers still wait for their time. A correct program does not notice: but one that relies on FIFO –
/// that `sleep(0)` lets a new Task start, that who asks first is served first, that call_soon's calls keep their order –
/// fails under it, and is meant to.
std::unique_ptr<schedule> make_seeded_schedule(std::uint64_t seed);

}  // namespace fermata::inline v0
