#pragma once

// The leanest promises that can await and be awaited: no errors, no cancellation, no names.

#include "fifo.hpp"
#include "pool.hpp"

#include <coroutine>
#include <exception>
#include <utility>

namespace bare {

/// A child: awaited once, resumes who awaits it by symmetric transfer.
class task {
public:
    struct promise_type : pooled {
        std::coroutine_handle<> waiting;
        long value;

        task get_return_object() { return task(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_always initial_suspend() const noexcept { return {}; }
        struct back : std::suspend_always {
            std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) const noexcept {
                return self.promise().waiting;
            }
        };
        back final_suspend() const noexcept { return {}; }
        void return_value(long returned) noexcept { value = returned; }
        void unhandled_exception() const noexcept { std::terminate(); }
    };

    explicit task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    task& operator=(task&&) = delete;
    ~task() {
        if (handle_) handle_.destroy();
    }

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) const noexcept {
        handle_.promise().waiting = waiting;
        return handle_;
    }
    long await_resume() const noexcept { return handle_.promise().value; }

private:
    std::coroutine_handle<promise_type> handle_;
};

/// One that runs by itself, from the ready queue, and is gone when it has ended.
struct spawned {
    struct promise_type final : pooled, callback {
        spawned get_return_object() { return {this}; }
        std::suspend_always initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        void unhandled_exception() const noexcept { std::terminate(); }
        void run() override { std::coroutine_handle<promise_type>::from_promise(*this).resume(); }
    };
    promise_type* promise;
};

/// Suspends the coroutine until its turn comes.
struct turn final : callback {
    explicit turn(fifo& in) : ready(in) {}
    fifo& ready;
    std::coroutine_handle<> waiting;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) noexcept {
        waiting = self;
        ready.push(*this);
    }
    void await_resume() const noexcept {}
    void run() override { waiting.resume(); }
};

}  // namespace bare
