#pragma once

/// \file
/// Generators in the loop: Python's `types.coroutine`.

#include <fermata/generator/detail/adapters.hpp>
#include <fermata/generator/generator.hpp>
#include <fermata/task/sleep.hpp>
#include <fermata/task/task_handle.hpp>

#include <chrono>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

/// Python's `@types.coroutine`, of a generator whose yields mean "let the others go on": a step in each turn of the loop,
/// until it returns; what it yields is dropped. Cancellation is thrown in where it is suspended. So a coroutine written
/// with `co_yield`, as before there was `async def`, runs beside Tasks. Of one that had ended before, the result is None:
/// void, or an empty std::optional; if its Return is neither, type_error is raised.
template <class Yield, class Send, class Return>
    requires detail::sends_none<Send>
task<Return> coroutine(generator<Yield, Send, Return> steps);

/// `create_task(coroutine(g))`.
template <class Yield, class Send, class Return>
    requires detail::sends_none<Send>
task_handle<Return> create_task(generator<Yield, Send, Return> steps, const task_options& options = {}) {
    return create_task(coroutine(std::move(steps)), options);
}

// Implementation

template <class Yield, class Send, class Return>
    requires detail::sends_none<Send>
task<Return> coroutine(generator<Yield, Send, Return> steps) {
    bool cancelled = false;
    for (;;) {
        auto now = cancelled ? steps.throw_(cancelled_error()) : steps.next();
        if (!now) {
            if constexpr (std::is_void_v<Return>) {
                co_return;
            } else {
                co_return detail::result_or_none<Return>(std::move(now).result());
            }
        }
        cancelled = false;
        try {
            co_await sleep(std::chrono::nanoseconds(0));
        } catch (const cancelled_error&) {
            cancelled = true;
        }
    }
}

}  // namespace fermata::inline v0
