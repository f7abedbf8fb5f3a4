#include "date.hpp"

#include <cstddef>
#include <ctime>

namespace http_server {

// By hand: strftime takes as long as all the rest of a head.
std::string date_text(std::chrono::nanoseconds since_1970) {
    using namespace std::chrono;
    constexpr std::string_view names_of_days = "SunMonTueWedThuFriSat";
    constexpr std::string_view names_of_months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const sys_seconds second(floor<seconds>(since_1970));
    const sys_days day = floor<days>(second);
    const year_month_day date(day);
    const hh_mm_ss time(second - day);
    std::string text = "Sun, 00 Jan 0000 00:00:00 GMT";
    const auto put = [&text](std::size_t at, auto number) {
        text[at] = static_cast<char>('0' + number / 10 % 10);
        text[at + 1] = static_cast<char>('0' + number % 10);
    };
    names_of_days.copy(&text[0], 3, 3 * weekday(day).c_encoding());
    put(5, static_cast<unsigned>(date.day()));
    names_of_months.copy(&text[8], 3, 3 * (static_cast<unsigned>(date.month()) - 1));
    put(12, static_cast<int>(date.year()) / 100);
    put(14, static_cast<int>(date.year()));
    put(17, time.hours().count());
    put(20, time.minutes().count());
    put(23, time.seconds().count());
    return text;
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
