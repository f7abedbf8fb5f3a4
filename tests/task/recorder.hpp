#pragma once

// Runs a program on virtual time, and keeps a line for whatever it says.

#include <fermata/task/run.hpp>

#include <sstream>
#include <string>
#include <vector>

namespace tests {

using lines = std::vector<std::string>;

class recorder {
public:
    /// As Python's print: the arguments, with spaces between them.
    template <class... Arguments>
    void operator()(const Arguments&... arguments) {
        std::ostringstream line;
        line << std::boolalpha;
        const char* space = "";
        ((line << space << arguments, space = " "), ...);
        lines_.push_back(line.str());
    }
    const lines& said() const { return lines_; }

private:
    lines lines_;
};

/// What a program says, given a recorder to say it to: `[](recorder& say) -> task<> { … }`.
template <class Program>
lines said_by(Program program) {
    recorder say;
    fermata::run(program(say), {.virtual_time = true});
    return say.said();
}

}  // namespace tests
