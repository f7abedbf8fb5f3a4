#pragma once

// What the C++ twins of the cases stand on. In Python: cases.py.

#include "../runtime/names.hpp"

#include <fermata/async.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cases {

using namespace fermata;
using namespace std::chrono_literals;
using fuzz::demo_error;
using fuzz::name;
using text = std::string;

/// Makes a case known under a name, in the order of the files.
struct registered {
    registered(const char* name, task<> (*run)());
};

inline text shown(const text& word) { return word; }
inline text shown(const char* word) { return word; }
inline text shown(bool word) { return word ? "true" : "false"; }
inline text shown(const std::exception_ptr& error) { return error ? name(error) : "no error"; }
template <std::integral Number>
    requires(!std::is_same_v<Number, bool>)
text shown(Number word) {
    return std::to_string(word);
}

void print(const text& line);

/// A line: the time, and the words.
template <class... Words>
void say(const Words&... words) {
    text line = std::to_string(current_loop().time() / 1ms);
    ((line += " " + shown(words)), ...);
    print(line);
}

template <class Function>
std::exception_ptr error_of(Function function) {
    try {
        function();
    } catch (...) {
        return std::current_exception();
    }
    return nullptr;
}

/// What awaiting it raises.
template <class Awaitable>
task<std::exception_ptr> error_in(Awaitable awaitable) {
    try {
        co_await std::move(awaitable);
    } catch (...) {
        co_return std::current_exception();
    }
    co_return nullptr;
}

task<int> value(int number, std::chrono::milliseconds delay = 0ms);
task<int> failing(text message, std::chrono::milliseconds delay = 0ms);
/// Tells how it ends.
task<> sleeper(text label, std::chrono::milliseconds delay);
/// Swallows its cancellation, and returns a little later.
task<int> stubborn(text label, std::chrono::milliseconds delay, std::chrono::milliseconds after);

/// Counts the loop's turns.
class turn_counter {
public:
    turn_counter() { tick(all_); }
    int stop() const {
        all_->running = false;
        return all_->count;
    }

private:
    struct shared {
        int count = -1;
        bool running = true;
    };
    static void tick(std::shared_ptr<shared> all) {
        if (!all->running) return;
        ++all->count;
        current_loop().call_soon([all] { tick(all); });
    }
    std::shared_ptr<shared> all_ = std::make_shared<shared>();
};

template <class Awaitable>
task<int> turns(Awaitable awaitable) {
    const turn_counter counting;
    co_await std::move(awaitable);
    co_return counting.stop();
}

}  // namespace cases

#define CASE(identifier, name)                                                                                         \
    task<> identifier();                                                                                               \
    const registered registered_##identifier(name, &(identifier));                                                     \
    task<> identifier()
