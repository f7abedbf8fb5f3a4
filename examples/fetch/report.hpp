#pragma once

// What the user sees.

#include "exchange.hpp"

#include <fermata/task/task.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <string>

namespace fetch {

/// A line for each URL when it is done, and under them, where standard error is a terminal, a bar.
class report {
public:
    /// all: what is to be fetched, as far as it has come. lines: where they go.
    report(const std::deque<progress>& all, std::FILE* lines);

    void done(const std::string& url, const progress& seen, std::chrono::nanoseconds took);
    void failed(const std::string& url, const std::string& why);
    bool has_failures() const noexcept { return failures_ > 0; }

    /// Draws the bar until it is cancelled.
    fermata::task<> draw();

private:
    std::string bar() const;
    void show_bar() const;
    void hide_bar() const;

    const std::deque<progress>& all_;
    std::size_t finished_ = 0;
    std::size_t failures_ = 0;
    std::FILE* lines_;
    bool has_bar_;
};

}  // namespace fetch
