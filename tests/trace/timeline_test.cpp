#include <fermata/base/errors.hpp>
#include <fermata/trace/timeline.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <system_error>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

trace::timeline small() {
    trace::timeline made;
    made.title = "A \"title\" </script>";
    made.dropped = 3;
    trace::part waiting;
    waiting.begin = 0ns;
    waiting.end = 1500ns;
    waiting.what = trace::activity::waits;
    waiting.name = "sleep";
    waiting.stack = {"inner()\ta.cpp:1", "outer()\ta.cpp:2"};
    waiting.awaited_by = 0;
    waiting.woken_by = "main";
    waiting.woken_by_row = 0;
    trace::part running;
    running.begin = 1500ns;
    running.end = 2ms;
    running.ends = "returned";
    trace::row main{"main"};
    trace::row child{"child"};
    child.parts = {waiting, running};
    child.marks = {{1us, "cancelled"}};
    trace::group group{"event loop"};
    group.rows = {main, child};
    made.groups = {group, {"another", {}}};
    return made;
}

std::string error_of(std::string_view json) {
    try {
        trace::read_chrome_trace(json);
    } catch (const value_error& e) {
        return e.what();
    }
    return "none";
}

}  // namespace

TEST(timeline, written_as_chrome_trace_events_and_read_back_is_the_same) {
    const trace::timeline before = small();
    const trace::timeline after = trace::read_chrome_trace(trace::to_chrome_trace(before));
    EXPECT_EQ(after.title, before.title);
    EXPECT_EQ(after.dropped, 3U);
    ASSERT_EQ(after.groups.size(), 2U);
    EXPECT_EQ(after.groups[1].name, "another");
    ASSERT_EQ(after.groups[0].rows.size(), 2U);
    EXPECT_EQ(after.groups[0].rows[0].name, "main");
    const trace::row& child = after.groups[0].rows[1];
    ASSERT_EQ(child.parts.size(), 2U);
    EXPECT_EQ(child.parts[0].name, "sleep");
    EXPECT_EQ(child.parts[0].what, trace::activity::waits);
    EXPECT_EQ(child.parts[0].begin, 0ns);
    EXPECT_EQ(child.parts[0].end, 1500ns);
    EXPECT_EQ(child.parts[0].stack, before.groups[0].rows[1].parts[0].stack);
    EXPECT_EQ(child.parts[0].awaited_by, 0U);
    EXPECT_EQ(child.parts[0].woken_by, "main");
    EXPECT_EQ(child.parts[0].woken_by_row, 0U);
    EXPECT_EQ(child.parts[1].what, trace::activity::runs);
    EXPECT_EQ(child.parts[1].end, 2ms);
    EXPECT_EQ(child.parts[1].ends, "returned");
    ASSERT_EQ(child.marks.size(), 1U);
    EXPECT_EQ(child.marks[0].at, 1us);
    EXPECT_EQ(child.marks[0].name, "cancelled");
}

TEST(timeline, keeps_the_order_of_more_than_ten_rows) {
    trace::timeline made;
    made.groups.push_back({"g"});
    for (int i = 0; i < 12; ++i) made.groups[0].rows.push_back({std::to_string(i)});
    const trace::timeline after = trace::read_chrome_trace(trace::to_chrome_trace(made));
    ASSERT_EQ(after.groups[0].rows.size(), 12U);
    for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(after.groups[0].rows[i].name, std::to_string(i));
}

TEST(timeline, text_that_is_not_utf_8_is_mended) {
    trace::timeline made;
    made.title = "bad \xff end";
    EXPECT_EQ(trace::read_chrome_trace(trace::to_chrome_trace(made)).title, "bad \xef\xbf\xbd end");
}

TEST(timeline, of_others_is_read_too) {
    const trace::timeline read = trace::read_chrome_trace(R"([
        {"ph": "B", "pid": "p", "tid": 7, "ts": 100.5, "name": "outer"},
        {"ph": "B", "pid": "p", "tid": 7, "ts": 101, "name": "inner"},
        {"ph": "E", "pid": "p", "tid": 7, "ts": 102},
        {"ph": "E", "pid": "p", "tid": 7, "ts": 103},
        {"ph": "C", "pid": "p", "name": "a counter", "args": {"n": 1}}
    ])");
    ASSERT_EQ(read.groups.size(), 1U);
    EXPECT_EQ(read.groups[0].name, "p");
    ASSERT_EQ(read.groups[0].rows.size(), 1U);
    const auto& parts = read.groups[0].rows[0].parts;
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].name, "outer");
    EXPECT_EQ(parts[0].begin, 0ns);
    EXPECT_EQ(parts[0].end, 2500ns);
    EXPECT_EQ(parts[1].begin, 500ns);
}

TEST(timeline, what_is_wrong_in_events_is_told_and_where) {
    EXPECT_EQ(error_of("7"), "trace: neither an object nor an array");
    EXPECT_EQ(error_of("{}"), "trace: there are no \"traceEvents\"");
    EXPECT_EQ(error_of(R"({"traceEvents": 1})"), "trace: \"traceEvents\" is no array");
    EXPECT_EQ(error_of("[1]"), "trace: event 0: is no object");
    EXPECT_EQ(error_of("[{}]"), "trace: event 0: \"ph\" is missing");
    EXPECT_EQ(error_of(R"([{"ph": 1}])"), "trace: event 0: \"ph\" is no text");
    EXPECT_EQ(error_of(R"([{"ph": "M"}, {"ph": "X"}])"), "trace: event 1: \"ts\" is missing");
    EXPECT_EQ(error_of(R"([{"ph": "X", "ts": "1"}])"), "trace: event 0: \"ts\" is no number");
    EXPECT_EQ(error_of(R"([{"ph": "X", "ts": 1e300}])"), "trace: event 0: \"ts\" is out of range");
    EXPECT_EQ(error_of(R"([{"ph": "X", "ts": 1, "dur": -1}])"), "trace: event 0: \"dur\" is negative");
    EXPECT_EQ(error_of(R"([{"ph": "X", "ts": 1, "pid": []}])"),
              "trace: event 0: \"pid\" is neither a number nor a text");
    EXPECT_EQ(error_of(R"([{"ph": "X", "ts": 1, "args": 3}])"), "trace: event 0: \"args\" is no object");
    EXPECT_EQ(error_of(R"([{"ph": "X", "ts": 1, "args": {"stack": [1]}}])"),
              "trace: event 0: \"stack\" has something that is no text");
    EXPECT_EQ(error_of(R"([{"ph": "E", "ts": 1}])"), "trace: event 0: ends what has not begun");
    EXPECT_EQ(error_of(R"([{"ph": "B", "ts": 2}, {"ph": "E", "ts": 1}])"), "trace: event 1: ends before it begins");
}

TEST(timeline, what_is_no_json_is_refused_with_the_place) {
    const std::string error = error_of("[1, 2\n,,]");
    EXPECT_TRUE(error.starts_with("trace: no JSON: ")) << error;
    EXPECT_NE(error.find("line 2, column 2"), std::string::npos) << error;
    EXPECT_TRUE(error_of("").starts_with("trace: no JSON: "));
    EXPECT_TRUE(error_of(std::string(100'000, '[')).starts_with("trace: no JSON: "));
}

TEST(timeline, as_a_page_asks_for_nothing_and_its_data_cannot_end_the_script) {
    const std::string page = trace::to_html(small());
    EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
    EXPECT_NE(page.find(R"(A \"title\" \u003c/script>)"), std::string::npos);
    EXPECT_EQ(page.find("http://"), std::string::npos);
    EXPECT_EQ(page.find("https://"), std::string::npos);
    EXPECT_EQ(page.find("%DATA%"), std::string::npos);
    EXPECT_NE(page.find("Content-Security-Policy"), std::string::npos);
}

TEST(timeline, that_cannot_be_written_says_where) {
    try {
        trace::write_html(small(), "/nowhere/at/all.html");
        FAIL();
    } catch (const std::system_error& e) {
        EXPECT_EQ(e.code(), std::errc::no_such_file_or_directory);
        EXPECT_TRUE(std::string(e.what()).starts_with("trace: /nowhere/at/all.html")) << e.what();
    }
    // What is small fails as the file is closed, what is large as it is written.
    EXPECT_THROW(trace::write_chrome_trace(small(), "/dev/full"), std::system_error);
    EXPECT_THROW(trace::write_html(small(), "/dev/full"), std::system_error);
}
