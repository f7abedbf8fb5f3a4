#pragma once

// Async generators for the tests of async generators, and how a step of one ends.

#include "recorder.hpp"

#include <fermata/async.hpp>

#include <chrono>
#include <exception>
#include <string>
#include <utility>

namespace tests {

/// The name and the text of an exception as Python has them, and of what is nested in it.
inline std::string told(const std::exception_ptr& raised) {
    const auto with_cause = [](std::string text, const std::exception& e) {
        try {
            std::rethrow_if_nested(e);
        } catch (...) {
            text += ", from " + told(std::current_exception());
        }
        return text;
    };
    try {
        std::rethrow_exception(raised);
    } catch (const fermata::generator_exit& e) {
        return e.what();
    } catch (const fermata::cancelled_error& e) {
        return e.what();
    } catch (const fermata::stop_iteration& e) {
        return e.what();
    } catch (const fermata::stop_async_iteration& e) {
        return e.what();
    } catch (const fermata::type_error& e) {
        return with_cause(std::string("TypeError ") + e.what(), e);
    } catch (const fermata::value_error& e) {
        return with_cause(std::string("ValueError ") + e.what(), e);
    } catch (const fermata::index_error& e) {
        return with_cause(std::string("IndexError ") + e.what(), e);
    } catch (const fermata::runtime_error& e) {
        return with_cause(std::string("RuntimeError ") + e.what(), e);
    } catch (...) {
        return "something else";
    }
}

/// Awaits a step, or anything that gives nothing, and says what came of it. The step must outlive this.
template <class Step>
fermata::task<> show(recorder& say, Step&& step) {
    std::string outcome;
    try {
        if constexpr (requires { *step.await_resume(); }) {
            const auto given = co_await step;
            if (given) {
                say("gave", *given);
            } else {
                say("ended");
            }
        } else {
            co_await step;
            say("done");
        }
        co_return;
    } catch (...) {
        outcome = told(std::current_exception());
    }
    say(outcome);
}

/// Says how it ends; cleaning up takes five milliseconds.
inline fermata::async_generator<int> counting(recorder& say, std::string name) {
    bool exits = false;
    try {
        for (int i = 0;; ++i) co_yield i;
    } catch (const fermata::generator_exit&) {
        exits = true;
    }
    if (exits) say(name, "exit");
    co_await fermata::sleep(std::chrono::milliseconds(5));
    say(name, "cleaned");
    if (exits) throw fermata::generator_exit();
}

/// Yields 0 to 4, one more for each time that it is closed.
inline fermata::async_generator<int> ignoring_exits(recorder& say) {
    for (int i = 0; i < 5; ++i) {
        try {
            co_yield i;
        } catch (const fermata::generator_exit&) {
            say("exit ignored");
        }
    }
}

}  // namespace tests
