#include "timeline.hpp"

#include "python.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#ifdef FERMATA_EXAMPLE_TRACE
#include <fermata/trace/recorder.hpp>
#endif

namespace tour {

namespace trace = fermata::trace;

void watched_time::add(seconds of) {
    const auto time = [](double s) { return std::chrono::nanoseconds(std::llround(s * 1e9)); };
    trace::part made;
    made.begin = time(of.begin);
    made.end = time(of.end);
    row_.parts.push_back(std::move(made));
}

void timeline::add_busy_loop(watched_time&& one, watched_time&& other) {
    trace::group made{"busy loop"};
    made.rows = {{"main loop"}, std::move(one).row(), std::move(other).row()};
    std::chrono::nanoseconds begin = std::chrono::nanoseconds::max();
    trace::part whole;
    for (const trace::row& each : made.rows) {
        if (each.parts.empty()) continue;
        begin = std::min(begin, each.parts.front().begin);
        whole.end = std::max(whole.end, each.parts.back().end);
    }
    whole.begin = begin;
    made.rows.front().parts.push_back(whole);
    // As the other group's, its time begins at zero.
    for (trace::row& row : made.rows) {
        for (trace::part& each : row.parts) {
            each.begin -= begin;
            each.end -= begin;
        }
    }
    busy_loop_ = std::move(made);
}

#ifdef FERMATA_EXAMPLE_TRACE

struct timeline::recorded {
    trace::recorder recorder;
};

timeline::timeline() : event_loop_(std::make_unique<recorded>()) {}
timeline::~timeline() = default;

trace::instrument* timeline::event_loop() noexcept { return &event_loop_->recorder; }

void timeline::write(const std::string& path) {
    trace::timeline seen;
    seen.title = "Two sleepers";
    if (busy_loop_) seen.groups.push_back(*std::move(busy_loop_));
    if (event_loop_->recorder.size() > 0) seen.groups.push_back(event_loop_->recorder.group());
    if (seen.groups.empty()) return;
    trace::write_html(seen, path);
    const std::string events = std::filesystem::path(path).replace_extension(".json").string();
    trace::write_chrome_trace(seen, events);
    print();
    print("timeline: " + path + " (for a browser; " + events + " for Perfetto)");
}

#else

struct timeline::recorded {};

timeline::timeline() = default;
timeline::~timeline() = default;

trace::instrument* timeline::event_loop() noexcept { return nullptr; }

void timeline::write(const std::string& /*path*/) {
    std::fputs("tour: no timeline: fermata::trace was not built, which needs nlohmann-json3-dev\n", stderr);
}

#endif

}  // namespace tour
