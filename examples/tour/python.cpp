#include "python.hpp"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace tour {

std::string repr_float(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    char digits[32];
    const auto scientific = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific);
    std::string text(digits, scientific.ptr);
    // to_chars would choose the shorter notation; Python chooses by the exponent.
    const int exponent = std::atoi(text.c_str() + text.find('e') + 1);
    if (exponent < -4 || exponent >= 16) return text;
    const auto plain = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed);
    text.assign(digits, plain.ptr);
    if (text.find('.') == std::string::npos) text += ".0";
    return text;
}

namespace {

// The length of the UTF-8 sequence that `text` begins with; 0 where it begins with none.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    std::size_t length = 0;
    if (byte(0) < 0x80) length = 1;
    if (byte(0) >= 0xc2 && byte(0) < 0xe0) length = 2;
    if (byte(0) >= 0xe0 && byte(0) < 0xf0) length = 3;
    if (byte(0) >= 0xf0 && byte(0) < 0xf5) length = 4;
    if (length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if (byte(i) < 0x80 || byte(i) >= 0xc0) return 0;
    }
    return length;
}

std::string escaped(unsigned char byte) {
    if (byte == '\t') return "\\t";
    if (byte == '\n') return "\\n";
    if (byte == '\r') return "\\r";
    char text[8];
    std::snprintf(text, sizeof text, "\\x%02x", unsigned{byte});
    return text;
}

}  // namespace

std::string repr_str(std::string_view value) {
    const bool has_single = value.find('\'') != std::string_view::npos;
    const bool has_double = value.find('"') != std::string_view::npos;
    const char quote = has_single && !has_double ? '"' : '\'';
    std::string text(1, quote);
    while (!value.empty()) {
        const std::size_t length = sequence_length(value);
        const auto byte = static_cast<unsigned char>(value.front());
        if (length == 0 || byte < 0x20 || byte == 0x7f) {
            text += escaped(byte);
            value.remove_prefix(1);
            continue;
        }
        if (value.front() == quote || value.front() == '\\') text += '\\';
        text += value.substr(0, length);
        value.remove_prefix(length);
    }
    return text + quote;
}

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "1_000" without its underscores, each of which has to stand between two digits.
std::optional<std::string> without_underscores(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '_') {
            plain += text[i];
        } else if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) {
            return std::nullopt;
        }
    }
    return plain;
}

}  // namespace

std::optional<double> to_float(std::string_view text) {
    const bool has_sign = !text.empty() && (text.front() == '+' || text.front() == '-');
    const bool negative = has_sign && text.front() == '-';
    if (has_sign) text.remove_prefix(1);
    const auto plain = without_underscores(text);
    // What from_chars takes and Python does not: a second sign, and nan(...).
    if (!plain || plain->starts_with('-') || plain->find('(') != std::string::npos) return std::nullopt;

    double value = 0;
    const char* end = plain->data() + plain->size();
    const auto parsed = std::from_chars(plain->data(), end, value);
    if (parsed.ec == std::errc::invalid_argument || parsed.ptr != end) return std::nullopt;
    // from_chars leaves the value alone where it is too large or too small; strtod says which: inf, or near 0.
    if (parsed.ec == std::errc::result_out_of_range) value = std::strtod(plain->c_str(), nullptr);
    return negative ? -value : value;
}

std::string fixed(double value, int digits) {
    std::string text(static_cast<std::size_t>(std::snprintf(nullptr, 0, "%.*f", digits, value)), '\0');
    std::snprintf(text.data(), text.size() + 1, "%.*f", digits, value);
    return text;
}

void print_line(std::string line) {
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stdout);
}

}  // namespace tour
