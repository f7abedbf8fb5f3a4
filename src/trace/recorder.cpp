#include <fermata/loop/event_loop.hpp>
#include <fermata/trace/recorder.hpp>

#include "recorder_slot.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <new>
#include <source_location>
#include <span>

namespace fermata::inline v0::trace {

namespace {

constexpr std::size_t slots_of_a_chunk = 4096;

// Where it is written down, in the program's data: a pointer.
const void* word_of(const std::source_location& place) noexcept {
    static_assert(sizeof(std::source_location) == sizeof(const void*));
    return std::bit_cast<const void*>(place);
}

const void* id_of(const task_view* task) noexcept { return task ? task->id() : nullptr; }

}  // namespace

recorder::recorder(const recorder_options& options) : options_(options) {}

recorder::~recorder() = default;

void recorder::clear() noexcept {
    chunks_.clear();
    next_ = end_ = nullptr;
    size_ = dropped_ = 0;
    names_.clear();
}

std::int64_t recorder::now() const noexcept {
    if (options_.loop_time) return loop() ? loop()->time().count() : 0;
    return std::chrono::steady_clock::now().time_since_epoch().count();
}

// Null where there is no room: the event is counted.
recorder::slot* recorder::take(std::size_t slots) noexcept {
    const auto left = static_cast<std::size_t>(end_ - next_);
    if (size_ >= options_.capacity || (left < slots && !add_chunk())) [[unlikely]] {
        ++dropped_;
        return nullptr;
    }
    slot* const taken = next_;
    next_ += slots;
    chunks_.back().used += slots;
    ++size_;
    return taken;
}

bool recorder::add_chunk() noexcept {
    try {
        chunks_.push_back({std::make_unique_for_overwrite<slot[]>(slots_of_a_chunk), 0});
    } catch (const std::bad_alloc&) {
        return false;
    }
    next_ = chunks_.back().slots.get();
    end_ = next_ + slots_of_a_chunk;
    return true;
}

std::uint32_t recorder::keep_name(const task_view& of) noexcept {
    const auto at = static_cast<std::uint32_t>(names_.size());
    try {
        const std::string name = of.name();
        names_.append(name.c_str(), name.size() + 1);
        return at;
    } catch (const std::bad_alloc&) {
        return slot::unnamed;
    }
}

void recorder::task_created(const task_view& task) noexcept {
    slot* const to = take(2);
    if (!to) return;
    to[0].head = {now(), task.id(), nullptr, keep_name(task), slot::kind::created, 0, 1};
    to[1].words[0] = word_of(task.coroutine());
}

void recorder::task_woken(const task_view& task, waker how, const task_view* by) noexcept {
    if (slot* const to = take(1)) {
        to->head = {now(), task.id(), id_of(by), 0, slot::kind::woken, static_cast<std::uint8_t>(how), 0};
    }
}

void recorder::task_resumed(const task_view& task) noexcept {
    if (slot* const to = take(1)) to->head = {now(), task.id(), nullptr, 0, slot::kind::resumed, 0, 0};
}

void recorder::task_suspended(const task_view& task) noexcept {
    std::array<std::source_location, most_places_kept> stack;
    const std::size_t deep = task.stack(stack);
    const std::size_t kept = std::min(deep, stack.size());
    const std::size_t behind = (2 + kept + slot::words_in_one - 1) / slot::words_in_one;
    slot* const to = take(1 + behind);
    if (!to) return;
    const awaited what = task.waits_for();
    to->head = {now(),
                task.id(),
                what.what,
                static_cast<std::uint32_t>(deep),
                slot::kind::suspended,
                0,
                static_cast<std::uint8_t>(behind)};
    to[1].words[0] = what.task;
    to[1].words[1] = task.awaited_by();
    for (std::size_t i = 0; i < kept; ++i) {
        to[1 + (i + 2) / slot::words_in_one].words[(i + 2) % slot::words_in_one] = word_of(stack[i]);
    }
}

void recorder::task_cancelled(const task_view& task, const task_view* by) noexcept {
    if (slot* const to = take(1)) to->head = {now(), task.id(), id_of(by), 0, slot::kind::cancelled, 0, 0};
}

void recorder::task_finished(const task_view& task, ending how) noexcept {
    if (slot* const to = take(1)) {
        to->head = {now(), task.id(), nullptr, 0, slot::kind::finished, static_cast<std::uint8_t>(how), 0};
    }
}

void recorder::note_loop(unsigned char what) noexcept {
    if (slot* const to = take(1)) to->head = {now(), nullptr, nullptr, 0, static_cast<slot::kind>(what), 0, 0};
}
void recorder::loop_waits(event_loop& /*loop*/) noexcept {
    note_loop(static_cast<unsigned char>(slot::kind::loop_waits));
}
void recorder::loop_goes_on(event_loop& /*loop*/) noexcept {
    note_loop(static_cast<unsigned char>(slot::kind::loop_goes_on));
}
void recorder::attached(event_loop& loop) noexcept { loop_goes_on(loop); }
void recorder::detached(event_loop& /*loop*/) noexcept { note_loop(static_cast<unsigned char>(slot::kind::left)); }

}  // namespace fermata::inline v0::trace
