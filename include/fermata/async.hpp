#pragma once

/// \file
/// Python's asyncio: the event loop, coroutines, tasks.

#include <fermata/loop/callback.hpp>
#include <fermata/loop/clock.hpp>
#include <fermata/loop/event_loop.hpp>
#include <fermata/loop/port.hpp>
#include <fermata/task/cancellation.hpp>
#include <fermata/task/run.hpp>
#include <fermata/task/sleep.hpp>
#include <fermata/task/task.hpp>
#include <fermata/task/task_handle.hpp>
