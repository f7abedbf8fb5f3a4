// What a recorder has recorded, as rows.

#include <fermata/trace/recorder.hpp>

#include "recorder_slot.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <source_location>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace fermata::inline v0::trace {

namespace {

using std::chrono::nanoseconds;

constexpr std::string_view own_namespace = "fermata::";
constexpr const char* a_task = "a task";  // whose name is not known

std::string without_namespace(std::string_view name) {
    if (name.starts_with(own_namespace)) name.remove_prefix(own_namespace.size());
    return std::string(name);
}

// "sleep", of "tour::sleep(double, int)": a row is to be told from the others in little room. Of what is more complicated, a
// lambda or a member, all.
std::string short_name(const std::source_location& of) {
    std::string whole = function_of(of);
    const std::string_view name = std::string_view(whole).substr(0, whole.find('('));
    if (whole.find('(', name.size() + 1) != std::string::npos || name.find_first_of("<{") != std::string::npos)
        return whole;
    return std::string(name.substr(name.rfind(':') + 1));
}

const char* text_of(ending how) noexcept {
    switch (how) {
    case ending::returned: return "returned";
    case ending::raised: return "raised an exception";
    case ending::cancelled: return "was cancelled";
    case ending::abandoned: break;
    }
    return "was left when its loop was closed";
}

}  // namespace

/// Plays the events again: each ends a part of its task's row, and begins the next.
class recorder::rows {
public:
    explicit rows(const recorder& of) : of_(of) { lines_.emplace_back(); }

    std::vector<row> build() {
        lines_.front().out.name = "loop";
        for (const chunk& each : of_.chunks_) {
            for (std::size_t i = 0; i < each.used; i += 1U + each.slots[i].head.behind) apply(&each.slots[i]);
        }
        std::vector<row> built;
        for (line& each : lines_) {
            close(each);
            built.push_back(std::move(each.out));
        }
        return built;
    }

private:
    using kind = slot::kind;
    enum class state : unsigned char { none, ready, runs, waits };

    struct wake {
        std::string by;
        std::optional<std::size_t> row;
    };
    struct line {
        row out = {};
        state now = state::none;
        part open = {};
        std::optional<wake> woken = {};  // while it runs
    };

    void apply(const slot* at) {
        const slot::event& e = at->head;
        if (!began_) begin_ = e.time;
        began_ = true;
        time_ = nanoseconds(e.time - begin_);
        switch (e.what) {
        case kind::created: return created(at);
        case kind::woken: return woken(e);
        case kind::resumed: return resumed(line_of(e.task));
        case kind::suspended: return suspended(at);
        case kind::cancelled: return cancelled(e);
        case kind::finished: return finished(e);
        case kind::loop_waits: return loop(state::waits);
        case kind::loop_goes_on: return loop(state::runs);
        case kind::left: return close(lines_.front());
        }
    }

    std::size_t index_of(const void* task) {
        const auto [place, is_new] = indices_.try_emplace(task, lines_.size());
        // It was created before there was a recorder.
        if (is_new) lines_.emplace_back().out.name = a_task;
        return place->second;
    }
    line& line_of(const void* task) { return lines_[index_of(task)]; }
    std::optional<std::size_t> known(const void* task) const {
        const auto place = indices_.find(task);
        return place == indices_.end() ? std::nullopt : std::optional(place->second);
    }

    const std::string& place_at(const void* word) {
        std::string& text = places_[word];
        if (text.empty()) {
            const auto at = std::bit_cast<std::source_location>(word);
            text = function_of(at) + "\t" + place_of(at);
        }
        return text;
    }
    const std::string& function_at(const void* word) {
        std::string& text = functions_[word];
        if (text.empty()) text = short_name(std::bit_cast<std::source_location>(word));
        return text;
    }

    void created(const slot* at) {
        indices_[at->head.task] = lines_.size();
        line& made = lines_.emplace_back();
        made.out.name = at->head.number == slot::unnamed ? a_task : of_.names_.c_str() + at->head.number;
        made.out.name += " " + function_at(at[1].words[0]);
    }

    wake waker_of(const slot::event& e) {
        if (e.other == e.task) return {"itself", std::nullopt};
        if (const auto by = known(e.other)) return {lines_[*by].out.name, by};
        if (static_cast<waker>(e.detail) == waker::timer) return {"its timer", std::nullopt};
        return {loop_waits_ ? "I/O or a thread" : "a callback of the loop", std::nullopt};
    }
    void woken(const slot::event& e) {
        line& of = line_of(e.task);
        wake by = waker_of(e);
        if (of.now == state::runs) {
            of.woken = std::move(by);
        } else if (of.now != state::ready) {
            of.open.woken_by = by.by;
            of.open.woken_by_row = by.row;
            begin_ready(of, std::move(by));
        }
    }
    void begin_ready(line& of, wake by) {
        std::vector<std::string> stack = of.open.stack;
        const auto awaited_by = of.open.awaited_by;
        begin(of, state::ready, "ready");
        of.open.woken_by = std::move(by.by);
        of.open.woken_by_row = by.row;
        of.open.stack = std::move(stack);
        of.open.awaited_by = awaited_by;
    }
    void resumed(line& of) {
        part before = of.open;
        begin(of, state::runs, "runs");
        of.woken.reset();
        of.open.woken_by = std::move(before.woken_by);
        of.open.woken_by_row = before.woken_by_row;
        of.open.stack = std::move(before.stack);
        of.open.awaited_by = before.awaited_by;
    }
    void suspended(const slot* at) {
        line& of = line_of(at->head.task);
        std::string what = without_namespace(static_cast<const char*>(at->head.other));
        if (const auto task = known(at[1].words[0])) what = lines_[*task].out.name;
        begin(of, state::waits, std::move(what));
        of.open.stack = stack_of(at);
        of.open.awaited_by = known(at[1].words[1]);
        if (of.woken) begin_ready(of, *std::exchange(of.woken, std::nullopt));
    }
    std::vector<std::string> stack_of(const slot* at) {
        std::vector<std::string> stack;
        const std::size_t deep = at->head.number;
        for (std::size_t i = 2; i < 2 + std::min(deep, most_places_kept); ++i) {
            stack.push_back(place_at(at[1 + i / slot::words_in_one].words[i % slot::words_in_one]));
        }
        if (deep > most_places_kept) stack.push_back("… and " + std::to_string(deep - most_places_kept) + " more");
        return stack;
    }
    void cancelled(const slot::event& e) {
        const auto by = known(e.other);
        line_of(e.task).out.marks.push_back({time_, by ? "cancelled by " + lines_[*by].out.name : "cancelled"});
    }
    void finished(const slot::event& e) {
        line& of = line_of(e.task);
        of.open.ends = text_of(static_cast<ending>(e.detail));
        close(of);
        indices_.erase(e.task);
    }
    void loop(state next) {
        loop_waits_ = next == state::waits;
        line& of = lines_.front();
        begin(of, next, next == state::waits ? "what comes next" : "runs");
    }

    // A part that took no time and was waiting for nothing is none.
    void close(line& of) {
        if (of.now != state::none) {
            of.open.end = time_;
            const bool is_nothing = of.now != state::runs && of.open.end == of.open.begin;
            if (!is_nothing) of.out.parts.push_back(std::move(of.open));
        }
        of.now = state::none;
        of.open = part();
    }
    void begin(line& of, state next, std::string name) {
        close(of);
        of.now = next;
        of.open.begin = of.open.end = time_;
        of.open.what = next == state::runs ? activity::runs : next == state::ready ? activity::ready : activity::waits;
        of.open.name = std::move(name);
    }

    const recorder& of_;
    std::vector<line> lines_;
    std::unordered_map<const void*, std::size_t> indices_;
    std::map<const void*, std::string> places_;
    std::map<const void*, std::string> functions_;
    std::int64_t begin_ = 0;
    bool began_ = false;
    bool loop_waits_ = false;
    nanoseconds time_{0};
};

trace::group recorder::group(std::string name) const {
    rows playing(*this);
    return {std::move(name), playing.build()};
}

trace::timeline recorder::timeline(std::string title) const {
    trace::timeline made;
    made.title = std::move(title);
    made.groups.push_back(group());
    made.dropped = dropped_;
    return made;
}

}  // namespace fermata::inline v0::trace
