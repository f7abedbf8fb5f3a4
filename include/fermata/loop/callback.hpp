#pragma once

/// \file
/// What a loop runs.

#include <fermata/base/detail/shared.hpp>
#include <fermata/base/intrusive_list.hpp>
#include <fermata/loop/instrument.hpp>

#include <chrono>
#include <cstddef>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

class event_loop;
class callback_handle;

namespace detail {

class task_core;  // NOLINT(*-virtual-class-destructor): see future_state

/// What can be asked to end early.
class cancellable {
public:
    /// True if it will: whoever waits for it is then woken, and finds it cancelled.
    virtual bool cancel() noexcept = 0;
    /// Asked of what a task waits for with task_core::wait_until, before that goes on: false if it waits again.
    virtual bool is_over() noexcept { return true; }
    /// Null if it is none.
    virtual task_core* as_task() noexcept { return nullptr; }
    /// For an instrument.
    virtual trace::awaited as_awaited() const noexcept { return {"something"}; }

protected:
    cancellable() = default;
    ~cancellable() = default;
};

/// Something to be run once by a loop: linked into its ready queue, or waiting in its timers or in somebody's list of
/// waiters. Taken out of there, it will not run.
class callback : public cancellable, public list_node {
public:
    /// What it raises is reported to the loop's exception handler.
    virtual void run() = 0;

    /// For reports: "<callback at main.cpp:12>", "<Task name='Task-1'>".
    virtual std::string describe() const = 0;

    /// Told when what would have run it goes away, after it has been unlinked: what owns itself goes too.
    virtual void abandon() noexcept {}

    bool cancel() noexcept override { return false; }

    /// What goes on when this has run, if it is for that: in the call graph it is what waits here.
    virtual callback* then() noexcept { return nullptr; }

    /// Called when it is scheduled, if the loop has an instrument.
    virtual void tell_scheduled(trace::instrument&) noexcept {}

    callback() = default;
    callback(const callback&) = delete;
    callback& operator=(const callback&) = delete;
    virtual ~callback() = default;
};

struct callback_access;

/// What call_soon and its like allocate: shared by the loop, until it has run or is cancelled, and by the handles.
class scheduled_call : public shared_object, public callback {
public:
    bool cancelled() const noexcept { return cancelled_; }
    std::string describe() const override;
    void abandon() noexcept override;

protected:
    scheduled_call(event_loop& on, std::source_location made_at) noexcept : loop_(&on), made_at_(made_at) {}

private:
    friend class fermata::event_loop;
    friend class fermata::callback_handle;

    virtual void call() = 0;
    /// Destroys the user's function, if that has not been done.
    virtual void forget() noexcept = 0;
    void run() final;

    event_loop* loop_;  // null once the loop has given up its share
    std::chrono::nanoseconds when_{0};
    std::source_location made_at_;
    bool cancelled_ = false;
};

}  // namespace detail

/// Python's `asyncio.Handle` and `TimerHandle`: what call_soon, call_later and call_at give. Dropping it changes nothing.
/// Not thread-safe: a handle of a call_soon_threadsafe too is cancelled on the loop's thread only.
class callback_handle {
public:
    callback_handle() = default;

    /// It will not run, if it has not; its function is destroyed now.
    void cancel() noexcept;
    bool cancelled() const noexcept;

    /// Of a timer: when it is due, in the loop's time.
    std::chrono::nanoseconds when() const noexcept;

private:
    friend class event_loop;
    friend struct detail::callback_access;
    explicit callback_handle(detail::shared<detail::scheduled_call> call) noexcept : call_(std::move(call)) {}

    detail::shared<detail::scheduled_call> call_;
};

namespace detail {

struct callback_access {
    static callback_handle handle(shared<scheduled_call> call) noexcept { return callback_handle(std::move(call)); }
};

}  // namespace detail

}  // namespace fermata::inline v0
