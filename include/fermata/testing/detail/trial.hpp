#pragma once

// One run of a test: a loop on virtual time, under watch.

#include <fermata/loop/event_loop.hpp>
#include <fermata/task/detail/run_loop.hpp>
#include <fermata/testing/test_options.hpp>

#include <exception>
#include <memory>
#include <string>

namespace fermata::inline v0::detail {

/// Looks at what a turn is about to run, and may put something between.
class batch_visitor {
public:
    virtual void visit(intrusive_list<callback>& batch) = 0;

protected:
    batch_visitor() = default;
    ~batch_visitor() = default;
};

class trial {
public:
    /// The order: none: that of the options.
    explicit trial(const test_options& options, batch_visitor* visitor = nullptr,
                   std::unique_ptr<schedule> order = nullptr);
    /// What is left is cancelled, and what does not end then is dropped where it is suspended.
    ~trial();
    trial(const trial&) = delete;
    trial& operator=(const trial&) = delete;

    event_loop& loop() noexcept { return runner_.loop(); }

    /// Drives the loop until main is done and the others are cancelled. Raises what run_test says, but not what main raised.
    void run(task_core& main);
    /// The first part of it: until main is done.
    void drive(task_core& main);
    /// The second: cancels the others. Raises test_failure for what they raise, and for those that do not end.
    void end();

private:
    class watch;

    loop_options watched(const test_options& options, batch_visitor* visitor, std::unique_ptr<schedule> order);
    [[noreturn]] void fail_endless();
    void report(const std::string& message, const std::string& source, const std::exception_ptr& raised);
    void check_reported() const;
    void wind_up() noexcept;
    bool ends(const any_task& cancelled);

    std::string reported_;
    watch* watch_ = nullptr;
    run_loop runner_;
    bool wound_up_ = false;
};

/// What it says, for messages; the name of its type, where that is nothing.
std::string text_of(const std::exception_ptr& exception);

/// Where a suspended task stands: "a.cpp:12 > b.cpp:3", the outermost await first; where it was made, if not started.
std::string whereabouts(const task_core& task);

/// Whether assertions have failed since it was made.
class assertions {
public:
    explicit assertions(const test_options& options) : count_(options.failures), before_(count_ ? count_() : 0) {}
    /// Raises test_failure "an assertion failed, see above".
    void check() const;

private:
    std::size_t (*count_)();
    std::size_t before_;
};

}  // namespace fermata::inline v0::detail
