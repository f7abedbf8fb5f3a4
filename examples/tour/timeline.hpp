#pragma once

/// \file
/// What the two sleepers did when, in the busy loop and in the event loop: --timeline.

#include "time_source.hpp"

#include <fermata/loop/instrument.hpp>
#include <fermata/trace/timeline.hpp>

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace tour {

/// Gives its clock to a coroutine of a busy loop, and notes when that looks at it: it does nothing else.
class watched_time final : public time_source {
public:
    watched_time(time_source& time, std::string name) : time_(time), row_{std::move(name)} {}

    double time() override;
    double last() const override { return time_.last(); }
    const fermata::trace::row& row() const { return row_; }

private:
    time_source& time_;
    fermata::trace::row row_;
};

/// The busy loop's clock: it has a row for each of its coroutines.
class watched_loop final : public time_source {
public:
    explicit watched_loop(time_source& time) : time_(time) {}

    double time() override { return time_.time(); }
    double last() const override { return time_.last(); }
    time_source& of(int number) override;

    bool was_used() const { return !coroutines_.empty(); }
    /// They run in turn, and the loop all the time.
    fermata::trace::group group() const;

private:
    time_source& time_;
    std::map<int, watched_time> coroutines_;
};

class timeline {
public:
    explicit timeline(time_source& time);
    timeline(const timeline&) = delete;
    timeline& operator=(const timeline&) = delete;
    ~timeline();

    /// For the busy loop: above.
    time_source& busy_loop() { return busy_loop_; }
    /// For the event loop's run: below. Null where the library has been built without fermata::trace.
    fermata::trace::instrument* event_loop() noexcept;

    /// A page, and beside it the same as Chrome trace events, if there is anything to be seen. Tells where it is. Raises
    /// std::system_error.
    void write(const std::string& path);

private:
    struct recorded;
    watched_loop busy_loop_;
    std::unique_ptr<recorded> event_loop_;
};

}  // namespace tour
