#pragma once

/// \file
/// Records what tasks do.

#include <fermata/trace/instrument.hpp>
#include <fermata/trace/timeline.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace fermata::inline v0::trace {

struct recorder_options {
    std::size_t capacity =
        1'000'000;           // events; of what comes later only the number is kept. An event takes 32 to 128 bytes
    bool loop_time = false;  // by the loop's clock, as for a run on virtual time; a step takes no time on it
};

/// An instrument that notes each thing it is told, in memory: which task ran when, what it waited for and where, what woke it.
/// It allocates a chunk of 128 KiB for thousands of events.
///
///     fermata::trace::recorder recorder;
///     fermata::run(program(), {.instrument = &recorder});
///     fermata::trace::write_html(recorder.timeline(), "timeline.html");
///
/// To record a part of a run: loop.set_instrument(&recorder), and with nullptr to stop. It may be of one loop after the other;
/// time goes on. A class that derives from it and overrides hooks calls those of this class too. To be used on the loop's
/// thread.
class recorder : public instrument {
public:
    explicit recorder(const recorder_options& options = {});
    ~recorder() override;

    /// The events that it has, and those that it had no room for.
    std::size_t size() const noexcept { return size_; }
    std::size_t dropped() const noexcept { return dropped_; }
    void clear() noexcept;

    /// As rows: the loop, then the tasks, in the order in which they were created. Time is counted from the first event.
    trace::group group(std::string name = "event loop") const;
    trace::timeline timeline(std::string title = "Timeline") const;

    void task_created(const task_view& task) noexcept override;
    void task_woken(const task_view& task, waker how, const task_view* by) noexcept override;
    void task_resumed(const task_view& task) noexcept override;
    void task_suspended(const task_view& task) noexcept override;
    void task_cancelled(const task_view& task, const task_view* by) noexcept override;
    void task_finished(const task_view& task, ending how) noexcept override;
    void loop_waits(event_loop& loop) noexcept override;
    void loop_goes_on(event_loop& loop) noexcept override;
    void attached(event_loop& loop) noexcept override;
    void detached(event_loop& loop) noexcept override;

private:
    union slot;
    struct chunk {
        std::unique_ptr<slot[]> slots;
        std::size_t used;
    };
    class rows;

    slot* take(std::size_t slots) noexcept;
    bool add_chunk() noexcept;
    void note_loop(unsigned char what) noexcept;
    std::int64_t now() const noexcept;
    std::uint32_t keep_name(const task_view& of) noexcept;

    recorder_options options_;
    std::vector<chunk> chunks_;
    slot* next_ = nullptr;
    slot* end_ = nullptr;
    std::size_t size_ = 0;
    std::size_t dropped_ = 0;
    std::string names_;  // one behind the other, each with a zero at its end
};

}  // namespace fermata::inline v0::trace
