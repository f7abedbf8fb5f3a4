#pragma once

/// \file
/// Seeing inside: who awaits what, and where. Python 3.14's `asyncio.capture_call_graph` and `print_call_graph`.

#include <fermata/task/future.hpp>

#include <cstdio>
#include <source_location>
#include <string>
#include <vector>

namespace fermata::inline v0 {

/// A coroutine of a call graph.
struct call_graph_entry {
    std::string function;  // with its parameters, without what it returns: "fetch(int)"
    const char* file;
    unsigned line;  // of the await where it is suspended; before it has started, one of its definition
};

/// Python's `asyncio.FutureCallGraph`. The call stack begins with the innermost coroutine; of a future that is no task it is
/// empty. awaited_by: the tasks that wait for it, through gather, shield, wait and the like too, and those that wait for them; of
/// the thousandth in such a chain only the name.
struct call_graph {
    any_future future;
    std::vector<call_graph_entry> call_stack;
    std::vector<call_graph> awaited_by;
};

/// Of a future or task of this thread's loop. Of the running task (as of now, in `here`), if none is given: raises
/// runtime_error "no running event loop" outside of tasks.
call_graph capture_call_graph(const any_future& of);
call_graph capture_call_graph(std::source_location here = std::source_location::current());

/// As Python's, a line each:
///
///     * Task(name='Task-2', id=0x55d0c8)
///       + Call stack:
///       |   File 'fetch.cpp', line 12, in fetch(int)
///       + Awaited by:
///         * Task(name='Task-1', id=0x55d0a0)
std::string format_call_graph(const call_graph& graph);
void print_call_graph(const any_future& of, std::FILE* file = stdout);
void print_call_graph(std::FILE* file = stdout, std::source_location here = std::source_location::current());

}  // namespace fermata::inline v0
