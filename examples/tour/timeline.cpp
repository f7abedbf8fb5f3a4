#include "timeline.hpp"

#include "python.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>

#ifdef FERMATA_EXAMPLE_TRACE
#include <fermata/trace/recorder.hpp>
#endif

namespace tour {

using fermata::trace::part;

namespace {

part run_of(double begin, double end) {
    const auto time = [](double seconds) { return std::chrono::nanoseconds(std::llround(seconds * 1e9)); };
    part made;
    made.begin = time(begin);
    made.end = time(end);
    return made;
}

}  // namespace

double watched_time::time() {
    const double before = time_.last();
    const double after = time_.time();
    row_.parts.push_back(run_of(before, after));
    return after;
}

time_source& watched_loop::of(int number) {
    return coroutines_.try_emplace(number, time_, "coro" + std::to_string(number)).first->second;
}

// Its time begins at zero, as the other group's.
fermata::trace::group watched_loop::group() const {
    fermata::trace::group made{"busy loop"};
    made.rows.push_back({"main loop"});
    part all;
    all.begin = std::chrono::nanoseconds::max();
    for (const auto& [number, each] : coroutines_) {
        made.rows.push_back(each.row());
        all.begin = std::min(all.begin, each.row().parts.front().begin);
        all.end = std::max(all.end, each.row().parts.back().end);
    }
    made.rows.front().parts.push_back(all);
    for (fermata::trace::row& row : made.rows) {
        for (part& each : row.parts) {
            each.begin -= all.begin;
            each.end -= all.begin;
        }
    }
    return made;
}

#ifdef FERMATA_EXAMPLE_TRACE

struct timeline::recorded {
    fermata::trace::recorder recorder;
};

timeline::timeline(time_source& time) : busy_loop_(time), event_loop_(std::make_unique<recorded>()) {}
timeline::~timeline() = default;

fermata::trace::instrument* timeline::event_loop() noexcept { return &event_loop_->recorder; }

void timeline::write(const std::string& path) {
    fermata::trace::timeline seen;
    seen.title = "Two sleepers";
    if (busy_loop_.was_used()) seen.groups.push_back(busy_loop_.group());
    if (event_loop_->recorder.size() > 0) seen.groups.push_back(event_loop_->recorder.group());
    if (seen.groups.empty()) return;
    fermata::trace::write_html(seen, path);
    const std::string events = std::filesystem::path(path).replace_extension(".json").string();
    fermata::trace::write_chrome_trace(seen, events);
    print();
    print("timeline: " + path + " (for a browser; " + events + " for Perfetto)");
}

#else

struct timeline::recorded {};

timeline::timeline(time_source& time) : busy_loop_(time) {}
timeline::~timeline() = default;

fermata::trace::instrument* timeline::event_loop() noexcept { return nullptr; }

void timeline::write(const std::string& /*path*/) {
    std::fputs("tour: no timeline: fermata::trace was not built, which needs nlohmann-json3-dev\n", stderr);
}

#endif

}  // namespace tour
