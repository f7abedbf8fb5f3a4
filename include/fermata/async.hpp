#pragma once

/// \file
/// Python's asyncio, as far as it is there: the event loop, coroutines, tasks, synchronisation, queues.

#include <fermata/loop/callback.hpp>
#include <fermata/loop/clock.hpp>
#include <fermata/loop/event_loop.hpp>
#include <fermata/loop/port.hpp>
#include <fermata/loop/schedule.hpp>
#include <fermata/sync/barrier.hpp>
#include <fermata/sync/condition.hpp>
#include <fermata/sync/event.hpp>
#include <fermata/sync/mutex.hpp>
#include <fermata/sync/queue.hpp>
#include <fermata/sync/semaphore.hpp>
#include <fermata/sync/waiters.hpp>
#include <fermata/task/as_completed.hpp>
#include <fermata/task/cancellation.hpp>
#include <fermata/task/coroutine.hpp>
#include <fermata/task/ensure_future.hpp>
#include <fermata/task/future.hpp>
#include <fermata/task/gather.hpp>
#include <fermata/task/outcome.hpp>
#include <fermata/task/run.hpp>
#include <fermata/task/shield.hpp>
#include <fermata/task/sleep.hpp>
#include <fermata/task/task.hpp>
#include <fermata/task/task_group.hpp>
#include <fermata/task/task_handle.hpp>
#include <fermata/task/timeout.hpp>
#include <fermata/task/wait.hpp>
#include <fermata/task/wait_for.hpp>
#include <fermata/task/with.hpp>
