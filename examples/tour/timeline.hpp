#pragma once

/// \file
/// What the two sleepers did when, in the busy loop and in the event loop: --timeline.

#include "time_source.hpp"

#include <fermata/loop/instrument.hpp>
#include <fermata/trace/timeline.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace tour {

/// Gives its clock to who runs in a busy loop, and notes when that looks at it: it does nothing else.
class watched_time final : public time_source {
public:
    watched_time(time_source& time, std::string name) : time_(time), row_{std::move(name)} {}

    double time() override {
        const double before = time_.last();
        const double after = time_.time();
        add({before, after});
        return after;
    }
    double last() const override { return time_.last(); }

    fermata::trace::row row() && { return std::move(row_); }

private:
    struct seconds {
        double begin;
        double end;
    };
    void add(seconds of);

    time_source& time_;
    fermata::trace::row row_;
};

class timeline {
public:
    timeline();
    timeline(const timeline&) = delete;
    timeline& operator=(const timeline&) = delete;
    ~timeline();

    /// Adds rows above: they ran in turn, and the loop all the time.
    void add_busy_loop(watched_time&& one, watched_time&& other);
    /// For the event loop's run: whose rows are below. Null where the library has been built without fermata::trace.
    fermata::trace::instrument* event_loop() noexcept;

    /// A page, and beside it the same as Chrome trace events, if there is anything to be seen. Tells where it is. Raises
    /// std::system_error.
    void write(const std::string& path);

private:
    struct recorded;
    std::optional<fermata::trace::group> busy_loop_;
    std::unique_ptr<recorded> event_loop_;
};

}  // namespace tour
