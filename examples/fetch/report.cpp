#include "report.hpp"

#include <fermata/async.hpp>

#include <unistd.h>

#include <array>
#include <cinttypes>

namespace fetch {

using namespace fermata;

report::report(const std::deque<progress>& all, std::FILE* lines)
    : all_(all), lines_(lines), has_bar_(isatty(STDERR_FILENO) != 0) {}

void report::done(const std::string& url, const progress& seen, std::chrono::nanoseconds took) {
    ++finished_;
    hide_bar();
    const std::string led_to = seen.url == url ? "" : " -> " + seen.url;
    std::fprintf(lines_, "%u %10" PRIu64 " B %8.3f s  %s%s\n", seen.status, seen.bytes,
                 std::chrono::duration<double>(took).count(), url.c_str(), led_to.c_str());
    std::fflush(lines_);
    show_bar();
}

void report::failed(const std::string& url, const std::string& why) {
    ++finished_;
    ++failures_;
    hide_bar();
    std::fprintf(stderr, "fetch: %s: %s\n", url.c_str(), why.c_str());
    show_bar();
}

task<> report::draw() {
    if (!has_bar_) co_return;
    const struct hiding {
        const report& of;
        ~hiding() { of.hide_bar(); }
    } at_the_end{*this};
    for (;;) {
        show_bar();
        co_await sleep(std::chrono::milliseconds(100));
    }
}

std::string report::bar() const {
    constexpr std::size_t width = 30;
    std::uint64_t bytes = 0;
    for (const progress& each : all_) bytes += each.bytes;
    const std::size_t full = finished_ * width / all_.size();
    std::array<char, 64> counts{};
    std::snprintf(counts.data(), counts.size(), "] %zu/%zu, %.1f MB", finished_, all_.size(),
                  static_cast<double>(bytes) / 1e6);
    return "[" + std::string(full, '#') + std::string(width - full, '.') + counts.data();
}

void report::show_bar() const {
    if (has_bar_) std::fprintf(stderr, "\r\x1b[K%s", bar().c_str());
}

void report::hide_bar() const {
    if (has_bar_) std::fputs("\r\x1b[K", stderr);
}

}  // namespace fetch
