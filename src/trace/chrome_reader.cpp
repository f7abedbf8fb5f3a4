// Chrome trace events, ours and others', as a timeline. Nothing in them is trusted.

#include <fermata/base/errors.hpp>
#include <fermata/trace/timeline.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fermata::inline v0::trace {

namespace {

using json = nlohmann::json;
using std::chrono::nanoseconds;

// About 29 years, in microseconds: the difference of two such times is no overflow.
constexpr double most_microseconds = 9.2e14;

[[noreturn]] void refuse(const std::string& what) { throw value_error("trace: " + what); }

/// An event, and the texts of what is wrong with it.
class event {
public:
    event(const json& of, std::size_t number) : of_(of), number_(number) {
        if (!of.is_object()) wrong("is no object");
    }

    [[noreturn]] void wrong(const std::string& what) const { refuse("event " + std::to_string(number_) + ": " + what); }

    /// A text, or "" where there is none.
    std::string text(const char* key) const { return text_of(of_, key); }
    std::string name_in_args() const { return text_of(args(), "name"); }
    nanoseconds time(const char* key) const {
        const json* const found = find(of_, key);
        if (!found) wrong(quoted(key) + " is missing");
        if (!found->is_number()) wrong(quoted(key) + " is no number");
        const auto given = found->get<double>();
        if (!std::isfinite(given) || std::abs(given) > most_microseconds) wrong(quoted(key) + " is out of range");
        return nanoseconds(std::llround(given * 1000));
    }
    bool has(const char* key) const { return find(of_, key) != nullptr; }
    /// "pid", "tid": numbers, or texts.
    std::string id(const char* key) const { return id_of(of_, key).value_or(""); }
    std::optional<std::string> id_in_args(const char* key) const { return id_of(args(), key); }
    std::optional<double> number_in_args(const char* key) const {
        const json* const found = find(args(), key);
        return found && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
    }
    std::string text_in_args(const char* key) const { return text_of(args(), key); }
    std::vector<std::string> stack() const {
        std::vector<std::string> frames;
        const json* const found = find(args(), "stack");
        if (!found) return frames;
        if (!found->is_array()) wrong("\"stack\" is no array");
        for (const json& each : *found) {
            if (!each.is_string()) wrong("\"stack\" has something that is no text");
            frames.push_back(each.get<std::string>());
        }
        return frames;
    }

private:
    static std::string quoted(const char* key) { return "\"" + std::string(key) + "\""; }
    static const json* find(const json& in, const char* key) {
        const auto place = in.find(key);
        return place == in.end() ? nullptr : &*place;
    }
    const json& args() const {
        static const json none = json::object();
        const json* const found = find(of_, "args");
        if (found && !found->is_object()) wrong("\"args\" is no object");
        return found ? *found : none;
    }
    std::string text_of(const json& in, const char* key) const {
        const json* const found = find(in, key);
        if (found && !found->is_string()) wrong(quoted(key) + " is no text");
        return found ? found->get<std::string>() : "";
    }
    std::optional<std::string> id_of(const json& in, const char* key) const {
        const json* const found = find(in, key);
        if (!found) return std::nullopt;
        if (!found->is_string() && !found->is_number()) wrong(quoted(key) + " is neither a number nor a text");
        return found->is_string() ? found->get<std::string>() : found->dump();
    }

    const json& of_;
    std::size_t number_;
};

class reading {
public:
    timeline read(std::string_view text) {
        const json whole = parsed(text);
        timeline made;
        const json* events = &whole;
        if (whole.is_object()) {
            const auto place = whole.find("traceEvents");
            if (place == whole.end()) refuse("there are no \"traceEvents\"");
            events = &*place;
            read_other(whole, made);
        }
        if (!events->is_array()) refuse("\"traceEvents\" is no array");
        for (std::size_t i = 0; i < events->size(); ++i) take(event((*events)[i], i));
        for (group_read* each : in_order(groups_)) made.groups.push_back(finished(*each));
        return made;
    }

private:
    struct part_read {
        part what;
        std::size_t came = 0;
        std::optional<std::string> awaited_by;
        std::optional<std::string> woken_by_row;
    };
    struct row_read {
        std::string name;
        double sort = 0;
        std::size_t came = 0;
        std::vector<part_read> parts;
        std::vector<part_read> open;  // begun ("B"), and not ended
        std::vector<mark> marks;
        std::size_t index = 0;
    };
    struct group_read {
        std::string name;
        double sort = 0;
        std::size_t came = 0;
        std::map<std::string, row_read> rows;
    };

    static json parsed(std::string_view text) {
        try {
            json whole = json::parse(text);
            if (!whole.is_object() && !whole.is_array()) refuse("neither an object nor an array");
            return whole;
        } catch (const json::exception& e) {
            refuse("no JSON: " + std::string(e.what()));
        }
    }
    static void read_other(const json& whole, timeline& into) {
        const auto other = whole.find("otherData");
        if (other == whole.end() || !other->is_object()) return;
        if (const auto title = other->find("title"); title != other->end() && title->is_string()) {
            into.title = title->get<std::string>();
        }
        if (const auto n = other->find("dropped"); n != other->end() && n->is_number_unsigned()) {
            into.dropped = n->get<std::size_t>();
        }
    }

    // As they are to be shown; those of one place as they came.
    template <class Each>
    static std::vector<Each*> in_order(std::map<std::string, Each>& of) {
        std::vector<Each*> all;
        all.reserve(of.size());
        for (auto& [id, each] : of) all.push_back(&each);
        std::sort(all.begin(), all.end(), [](const Each* one, const Each* other) {
            return std::pair(one->sort, one->came) < std::pair(other->sort, other->came);
        });
        return all;
    }

    group_read& group_of(const event& e) {
        const std::string id = e.id("pid");
        const auto [place, is_new] = groups_.try_emplace(id);
        if (is_new) {
            place->second.name = id;
            place->second.came = groups_.size();
        }
        return place->second;
    }
    row_read& row_of(const event& e) {
        group_read& of = group_of(e);
        const std::string id = e.id("tid");
        const auto [place, is_new] = of.rows.try_emplace(id);
        if (is_new) {
            place->second.name = id;
            place->second.came = of.rows.size();
        }
        return place->second;
    }

    void take(const event& e) {
        const std::string phase = e.text("ph");
        if (phase == "X") {
            part_read made = part_of(e);
            const nanoseconds length = e.has("dur") ? e.time("dur") : nanoseconds(0);
            if (length < nanoseconds(0)) e.wrong("\"dur\" is negative");
            made.what.end = made.what.begin + length;
            row_of(e).parts.push_back(std::move(made));
        } else if (phase == "B") {
            row_of(e).open.push_back(part_of(e));
        } else if (phase == "E") {
            end_part(e);
        } else if (phase == "i" || phase == "I") {
            row_of(e).marks.push_back({seen(e.time("ts")), e.text("name")});
        } else if (phase == "M") {
            take_name(e);
        } else if (phase.empty()) {
            e.wrong("\"ph\" is missing");
        }
    }
    void end_part(const event& e) {
        row_read& row = row_of(e);
        if (row.open.empty()) e.wrong("ends what has not begun");
        part_read ended = std::move(row.open.back());
        row.open.pop_back();
        ended.what.end = seen(e.time("ts"));
        if (ended.what.end < ended.what.begin) e.wrong("ends before it begins");
        row.parts.push_back(std::move(ended));
    }
    void take_name(const event& e) {
        const std::string what = e.text("name");
        if (what == "process_name") group_of(e).name = e.name_in_args();
        if (what == "process_sort_index") group_of(e).sort = e.number_in_args("sort_index").value_or(0);
        if (what == "thread_name") row_of(e).name = e.name_in_args();
        if (what == "thread_sort_index") row_of(e).sort = e.number_in_args("sort_index").value_or(0);
    }
    part_read part_of(const event& e) {
        part_read made;
        made.came = ++parts_;
        made.what.begin = made.what.end = seen(e.time("ts"));
        const std::string kind = e.text("cat");
        made.what.what = kind == "waits" ? activity::waits : kind == "ready" ? activity::ready : activity::runs;
        made.what.name = e.text("name");
        made.what.stack = e.stack();
        made.what.woken_by = e.text_in_args("woken_by");
        made.what.ends = e.text_in_args("ends");
        made.awaited_by = e.id_in_args("awaited_by");
        made.woken_by_row = e.id_in_args("woken_by_row");
        return made;
    }
    nanoseconds seen(nanoseconds time) {
        earliest_ = std::min(earliest_.value_or(time), time);
        return time;
    }

    group finished(group_read& of) const {
        group made{of.name};
        std::vector<row_read*> rows = in_order(of.rows);
        // Threads that have a name only, of a process that has only that.
        std::erase_if(rows, [](const row_read* each) {
            return each->parts.empty() && each->marks.empty() && each->name.empty();
        });
        for (std::size_t i = 0; i < rows.size(); ++i) rows[i]->index = i;
        for (row_read* each : rows) made.rows.push_back(finished(*each, of));
        return made;
    }
    row finished(row_read& of, const group_read& in) const {
        const auto index_of = [&](const std::optional<std::string>& id) -> std::optional<std::size_t> {
            const auto place = id ? in.rows.find(*id) : in.rows.end();
            return place == in.rows.end() ? std::nullopt : std::optional(place->second.index);
        };
        const nanoseconds zero = earliest_.value_or(nanoseconds(0));
        row made{of.name};
        // Not std::stable_sort: that of g++ 12's library uses what is deprecated, and clang says so.
        std::sort(of.parts.begin(), of.parts.end(), [](const part_read& one, const part_read& other) {
            return std::pair(one.what.begin, one.came) < std::pair(other.what.begin, other.came);
        });
        for (part_read& each : of.parts) {
            each.what.begin -= zero;
            each.what.end -= zero;
            each.what.awaited_by = index_of(each.awaited_by);
            each.what.woken_by_row = index_of(each.woken_by_row);
            made.parts.push_back(std::move(each.what));
        }
        for (mark& each : of.marks) made.marks.push_back({each.at - zero, std::move(each.name)});
        return made;
    }

    std::map<std::string, group_read> groups_;
    std::optional<nanoseconds> earliest_;
    std::size_t parts_ = 0;
};

}  // namespace

timeline read_chrome_trace(std::string_view text) { return reading().read(text); }

}  // namespace fermata::inline v0::trace
