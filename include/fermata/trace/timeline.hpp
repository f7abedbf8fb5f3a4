#pragma once

/// \file
/// Which task ran when, and what it waited for: to be written as a page to look at, or as Chrome trace events.

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fermata::inline v0::trace {

/// Ready: woken, but others run.
enum class activity : unsigned char { runs, ready, waits };

/// A part of a row.
struct part {
    std::chrono::nanoseconds begin{0};
    std::chrono::nanoseconds end{0};
    activity what = activity::runs;
    std::string name = "runs";                     // waits: what for
    std::vector<std::string> stack = {};           // "function(int)\tfile.cpp:12", where it waits, the innermost first
    std::string woken_by = {};                     // the end of waiting
    std::optional<std::size_t> woken_by_row = {};  // if that is a task: an index of the group
    std::optional<std::size_t> awaited_by = {};    // the task that waits for this one: the same
    std::string ends = {};                         // runs: how the task ended, if it did: "returned"
};

/// A moment: "cancelled".
struct mark {
    std::chrono::nanoseconds at{0};
    std::string name;
};

/// Of a task, or of whatever runs and waits. Its parts are in order, and do not overlap.
struct row {
    std::string name;
    std::vector<part> parts = {};
    std::vector<mark> marks = {};
};

struct group {
    std::string name;
    std::vector<row> rows = {};
};

/// All groups are drawn over the same time, which begins at zero.
struct timeline {
    std::string title = "Timeline";
    std::vector<group> groups = {};
    std::size_t dropped = 0;  // events that the recorder had no room for
};

/// A self-contained page, for any browser: a row a task, time across; it needs no network. Text that is not UTF-8 is mended.
std::string to_html(const timeline& of);
/// Chrome trace events, as JSON: https://ui.perfetto.dev and chrome://tracing open them. A group is a process, a row a thread.
std::string to_chrome_trace(const timeline& of);

/// The same, to a file. Raise std::system_error, with the path.
void write_html(const timeline& of, const std::filesystem::path& to);
void write_chrome_trace(const timeline& of, const std::filesystem::path& to);

/// Reads Chrome trace events back, these and others': an object with "traceEvents" or an array; complete events ("X"), pairs
/// ("B", "E"), instants ("i") and names ("M"), others are passed over. Times are counted from the earliest. Raises value_error
/// with what is wrong and where: "trace: event 3: \"ts\" is missing".
timeline read_chrome_trace(std::string_view text);

}  // namespace fermata::inline v0::trace
