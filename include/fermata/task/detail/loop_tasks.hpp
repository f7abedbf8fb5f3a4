#pragma once

// What a loop keeps for its tasks.

#include <fermata/base/intrusive_list.hpp>
#include <fermata/loop/event_loop.hpp>
#include <fermata/task/detail/context.hpp>

#include <string>

namespace fermata::detail {

/// A task in the list of those of its loop that are not done: a base of task_core.
struct task_entry : list_node {};

class loop_tasks final : public loop_extension {
public:
    explicit loop_tasks(event_loop& loop) noexcept : loop_(loop) {}
    /// Of this loop; made when it is first asked for.
    static loop_tasks& of(event_loop& loop);
    ~loop_tasks() override;

    /// That of the running task, or, where none runs in this loop, the loop's.
    reference<context> current_context();
    /// One of this loop with these values.
    reference<context> make_context(shared<context_values> values);

    /// Those that are not done, the oldest first.
    intrusive_list<task_entry>& pending() noexcept { return pending_; }

    /// Lets go of the tasks that are left; those that nobody else holds are destroyed where they are suspended.
    void close() noexcept override;
    std::string describe_waiting() override;

private:
    event_loop& loop_;
    intrusive_list<task_entry> pending_;
    intrusive_list<context> contexts_;
    reference<context> own_context_;
};

}  // namespace fermata::detail
