#pragma once

// The coroutines that the tests of combinators wait for, and the turns of the loop that a wait takes.

#include "recorder.hpp"

#include <fermata/async.hpp>

#include <chrono>
#include <string>

namespace tests {

using namespace std::chrono_literals;

/// The virtual time, in milliseconds.
inline long now() {
    return static_cast<long>(std::chrono::round<std::chrono::milliseconds>(fermata::current_loop().time()).count());
}

enum class ending { well, value_error, runtime_error, swallows_cancellation };

/// Says when it starts and ends, or is cancelled; gives its name.
inline fermata::task<std::string> job(recorder& say, std::string name, std::chrono::milliseconds delay,
                                      ending how = ending::well) {
    say(name, "starts");
    bool cancelled = false;
    try {
        co_await fermata::sleep(delay);
    } catch (const fermata::cancelled_error&) {
        say(name, "cancelled", now());
        if (how != ending::swallows_cancellation) throw;
        cancelled = true;
    }
    if (cancelled) co_return name + "!";
    if (how == ending::value_error) throw fermata::value_error(name);
    if (how == ending::runtime_error) throw fermata::runtime_error(name);
    say(name, "ends", now());
    co_return name;
}

/// Until it is cancelled; then, after the delay, fails with the text.
inline fermata::task<> fails_when_cancelled(std::string text, std::chrono::milliseconds delay = 0ms) {
    try {
        co_await fermata::sleep(1s);
    } catch (const fermata::cancelled_error&) {
    }
    if (delay > 0ms) co_await fermata::sleep(delay);
    throw fermata::runtime_error(text);
}

/// What the group holds: "value_error: a, type_error: b".
inline std::string texts(const fermata::exception_group& group) {
    std::string all;
    for (const auto& each : group.exceptions()) {
        all += (all.empty() ? "" : ", ") + fermata::describe_exception(each).substr(sizeof "fermata::" - 1);
    }
    return all;
}

/// How often the running task has been asked to cancel.
inline int cancelling() { return fermata::current_task().cancelling(); }

/// Says the text of the runtime_error that the call raises.
template <class Call>
void attempt(recorder& say, Call call) {
    try {
        call();
        say("nothing raised");
    } catch (const fermata::runtime_error& e) {
        say(e.what());
    }
}

/// Counts the turns of the loop, as long as it lives.
class turns {
public:
    turns() : counting_(fermata::create_task(count(n_))) {}
    turns(const turns&) = delete;
    turns& operator=(const turns&) = delete;
    ~turns() { counting_.cancel(); }

    /// Since the last time it was asked.
    int taken() {
        const int before = last_;
        last_ = n_;
        return n_ - before;
    }

private:
    static fermata::task<> count(int& n) {
        for (;;) {
            ++n;
            co_await fermata::sleep(0s);
        }
    }

    int n_ = 0;
    int last_ = 0;
    fermata::task_handle<> counting_;
};

inline fermata::task<> two_turns() {
    co_await fermata::sleep(0s);
    co_await fermata::sleep(0s);
}

}  // namespace tests
