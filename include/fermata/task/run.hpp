#pragma once

/// \file
/// Python's `asyncio.run`.

#include <fermata/task/runner.hpp>

#include <utility>

namespace fermata::inline v0 {

namespace detail {

/// Raises runtime_error "fermata::run() cannot be called from a running event loop".
void check_that_no_loop_runs();

}  // namespace detail

/// Python's `asyncio.run(main)`: a runner for once. Gives what main returns, raises what it raises, when all that main has
/// left behind is wound up, as runner::close does it. Raises runtime_error "fermata::run() cannot be called from a running
/// event loop".
template <class T>
T run(task<T> main, const run_options& options = {}) {
    detail::check_that_no_loop_runs();
    runner once(options);
    return once.run(std::move(main));
}

}  // namespace fermata::inline v0
