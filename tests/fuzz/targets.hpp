#pragma once

// What is fed with bytes of all kinds. A target looks at what it gets back, and ends the program with a word where that is wrong.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace fuzz {

inline void require(bool good, const char* what) {
    if (good) return;
    std::fprintf(stderr, "fuzz: %s\n", what);
    std::abort();
}

/// Takes choices off the front of an input: 0 where there are no more.
class choices {
public:
    explicit choices(std::string_view input) noexcept : left_(input) {}

    unsigned byte() noexcept {
        if (left_.empty()) return 0;
        const auto first = static_cast<unsigned char>(left_.front());
        left_.remove_prefix(1);
        return first;
    }
    /// At most that many bytes.
    std::string_view bytes(std::size_t most) noexcept {
        const std::string_view taken = left_.substr(0, most);
        left_.remove_prefix(taken.size());
        return taken;
    }
    std::string_view rest() noexcept { return bytes(left_.size()); }
    bool empty() const noexcept { return left_.empty(); }

private:
    std::string_view left_;
};

void read_stream(std::string_view input);
void read_address(std::string_view input);
void read_trace(std::string_view input);
void read_http(std::string_view input);
void read_url(std::string_view input);

}  // namespace fuzz
