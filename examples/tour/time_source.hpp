#pragma once

/// \file
/// Python's `time.time()`, for the program that looks at it.

#include <chrono>
#include <thread>

namespace tour {

class time_source {
public:
    time_source() = default;
    time_source(const time_source&) = delete;
    time_source& operator=(const time_source&) = delete;
    virtual ~time_source() = default;

    /// In seconds.
    virtual double time() = 0;
    /// The same, without the effects of looking.
    virtual double last() const = 0;
    /// For the coroutine of that number, so that it can be seen which one looks.
    virtual time_source& of(int number) {
        (void)number;
        return *this;
    }
};

/// Each look at it advances it by half a second: a run takes no time, and every run is the same.
class stepping_time final : public time_source {
public:
    double time() override { return now_ += 0.5; }
    double last() const override { return now_; }

private:
    double now_ = 0;
};

/// The real clock. Each look waits 50 ms first: the article's loop never rests, and would print a million lines.
class wall_time final : public time_source {
public:
    double time() override {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        return last();
    }
    double last() const override {
        return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    }
};

}  // namespace tour
