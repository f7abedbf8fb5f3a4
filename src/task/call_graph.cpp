#include <fermata/task/call_graph.hpp>
#include <fermata/task/detail/function_name.hpp>
#include <fermata/task/detail/task_core.hpp>
#include <fermata/task/task_handle.hpp>

#include <algorithm>
#include <cstddef>
#include <unordered_set>

namespace fermata::inline v0 {

namespace {

using detail::future_access;
using detail::future_state;
using detail::task_core;
using detail::task_frame;
using visited = std::unordered_set<const future_state*>;

call_graph_entry entry_at(const std::source_location& at) {
    return {detail::function_name(at), at.file_name(), at.line()};
}

std::vector<call_graph_entry> stack_from(const task_frame* innermost) {
    std::vector<call_graph_entry> stack;
    for (const task_frame* frame = innermost; frame;
         frame = frame->awaited_by ? frame->awaited_by->awaiting : nullptr) {
        stack.push_back(entry_at(frame->awaits_at));
    }
    return stack;
}

call_graph capture(future_state& of, int levels, visited& seen);

// Who waits for it, in their order. What lies between, a gather or a shield, is not shown.
void add_waiting(std::vector<call_graph>& to, future_state& of, int levels, visited& seen) {
    std::vector<future_state*> left{&of};
    while (!left.empty()) {
        future_state& each = *left.back();
        left.pop_back();
        if (each.is_task() && &each != &of) {
            to.push_back(capture(each, levels, seen));
            continue;
        }
        const auto others = static_cast<std::ptrdiff_t>(left.size());
        each.for_each_waiting([&](detail::callback& waiting) {
            auto* const next = static_cast<future_state*>(waiting.then());
            if (next && seen.insert(next).second) left.push_back(next);
        });
        std::reverse(left.begin() + others, left.end());
    }
}

// Of who waits, and of who waits for those, as many levels.
call_graph capture(future_state& of, int levels, visited& seen) {
    call_graph graph;
    graph.future = future_access::any(of);
    if (levels == 0) return graph;
    if (of.is_task() && !of.done()) graph.call_stack = stack_from(static_cast<task_core&>(of).innermost());
    add_waiting(graph.awaited_by, of, levels - 1, seen);
    return graph;
}

std::string identity(const any_future& of) {
    const future_state& state = *future_access::state_of(of);
    char id[2 + 2 * sizeof(void*) + 1];
    std::snprintf(id, sizeof id, "%p", static_cast<const void*>(&state));
    if (!state.is_task()) return "Future(id=" + std::string(id) + ")";
    return "Task(name='" + static_cast<const task_core&>(state).name() + "', id=" + id + ")";
}

void append(std::string& text, const call_graph& graph, const std::string& margin) {
    text += margin + "* " + identity(graph.future) + "\n";
    if (!graph.call_stack.empty()) text += margin + "  + Call stack:\n";
    for (const call_graph_entry& each : graph.call_stack) {
        text += margin + "  |   File '" + each.file + "', line " + std::to_string(each.line) + ", in " + each.function +
                "\n";
    }
    if (graph.awaited_by.empty()) return;
    text += margin + "  + Awaited by:\n";
    for (const call_graph& each : graph.awaited_by) append(text, each, margin + "    ");
}

}  // namespace

call_graph capture_call_graph(const any_future& of) {
    constexpr int most_levels = 1000;  // as deep as Python's own recurses
    future_state& state = *future_access::state_of(of);
    visited seen{&state};
    return capture(state, most_levels, seen);
}

call_graph capture_call_graph(std::source_location here) {
    if (!detail::current_step.task) throw runtime_error("no running event loop");
    call_graph graph = capture_call_graph(current_task());
    graph.call_stack = stack_from(detail::current_step.running);
    graph.call_stack.front() = entry_at(here);
    return graph;
}

std::string format_call_graph(const call_graph& graph) {
    std::string text;
    append(text, graph, "");
    return text;
}

void print_call_graph(const any_future& of, std::FILE* file) {
    std::fputs(format_call_graph(capture_call_graph(of)).c_str(), file);
}

void print_call_graph(std::FILE* file, std::source_location here) {
    std::fputs(format_call_graph(capture_call_graph(here)).c_str(), file);
}

// For deadlock_error. Each of the tasks, and the names of those that wait for it: whole graphs would repeat each other.
std::string detail::loop_tasks::describe_waiting() {
    constexpr int most = 100;
    std::string text;
    int shown = 0;
    int hidden = 0;
    pending_.for_each([&](task_entry& each) {
        if (++shown > most) {
            ++hidden;
            return;
        }
        auto& task = static_cast<task_core&>(each);
        visited seen{&task};
        text += "\n" + format_call_graph(capture(task, 1, seen));
        text.pop_back();
    });
    if (hidden > 0) text += "\n… and " + std::to_string(hidden) + " tasks more";
    return text.empty() ? text : "; waiting are:" + text;
}

}  // namespace fermata::inline v0
