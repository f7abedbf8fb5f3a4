// A timeline as Chrome trace events. JSON, with its escapes and its broken UTF-8, is the library's affair.

#include <fermata/trace/timeline.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <string>

namespace fermata::inline v0::trace {

namespace {

using ordered_json = nlohmann::ordered_json;

double microseconds(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1000; }

const char* word_for(activity what) noexcept {
    switch (what) {
    case activity::runs: return "runs";
    case activity::ready: return "ready";
    case activity::waits: break;
    }
    return "waits";
}

// A group is a process, and a row a thread. Its number is its place, from 1 on: a thread 0 is nobody's.
struct lane {
    std::size_t pid;
    std::size_t tid;
};

class writing {
public:
    std::string text(const timeline& of) {
        text_ = R"({"displayTimeUnit":"ms","otherData":)";
        append({{"title", of.title}, {"dropped", of.dropped}});
        text_ += R"(,"traceEvents":[)";
        for (std::size_t i = 0; i < of.groups.size(); ++i) write(of.groups[i], i + 1);
        text_ += "\n]}\n";
        return std::move(text_);
    }

private:
    void append(const ordered_json& value) {
        text_ += value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    }
    void event(const ordered_json& value) {
        text_ += is_first_ ? "\n" : ",\n";
        is_first_ = false;
        append(value);
    }
    void name(const char* what, const lane& of, const std::string& name, std::size_t index) {
        const std::string kind = what;
        event({{"ph", "M"}, {"name", kind + "_name"}, {"pid", of.pid}, {"tid", of.tid}, {"args", {{"name", name}}}});
        const ordered_json place = {{"sort_index", index}};
        event({{"ph", "M"}, {"name", kind + "_sort_index"}, {"pid", of.pid}, {"tid", of.tid}, {"args", place}});
    }
    void write(const group& of, std::size_t pid) {
        name("process", {pid, 0}, of.name, pid);
        for (std::size_t i = 0; i < of.rows.size(); ++i) {
            const lane here = {pid, i + 1};
            name("thread", here, of.rows[i].name, i + 1);
            for (const part& each : of.rows[i].parts) write(each, here);
            for (const mark& each : of.rows[i].marks) write(each, here);
        }
    }
    void write(const part& of, const lane& here) {
        ordered_json args = ordered_json::object();
        if (!of.stack.empty()) args["stack"] = of.stack;
        if (of.awaited_by) args["awaited_by"] = *of.awaited_by + 1;
        if (!of.woken_by.empty()) args["woken_by"] = of.woken_by;
        if (of.woken_by_row) args["woken_by_row"] = *of.woken_by_row + 1;
        if (!of.ends.empty()) args["ends"] = of.ends;
        ordered_json made = {{"ph", "X"},
                             {"pid", here.pid},
                             {"tid", here.tid},
                             {"ts", microseconds(of.begin)},
                             {"dur", microseconds(of.end - of.begin)},
                             {"cat", word_for(of.what)},
                             {"name", of.name}};
        if (!args.empty()) made["args"] = std::move(args);
        event(made);
    }
    void write(const mark& of, const lane& here) {
        event({{"ph", "i"},
               {"s", "t"},
               {"pid", here.pid},
               {"tid", here.tid},
               {"ts", microseconds(of.at)},
               {"cat", "mark"},
               {"name", of.name}});
    }

    std::string text_;
    bool is_first_ = true;
};

}  // namespace

std::string to_chrome_trace(const timeline& of) { return writing().text(of); }

}  // namespace fermata::inline v0::trace
