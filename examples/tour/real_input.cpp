#include "real_input.hpp"

#include "coroutines.hpp"
#include "python.hpp"

#include <fermata/generator.hpp>
#include <fermata/iteration.hpp>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tour {

namespace {

// A word, and where it stands. Valid until the next one is asked for.
struct word {
    std::string_view text;
    std::string_view line;
    std::ptrdiff_t line_number;

    // In characters, from 1 on.
    long column() const {
        long characters = 1;
        for (const char* at = line.data(); at != text.data(); ++at) {
            const bool continues_one = (static_cast<unsigned char>(*at) & 0xc0) == 0x80;
            if (!continues_one) ++characters;
        }
        return characters;
    }
};

// As str.split() takes them, of ASCII.
constexpr std::string_view spaces = " \t\n\r\v\f\x1c\x1d\x1e\x1f";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

fermata::generator<word> words(fermata::line_iterator lines) {
    for (const auto& [number, text] : fermata::enumerate(lines, 1)) {
        std::string_view line = text;
        if (number == 1 && line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
        std::size_t begin = line.find_first_not_of(spaces);
        if (begin != std::string_view::npos && line[begin] == '#') continue;
        while (begin != std::string_view::npos) {
            const std::size_t end = line.find_first_of(spaces, begin);
            word found{line.substr(begin, end - begin), line, number};
            co_yield found;
            begin = line.find_first_not_of(spaces, end);
        }
    }
}

// The tour's two averagers in one: it yields the average so far, and returns it with the count when it is sent None.
fermata::generator<std::optional<double>, std::optional<double>, coroutines::averaged> both_averagers() {
    double total = 0.0;
    long long count = 0;
    std::optional<double> average;
    while (true) {
        std::optional<double> term = co_yield average;
        if (!term) break;
        total += *term;
        count += 1;
        average = total / static_cast<double>(count);
    }
    co_return coroutines::averaged{count, average};
}

// Shows the average after each number at first, and then ever more rarely.
class progress {
public:
    void number(double value, double average) {
        ++count_;
        value_ = value;
        average_ = average;
        if (count_ <= 20) return show();
        if (count_ < next_) return;
        show();
        // 50, 100, 200, 500, 1000 …
        factor_ = factor_ == 2 ? 5 : factor_ == 5 ? 10 : 2;
        if (factor_ == 10) {
            factor_ = 1;
            power_ *= 10;
        }
        next_ = factor_ * power_;
    }
    void last() {
        if (count_ != shown_) show();
    }

private:
    void show() {
        std::printf("%9lld: %-20s average %s\n", count_, repr(value_).c_str(), repr(average_).c_str());
        std::fflush(stdout);  // it is few lines, and who waits for them may read them through a pipe
        shown_ = count_;
    }

    long long count_ = 0;
    long long shown_ = 0;
    long long factor_ = 5;
    long long power_ = 10;
    long long next_ = 50;
    double value_ = 0;
    double average_ = 0;
};

// Reports what is not a number, and counts it.
class skipped_words {
public:
    skipped_words(std::string name, bool strict) : name_(std::move(name)), strict_(strict) {}

    void skip(const word& found, bool is_not_finite) {
        ++count_;
        if (count_ > most_reported) return;
        const char* what = is_not_finite ? "is not a finite number" : "is not a number";
        const char* then = strict_ ? "stopped (--strict)" : "skipped";
        std::fflush(stdout);  // so that the two come in order where they go to the same place
        std::fprintf(stderr, "%s:%td:%ld: %s %s; %s\n", name_.c_str(), found.line_number, found.column(),
                     shortened(found.text).c_str(), what, then);
        if (count_ == most_reported) {
            std::fprintf(stderr, "%s: more words that are not numbers will only be counted\n", name_.c_str());
        }
    }
    long long count() const { return count_; }

private:
    static constexpr long long most_reported = 100;

    static std::string shortened(std::string_view text) {
        constexpr std::size_t most = 60;
        if (text.size() <= most) return repr(text);
        std::size_t length = most;
        while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) --length;
        return repr(text.substr(0, length)) + "...";
    }

    std::string name_;
    bool strict_;
    long long count_ = 0;
};

}  // namespace

int average_numbers(const input& from) {
    const bool is_standard_input = from.path == "-";
    const std::string name = is_standard_input ? "<stdin>" : from.path;
    print("reading", name);
    auto coro = both_averagers();
    coro.next();
    progress shown;
    skipped_words skipped(name, from.strict);
    for (const word& found : words(is_standard_input ? fermata::lines(stdin) : fermata::lines(from.path))) {
        const std::optional<double> number = to_float(found.text);
        if (number && std::isfinite(*number)) {
            const auto average = coro.send(*number);
            shown.number(*number, **average);
            continue;
        }
        skipped.skip(found, number.has_value());
        if (from.strict) return 1;
    }
    shown.last();

    const auto end = coro.send(std::nullopt);
    const coroutines::averaged& result = *end.result();
    if (result.count == 0) print("there is no number in", name + ": no average");
    print("returned", result);
    print("skipped", skipped.count(), skipped.count() == 1 ? "word" : "words");
    return 0;
}

bool standard_input_brings_something() {
    struct stat status = {};
    if (fstat(STDIN_FILENO, &status) != 0) return false;
    if (S_ISREG(status.st_mode)) return true;
    if (!S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode)) return false;
    pollfd standard_input = {STDIN_FILENO, POLLIN, 0};
    std::fflush(stdout);
    if (poll(&standard_input, 1, 2000) <= 0) {
        std::fputs("tour: nothing comes on standard input; --input - waits for it longer\n", stderr);
        return false;
    }
    // At its end a pipe, a socket too, is readable and gives nothing.
    const int first = std::getc(stdin);
    return first != EOF && std::ungetc(first, stdin) != EOF;
}

}  // namespace tour
