#pragma once

/// \file
/// Tracepoints, for metrics of your own: what a loop tells (loop/instrument.hpp), and what can be seen of a task
/// (task/task_view.hpp).
///
///     class counting : public fermata::trace::instrument {
///         void task_resumed(const fermata::trace::task_view&) noexcept override { ++steps; }
///     };
///     counting counter;
///     fermata::run(program(), {.instrument = &counter});

#include <fermata/loop/instrument.hpp>
#include <fermata/task/task_view.hpp>
