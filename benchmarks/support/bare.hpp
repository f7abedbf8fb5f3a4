#pragma once

// The leanest promise that can yield, written by hand: no protocol, no errors, no exceptions kept. What a step of it
// costs is the limit that fermata's generators are measured against.

#include <coroutine>
#include <exception>
#include <utility>

namespace bare {

class generator {
public:
    struct promise_type {
        const int* value;

        generator get_return_object() { return generator(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_always initial_suspend() const noexcept { return {}; }
        std::suspend_always final_suspend() const noexcept { return {}; }
        std::suspend_always yield_value(const int& yielded) noexcept {
            value = &yielded;
            return {};
        }
        void return_void() const noexcept {}
        void unhandled_exception() const noexcept { std::terminate(); }
    };

    explicit generator(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    generator(generator&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    generator& operator=(generator&&) = delete;
    ~generator() {
        if (handle_) handle_.destroy();
    }

    bool next() const {
        handle_.resume();
        return !handle_.done();
    }
    const int& operator*() const { return *handle_.promise().value; }

private:
    std::coroutine_handle<promise_type> handle_;
};

}  // namespace bare
