#pragma once

// Where a task or a future lives: its loop, and the values of the context variables there. Python's contextvars.Context.

#include <fermata/base/detail/shared.hpp>
#include <fermata/base/intrusive_list.hpp>
#include <fermata/task/detail/reference.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace fermata::inline v0 {

class event_loop;

namespace detail {

/// The value of a variable. Shared by contexts, and by threads.
class context_value : public shared_object {};

/// The values of the variables that have one; never changed.
class context_values : public shared_object {
public:
    /// Null if it has none.
    static context_value* find(const context_values* values, const void* variable) noexcept;
    /// Those of `values`, but for one variable; without it, if the value is null.
    static shared<context_values> with(const context_values* values, const void* variable, shared<context_value> value);

private:
    struct entry {
        const void* variable;
        shared<context_value> value;
    };
    std::vector<entry> entries_;
};

/// What the running task has, or where none runs, the thread.
const shared<context_values>& current_values() noexcept;
void set_current_values(shared<context_values> values);

/// Shared by the tasks and futures that have the same values; so that each has one pointer instead of two. Not thread-safe.
class context final : public list_node {
public:
    static reference<context> make(intrusive_list<context>& of_loop, event_loop& loop, shared<context_values> values);

    /// Null when the loop is gone.
    event_loop* loop() const noexcept { return loop_; }
    const shared<context_values>& values() const noexcept { return values_; }
    /// The loop goes, and forgets it.
    void leave_loop() noexcept { loop_ = nullptr; }

    void acquire() noexcept { ++owners_; }
    void release() noexcept {
        if (--owners_ == 0) delete this;
    }

private:
    context(event_loop& loop, shared<context_values> values) noexcept : loop_(&loop), values_(std::move(values)) {}
    ~context() = default;

    event_loop* loop_;
    shared<context_values> values_;
    std::size_t owners_ = 1;
};

}  // namespace detail

}  // namespace fermata::inline v0
