// Writes the pages that page_test.py looks at: `timeline_pages DIRECTORY`.

#include <fermata/trace/timeline.hpp>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>

namespace {

using namespace std::chrono_literals;
namespace trace = fermata::trace;

trace::part part(std::chrono::nanoseconds begin, std::chrono::nanoseconds end, trace::activity what,
                 const char* name = "runs") {
    trace::part made;
    made.begin = begin;
    made.end = end;
    made.what = what;
    made.name = name;
    return made;
}

// main awaits fetch, which sleeps; a task of a difficult name runs beside it.
trace::group tasks() {
    using enum trace::activity;
    trace::row main{"Task-1 main()"};
    main.parts.push_back(part(0ms, 1ms, runs));
    main.parts.push_back(part(1ms, 9ms, waits, "Task-2 fetch(int)"));
    main.parts.back().stack = {"main()\tmain.cpp:30"};
    main.parts.push_back(part(9ms, 10ms, runs));
    main.parts.back().woken_by = "Task-2 fetch(int)";
    main.parts.back().woken_by_row = 2;
    main.parts.back().ends = "returned";
    trace::row fetch{"Task-2 fetch(int)"};
    fetch.parts.push_back(part(1ms, 2ms, runs));
    fetch.parts.push_back(part(2ms, 8ms, waits, "sleep"));
    fetch.parts.back().stack = {"read(int)\tfetch.cpp:12", "fetch(int)\tfetch.cpp:20"};
    fetch.parts.back().awaited_by = 1;
    fetch.parts.back().woken_by = "its timer";
    fetch.parts.push_back(part(8ms, 9ms, runs));
    trace::row other{"</script><b>\"Ünïcode\"</b>"};
    other.parts.push_back(part(2ms, 3ms, ready, "ready"));
    other.parts.push_back(part(3ms, 5ms, runs));
    other.marks.push_back({4ms, "cancelled"});
    trace::row loop{"loop"};
    loop.parts.push_back(part(0ms, 5ms, runs));
    loop.parts.push_back(part(5ms, 8ms, waits, "what comes next"));
    loop.parts.push_back(part(8ms, 10ms, runs));
    trace::group made{"event loop"};
    made.rows = {loop, main, fetch, other};
    return made;
}

trace::timeline two_groups() {
    trace::row busy{"coro1"};
    busy.parts.push_back(part(0ms, 10ms, trace::activity::runs));
    trace::timeline made;
    made.title = "Two <groups>";
    made.groups.push_back({"busy loop"});
    made.groups.back().rows.push_back(busy);
    made.groups.push_back(tasks());
    made.dropped = 7;
    return made;
}

// A thousand tasks of a hundred parts each.
trace::timeline many() {
    trace::timeline made;
    made.title = "Many";
    made.groups.push_back({"event loop"});
    for (int task = 0; task < 1000; ++task) {
        trace::row row{"Task-" + std::to_string(task + 1)};
        std::chrono::nanoseconds now = task * 1us;
        for (int i = 0; i < 50; ++i) {
            row.parts.push_back(part(now, now + 10us, trace::activity::runs));
            row.parts.push_back(part(now + 10us, now + 1ms, trace::activity::waits, "sleep"));
            now += 1ms;
        }
        made.groups.back().rows.push_back(row);
    }
    return made;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::filesystem::path to = argc == 2 ? argv[1] : ".";
        trace::write_html(two_groups(), to / "groups.html");
        trace::write_html(many(), to / "many.html");
        trace::write_html(trace::timeline(), to / "empty.html");
    } catch (const std::exception& e) {
        std::fprintf(stderr, "timeline_pages: %s\n", e.what());
        return 1;
    }
}
