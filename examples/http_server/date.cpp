#include "date.hpp"

#include <array>
#include <cstddef>
#include <ctime>

namespace http_server {

std::string date_text(std::chrono::nanoseconds since_1970) {
    const auto seconds = static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(since_1970).count());
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return {text.data(), size};
}

std::string_view date_text_of_now() {
    thread_local std::chrono::seconds second{-1};
    thread_local std::string text;
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
    if (now != second) {
        second = now;
        text = date_text(now);
    }
    return text;
}

std::optional<std::chrono::seconds> date_of(const std::string& text) {
    for (const char* form : {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
        std::tm parts{};
        const char* end = strptime(text.c_str(), form, &parts);
        if (end && *end == '\0') return std::chrono::seconds(timegm(&parts));
    }
    return std::nullopt;
}

}  // namespace http_server
