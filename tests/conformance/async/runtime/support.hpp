#pragma once

// The world in which the C++ programs of the fuzzer live. Its twin in Python is support.py: same names, same lines. The
// operations are compiled once, in support.cpp; a program is little more than calls of them.

#include "names.hpp"

#include <fermata/base/exception_group.hpp>
#include <fermata/sync/condition.hpp>
#include <fermata/sync/mutex.hpp>
#include <fermata/sync/semaphore.hpp>
#include <fermata/task/task.hpp>
#include <fermata/task/timeout.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace fuzz {

using fermata::task;

/// The body of a scope: a lambda of the program's, by reference.
class body {
public:
    template <class Lambda>
    explicit body(Lambda& lambda)
        : lambda_(&lambda), call_([](void* of) -> task<> { return (*static_cast<Lambda*>(of))(); }) {}
    task<> operator()() const { return call_(lambda_); }

private:
    void* lambda_;
    task<> (*call_)(void*);
};

class world;

struct configuration {
    std::vector<task<int> (*)(world&, int)> functions;
    std::vector<int> slots;
    std::string queue;
    int maxsize = 0;
    int semaphore = 0;
    bool bounded = false;
    int parties = 1;
};

/// By Python's name of the class.
[[noreturn]] void raise(const char* kind, const char* text);

class world {
public:
    explicit world(const configuration& of);
    ~world();

    void say(const char* at, const std::string& words);
    void say(const char* at, const char* what, int value) { say(at, what + (" " + std::to_string(value))); }
    void caught(const char* at, const std::exception_ptr& error);
    void split(const char* at, const std::exception_ptr& error, const char* kind);

    task<> main();

    // The operations: where, which errors are caught (1: Python's Exception, 2: BaseException), and arguments.
    void spawn(const char* at, int caught, int slot, int number, int eager);
    void group_spawn(const char* at, int caught, int group, int slot, int number);
    void cancel(const char* at, int caught, int slot);
    void uncancel(const char* at, int caught, int slot);
    void cancelling(const char* at, int caught, int slot);
    void cancel_self(const char* at, int caught);
    void uncancel_self(const char* at, int caught);
    void cancelling_self(const char* at, int caught);
    void state(const char* at, int caught, int slot);
    void result(const char* at, int caught, int slot);
    void exception(const char* at, int caught, int slot);

    void set_result(const char* at, int caught, int future, int value);
    void set_exception(const char* at, int caught, int future, const char* kind, const char* text);
    void cancel_future(const char* at, int caught, int future);
    void renew(const char* at, int caught, int future);
    void future_state(const char* at, int caught, int future);
    void future_result(const char* at, int caught, int future);
    void future_exception(const char* at, int caught, int future);

    void call_soon(const char* at, int, int handle, std::function<void()> call);
    void call_later(const char* at, int delay, int handle, std::function<void()> call);
    void call_slot(const char* at, int slot, int handle, std::function<void()> call);
    void call_future(const char* at, int future, int handle, std::function<void()> call);
    void cancel_handle(const char* at, int caught, int handle);
    void remove_callback(const char* at, int caught, int handle);

    void event_set(const char* at, int caught, int event);
    void event_clear(const char* at, int caught, int event);
    void event_state(const char* at, int caught, int event);
    task<> event_wait(const char* at, int caught, int event);
    void put_nowait(const char* at, int caught, int queue, int value);
    void get_nowait(const char* at, int caught, int queue);
    void task_done(const char* at, int caught, int queue);
    void shutdown(const char* at, int caught, int queue, int immediate);
    void queue_state(const char* at, int caught, int queue);
    task<> put(const char* at, int caught, int queue, int value);
    task<> get(const char* at, int caught, int queue);
    task<> join(const char* at, int caught, int queue);
    void release_semaphore(const char* at, int caught);
    task<> acquire_semaphore(const char* at, int caught);
    void release_mutex(const char* at, int caught);
    void mutex_state(const char* at, int caught);
    task<> acquire_mutex(const char* at, int caught);
    void notify(const char* at, int caught, int number);
    void notify_all(const char* at, int caught);
    void bump(const char* at, int caught);
    task<> condition_wait(const char* at, int caught);
    task<> condition_wait_for(const char* at, int caught, int number);
    task<> condition_misuse(const char* at, int caught);
    void barrier_state(const char* at, int caught);
    task<> barrier_wait(const char* at, int caught);
    task<> barrier_reset(const char* at, int caught);
    task<> barrier_abort(const char* at, int caught);

    task<> in_group(const char* at, int group, bool fresh, body run);
    task<> in_timeout(const char* at, int number, bool fresh, int delay, bool absolute, body run);
    void reschedule(const char* at, int caught, int number, int delay);
    void timeout_state(const char* at, int caught, int number);

    task<> sleep(const char* at, int caught, int delay);
    task<> await_slot(const char* at, int caught, int slot);
    task<> await_future(const char* at, int caught, int future);
    task<> await_call(const char* at, int caught, int function, int number);
    task<> wait_for(const char* at, int caught, const char* described, int delay);
    task<> shield(const char* at, int caught, const char* described);
    task<> gather(const char* at, int caught, const char* described, int keeps_exceptions);
    task<> wait(const char* at, int caught, const char* described, const char* mode, int delay);
    task<> as_completed(const char* at, int caught, const char* described, int delay);

    void make_gather(const char* at, int caught, int kept, const char* described, int keeps_exceptions);
    void make_shield(const char* at, int caught, int kept, const char* described);
    void cancel_kept(const char* at, int caught, int kept);
    void kept_state(const char* at, int caught, int kept);
    task<> await_kept(const char* at, int caught, int kept);

    // What programs take by `async with`.
    fermata::mutex gate;
    fermata::semaphore limit;
    fermata::condition changed;

    struct content;
    content& all() noexcept { return *all_; }

private:
    std::unique_ptr<content> all_;
};

struct program {
    const char* name;
    void (*make)(configuration& of);
};

/// Runs all programs, or those named by the arguments.
int run(const program* programs, int count, int argc, char** argv);

}  // namespace fuzz
