#pragma once

// The leanest promise that can yield, written by hand: no protocol, no errors, no exceptions kept. What a step of it
// costs is the limit that fermata's generators are measured against.

#include "pool.hpp"

#include <coroutine>
#include <exception>
#include <utility>

namespace bare {

template <class Promise>
class owner {
public:
    using promise_type = Promise;

    explicit owner(std::coroutine_handle<Promise> handle) : handle_(handle) {}
    owner(owner&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    owner& operator=(owner&&) = delete;
    ~owner() {
        if (handle_) handle_.destroy();
    }

protected:
    std::coroutine_handle<Promise> handle_;
};

struct yielding : pooled {
    const int* value;

    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
};

struct yields_only : yielding {
    std::coroutine_handle<yields_only> get_return_object() {
        return std::coroutine_handle<yields_only>::from_promise(*this);
    }
    std::suspend_always yield_value(const int& yielded) noexcept {
        value = &yielded;
        return {};
    }
};

class generator : public owner<yields_only> {
public:
    generator(std::coroutine_handle<yields_only> handle) : owner(handle) {}

    bool next() const {
        handle_.resume();
        return !handle_.done();
    }
    const int& operator*() const { return *handle_.promise().value; }
};

// One that is sent a value at each yield.
struct yields_and_receives : yielding {
    int received;

    std::coroutine_handle<yields_and_receives> get_return_object() {
        return std::coroutine_handle<yields_and_receives>::from_promise(*this);
    }
    struct receive : std::suspend_always {
        yields_and_receives& promise;
        explicit receive(yields_and_receives& of) : promise(of) {}
        int await_resume() const noexcept { return promise.received; }
    };
    receive yield_value(const int& yielded) noexcept {
        value = &yielded;
        return receive(*this);
    }
};

class receiver : public owner<yields_and_receives> {
public:
    receiver(std::coroutine_handle<yields_and_receives> handle) : owner(handle) {}

    int send(int sent) const {
        handle_.promise().received = sent;
        handle_.resume();
        return *handle_.promise().value;
    }
};

}  // namespace bare
