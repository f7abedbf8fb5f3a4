// The form is that of Python 3.14's print_call_graph.

#include "recorder.hpp"

#include <fermata/async.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::lines;
using tests::recorder;
using tests::said_by;

/// What stands between `begin` and the first that is none of `part`, or the last of them, becomes `by`.
void replace_each(std::string& text, const std::string& begin, const std::string& part, const std::string& by) {
    for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at + by.size())) {
        const std::size_t end = std::min(text.find_first_not_of(part, at + begin.size()), text.size());
        text.replace(at, end - at, by);
    }
}

/// The lines, with "id" for what is an address, "…" for parameters of our types, and files without their directories.
lines lines_of(std::string text) {
    const std::string letters = "abcdefghijklmnopqrstuvwxyz_:<>";
    replace_each(text, "0x", "0123456789abcdef", "id");
    replace_each(text, "(fermata::", letters, "(…");
    for (std::size_t at = text.find("File '"); at != std::string::npos; at = text.find("File '", at + 1)) {
        const std::size_t name = text.rfind('/', text.find('\'', at + 6));
        text.erase(at + 6, name + 1 - (at + 6));
    }
    std::istringstream in(text);
    lines all;
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
}

lines shown(const any_future& of) { return lines_of(format_call_graph(capture_call_graph(of))); }

// The lines in which these await: the tests name them.
// clang-format off
constexpr unsigned innermost_line = __LINE__ + 1;
task<int> innermost(int n) { co_await sleep(1s); co_return n; }
constexpr unsigned middle_line = __LINE__ + 1;
task<int> middle(const std::string&) { co_return co_await innermost(1); }
constexpr unsigned outer_line = __LINE__ + 1;
task<> outer() { co_await middle("text"); }
// clang-format on

std::string in_line(unsigned line, const std::string& function) {
    return "  |   File 'call_graph_test.cpp', line " + std::to_string(line) + ", in " + function;
}

// The awaited coroutine has run within the one that awaits it.
TEST(call_graph, of_the_running_task_begins_with_who_goes_on_where_another_has_ended) {
    said_by([](recorder&) -> task<> {
        const auto depth = []() -> task<std::size_t> { co_return capture_call_graph().call_stack.size(); };
        const std::size_t within = co_await depth();
        EXPECT_EQ(within, 2U);
        EXPECT_EQ(capture_call_graph().call_stack.size(), 1U);
    });
}

TEST(call_graph, shows_the_chain_of_awaits_of_a_suspended_task) {
    said_by([](recorder&) -> task<> {
        auto t = create_task(outer(), {.name = "t"});
        co_await sleep(1ms);
        const call_graph graph = capture_call_graph(t);
        EXPECT_EQ(graph.future, t);
        EXPECT_EQ(graph.call_stack.size(), 3U);
        EXPECT_EQ(graph.call_stack.at(0).line, innermost_line);
        EXPECT_EQ(graph.call_stack.at(0).function, "innermost(int)");
        EXPECT_EQ(graph.call_stack.at(1).line, middle_line);
        EXPECT_EQ(graph.call_stack.at(2).line, outer_line);
        EXPECT_TRUE(std::string(graph.call_stack.at(2).file).ends_with("tests/task/call_graph_test.cpp"));
        EXPECT_TRUE(graph.awaited_by.empty());
        co_await t;
        EXPECT_TRUE(capture_call_graph(t).call_stack.empty());
    });
}

TEST(call_graph, shows_where_a_task_that_has_not_started_begins) {
    said_by([](recorder&) -> task<> {
        auto t = create_task(outer());
        const call_graph graph = capture_call_graph(t);
        EXPECT_EQ(graph.call_stack.size(), 1U);
        EXPECT_EQ(graph.call_stack.at(0).function, "outer()");
        EXPECT_EQ(graph.call_stack.at(0).line, outer_line);
        t.cancel();
        co_return;
    });
}

}  // namespace

// Outside of the anonymous namespace, whose name compilers write differently.
// clang-format off
constexpr unsigned slow_line = __LINE__ + 1;
fermata::task<> slow() { co_await fermata::sleep(std::chrono::seconds(1)); }
constexpr unsigned waits_for_line = __LINE__ + 1;
fermata::task<> waits_for(fermata::task_handle<> what) { co_await what; }
// clang-format on
template <class Awaitable>
fermata::task<> gathers(Awaitable what) {
    co_await gather(what, what);
}
fermata::task<> shields(fermata::task_handle<> what) { co_await shield(what); }

namespace {

TEST(call_graph, shows_who_awaits_a_task) {
    said_by([](recorder&) -> task<> {
        auto t = create_task(slow(), {.name = "slow"});
        auto first = create_task(waits_for(t), {.name = "first"});
        auto second = create_task(waits_for(first), {.name = "second"});
        co_await sleep(1ms);
        EXPECT_EQ(shown(t), (lines{"* Task(name='slow', id=id)", "  + Call stack:", in_line(slow_line, "slow()"),
                                   "  + Awaited by:", "    * Task(name='first', id=id)",
                                   "      + Call stack:", "    " + in_line(waits_for_line, "waits_for(…)"),
                                   "      + Awaited by:", "        * Task(name='second', id=id)",
                                   "          + Call stack:", "        " + in_line(waits_for_line, "waits_for(…)")}));
        co_await second;
    });
}

std::vector<std::string> awaiting_names(const any_future& of) {
    std::vector<std::string> names;
    for (const call_graph& each : capture_call_graph(of).awaited_by) {
        const std::string text = format_call_graph(each);
        names.push_back(text.substr(0, text.find(',')));
    }
    return names;
}

TEST(call_graph, looks_through_what_lies_between) {
    said_by([](recorder&) -> task<> {
        auto t = create_task(slow(), {.name = "slow"});
        auto a = create_task(gathers(t), {.name = "a"});
        auto b = create_task(shields(t), {.name = "b"});
        const auto in_wait = [&]() -> task<> {
            const std::vector all{t};
            co_await wait(all);
        };
        auto c = create_task(in_wait(), {.name = "c"});
        const auto in_group = [&](task_group& group) -> task<> {
            auto child = group.create_task(waits_for(t), {.name = "child"});
            co_await sleep(1ms);
            EXPECT_EQ(awaiting_names(child), (std::vector<std::string>{"* Task(name='d'"}));
        };
        const auto groups = [&]() -> task<> { co_await with(task_group(), in_group); };
        auto d = create_task(groups(), {.name = "d"});
        const auto lingers = []() -> task<> {
            try {
                co_await sleep(1s);
            } catch (const cancelled_error&) {  // NOLINT(bugprone-empty-catch): swallowed
            }
            co_await sleep(3ms);
        };
        auto lingering = create_task(lingers(), {.name = "lingering"});
        const auto in_wait_for = [&]() -> task<> {
            co_await sleep(0s);
            co_await wait_for(lingering, 0s);
        };
        auto e = create_task(in_wait_for(), {.name = "e"});
        co_await sleep(2ms);
        const auto names = awaiting_names(t);
        EXPECT_EQ(names, (std::vector<std::string>{"* Task(name='a'", "* Task(name='b'", "* Task(name='c'",
                                                   "* Task(name='child'"}));
        EXPECT_EQ(awaiting_names(lingering), (std::vector<std::string>{"* Task(name='e'"}));
        co_await gather(a, b, c, d, e);
    });
}

TEST(call_graph, shows_a_circle_once) {
    said_by([](recorder&) -> task<> {
        task_handle<> one;
        auto turns = [&]() -> task<> {
            co_await sleep(1ms);
            co_await one;
        };
        auto two = create_task(turns(), {.name = "two"});
        one = create_task(waits_for(two), {.name = "one"});
        co_await sleep(2ms);
        EXPECT_EQ(awaiting_names(two), (std::vector<std::string>{"* Task(name='one'"}));
        const call_graph graph = capture_call_graph(two);
        EXPECT_TRUE(graph.awaited_by.at(0).awaited_by.empty());
        one.cancel();
        two.cancel();
    });
}

TEST(call_graph, shows_the_running_task_where_it_is) {
    said_by([](recorder&) -> task<> {
        unsigned line = 0;
        auto shows = [&]() -> task<> {
            line = __LINE__ + 1;
            const call_graph graph = capture_call_graph();
            EXPECT_EQ(graph.future, current_task());
            EXPECT_EQ(graph.call_stack.size(), 2U);
            EXPECT_EQ(graph.call_stack.at(0).line, line);
            co_return;
        };
        co_await shows();
    });
    EXPECT_THROW(capture_call_graph(), runtime_error);
}

TEST(call_graph, is_a_future_s_too) {
    said_by([](recorder&) -> task<> {
        auto f = create_future<>();
        const auto waits = [&]() -> task<> { co_await f; };
        auto t = create_task(waits(), {.name = "t"});
        co_await sleep(0s);
        EXPECT_EQ(shown(f).at(0), "* Future(id=id)");
        EXPECT_EQ(shown(f).at(1), "  + Awaited by:");
        EXPECT_EQ(awaiting_names(f), (std::vector<std::string>{"* Task(name='t'"}));
        f.set_result();
        co_await t;
    });
}

TEST(call_graph, is_told_when_nothing_can_go_on) {
    const auto stuck = []() -> task<> { co_await create_future<>(); };
    const auto program = [&]() -> task<> {
        auto t = create_task(stuck(), {.name = "stuck"});
        co_await t;
    };
    try {
        run(program(), {.virtual_time = true});
        ADD_FAILURE();
    } catch (const deadlock_error& e) {
        const lines said = lines_of(e.what());
        EXPECT_EQ(said.at(0),
                  "the event loop has nothing left to run or to wait for, and was not stopped; waiting are:");
        EXPECT_EQ(said.at(4).substr(0, 26), "* Task(name='stuck', id=id");
        EXPECT_EQ(said.at(6).substr(0, 45), "  |   File 'call_graph_test.cpp', line " + said.at(6).substr(39, 6));
    }
}

TEST(call_graph, of_more_than_a_hundred_tasks_is_cut_off_when_nothing_can_go_on) {
    const auto stuck = []() -> task<> { co_await create_future<>(); };
    const auto program = [&]() -> task<> {
        for (int i = 0; i < 102; ++i) create_task(stuck());
        co_await stuck();
    };
    try {
        run(program(), {.virtual_time = true});
        ADD_FAILURE();
    } catch (const deadlock_error& e) {
        EXPECT_EQ(lines_of(e.what()).back(), "… and 3 tasks more");
    }
}

TEST(call_graph, of_a_chain_of_a_hundred_thousand_tasks_is_cut_off) {
    const auto program = []() -> task<> {
        auto done = create_future<>();
        auto first = create_task([](future<> last) -> task<> { co_await last; }(done));
        auto last = first;
        for (int i = 0; i < 100'000; ++i) {
            last = create_task([](task_handle<> next) -> task<> { co_await next; }(std::move(last)));
        }
        co_await sleep(1ms);
        const call_graph whole = capture_call_graph(first);
        int levels = 0;
        for (const call_graph* each = &whole; !each->awaited_by.empty(); each = &each->awaited_by.front()) ++levels;
        EXPECT_EQ(levels, 1000);
        done.set_result();
        co_await last;
    };
    run(program(), {.virtual_time = true});
}

TEST(call_graph, of_a_chain_when_nothing_can_go_on_is_of_who_waits_for_each) {
    const auto program = []() -> task<> {
        auto link = create_task([]() -> task<> { co_await create_future<>(); }(), {.name = "0"});
        for (int i = 1; i < 3; ++i) {
            link = create_task([](task_handle<> next) -> task<> { co_await next; }(link), {.name = std::to_string(i)});
        }
        current_task().set_name("main");
        co_await link;
    };
    try {
        run(program(), {.virtual_time = true});
        ADD_FAILURE();
    } catch (const deadlock_error& e) {
        lines names;
        for (const std::string& line : lines_of(e.what())) {
            if (line.find("* Task(") != std::string::npos) names.push_back(line.substr(0, line.find(',')));
        }
        EXPECT_EQ(names, (lines{"* Task(name='main'", "* Task(name='0'", "    * Task(name='1'", "* Task(name='1'",
                                "    * Task(name='2'", "* Task(name='2'", "    * Task(name='main'"}));
    }
}

TEST(call_graph, is_printed_into_a_file) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);
    const auto program = [](std::FILE* to) -> task<> {
        auto t = create_task(outer(), {.name = "t"});
        co_await sleep(0s);
        print_call_graph(t, to);
        print_call_graph(to);
    };
    run(program(file.get()));
    std::string text(static_cast<std::size_t>(std::ftell(file.get())), ' ');
    std::rewind(file.get());
    ASSERT_EQ(std::fread(text.data(), 1, text.size(), file.get()), text.size());
    const lines printed = lines_of(text);
    EXPECT_EQ(printed.at(0), "* Task(name='t', id=id)");
    EXPECT_EQ(printed.at(2), in_line(innermost_line, "innermost(int)"));
    EXPECT_EQ(std::ranges::count_if(printed, [](const std::string& line) { return line.starts_with("* Task("); }), 2)
        << text;
}

}  // namespace
