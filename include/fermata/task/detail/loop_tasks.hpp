#pragma once

// What a loop keeps for its tasks.

#include <fermata/base/intrusive_list.hpp>
#include <fermata/loop/event_loop.hpp>
#include <fermata/task/detail/context.hpp>

#include <string>

namespace fermata::inline v0::detail {

/// A task in the list of those of its loop that are not done: a base of task_core.
struct task_entry : list_node {};

/// The async generators that the loop is to close; see detail/async_frame.hpp.
struct started_generators {
    intrusive_list<callback> left;  // those that run() closes at its end
    int abandoned = 0;              // those that the loop owns, until it has closed them
    bool stop_when_closed = false;  // the loop, when there are none of these left
};

class loop_tasks final : public loop_extension {
public:
    explicit loop_tasks(event_loop& loop) noexcept : loop_(loop) {}
    /// Of this loop; made when it is first asked for.
    static loop_tasks& of(event_loop& loop) {
        if (!loop.extension()) [[unlikely]]
            make(loop);
        return static_cast<loop_tasks&>(*loop.extension());
    }
    ~loop_tasks() override;

    /// That of what is made where no task of this loop runs.
    const reference<context>& own_context();
    /// One of this loop with these values.
    reference<context> make_context(shared<context_values> values);

    /// Those that are not done, the oldest first.
    intrusive_list<task_entry>& pending() noexcept { return pending_; }

    started_generators& generators() noexcept { return generators_; }

    /// Lets go of the tasks that are left; those that nobody else holds are destroyed where they are suspended, and so are
    /// the async generators that the loop owns.
    void close() noexcept override;
    std::string describe_waiting() override;
    void instrumented(trace::instrument* by) noexcept override;

private:
    static void make(event_loop& loop);

    event_loop& loop_;
    intrusive_list<task_entry> pending_;
    intrusive_list<context> contexts_;
    started_generators generators_;
    reference<context> own_context_;
};

}  // namespace fermata::inline v0::detail
