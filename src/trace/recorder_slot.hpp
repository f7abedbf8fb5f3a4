#pragma once

// What a recorder keeps of an event.

#include <fermata/trace/recorder.hpp>

#include <cstddef>
#include <cstdint>

namespace fermata::inline v0::trace {

/// An event is one of them, and as many more words behind it as it needs.
union recorder::slot {
    enum class kind : std::uint8_t {
        created,
        woken,
        resumed,
        suspended,
        cancelled,
        finished,
        loop_waits,
        loop_goes_on,
        left
    };

    struct event {
        std::int64_t time;  // nanoseconds
        const void* task;
        const void* other;     // woken, cancelled: by which task; suspended: what for, a text
        std::uint32_t number;  // suspended: of its awaits; created: where its name stands
        kind what;
        std::uint8_t detail;  // a waker, an ending
        std::uint8_t behind;  // slots
    };
    static constexpr std::size_t words_in_one = 4;
    static constexpr std::uint32_t unnamed = UINT32_MAX;  // there was no memory for its name

    event head;
    // created: the place of its coroutine, who created it. suspended: the task waited for, the one that waits for it, the stack.
    const void* words[words_in_one];
};

constexpr std::size_t most_places_kept = 14;

}  // namespace fermata::inline v0::trace
