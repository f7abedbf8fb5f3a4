// read_until, readline, read and read_exactly in any order, over what comes in pieces of any size, with any limit: nothing is lost,
// added or changed, and a separator ends what is read, and stands nowhere else in it.

#include "targets.hpp"

#include <fermata/async.hpp>
#include <fermata/io.hpp>
#include <fermata/testing.hpp>

namespace fuzz {

namespace {

using namespace fermata;

task<> write_in_pieces(stream to, std::string_view payload, unsigned size) {
    for (choices left(payload); !left.empty();) co_await to.write(left.bytes(size));
    to.write_eof();
}

// What was not found within the limit is read all the same, as far as it was looked through.
task<std::string> read_until_or_skip(stream& from, const std::string& separator) {
    std::size_t looked_through = 0;
    try {
        std::string got = co_await from.read_until(separator);
        require(got.find(separator) == got.size() - separator.size(), "read_until: a separator within what it gave");
        co_return got;
    } catch (const incomplete_read_error& ended) {
        co_return ended.partial();
    } catch (const limit_overrun_error& error) {
        looked_through = error.consumed();
    }
    require(looked_through > 0, "read_until: a limit was overrun by nothing");
    std::string skipped = co_await from.read_exactly(looked_through);
    co_return skipped;
}

task<std::string> read_one_way(stream& from, choices& of, const std::string& separator) {
    std::string got;
    switch (of.byte() % 3) {
    case 0: got = co_await read_until_or_skip(from, separator); break;
    case 1: got = co_await from.read(of.byte() + 1); break;
    default: try { got = co_await from.read_exactly(of.byte());
        } catch (const incomplete_read_error& ended) {
            got = ended.partial();
        }
    }
    co_return got;
}

task<> read_all(stream& from, choices of, std::string_view payload, std::string separator) {
    std::string all;
    while (!from.at_eof()) all += co_await read_one_way(from, of, separator);
    require(all == payload, "stream: what was read is not what was written");
}

// Lines that are too long are skipped, whole: all others come, in their order.
task<> read_lines(stream& from, std::string_view payload, std::size_t limit) {
    for (;;) {
        std::string line;
        try {
            line = co_await from.readline();
        } catch (const value_error&) {
            continue;
        }
        if (line.empty()) break;
        require(line.find('\n') >= line.size() - 1, "readline: an end of line within a line");
        require(line.size() <= limit + 1, "readline: a line beyond the limit");
        require(payload.find(line) != std::string_view::npos, "readline: a line that nobody wrote");
    }
}

task<> program(std::string_view input) {
    choices of(input);
    const std::size_t limit = of.byte() + 1;
    const unsigned piece = of.byte() % 64 + 1;
    const std::size_t capacity = of.byte() + 1;
    const bool lines = of.byte() % 2 == 0;
    std::string separator(of.bytes(of.byte() % 4 + 1));
    if (separator.empty()) separator.push_back('\n');
    const choices how(of.bytes(16));
    const std::string_view payload = of.rest();

    auto [near, far] = memory_streams(capacity);
    near.set_limit(limit);
    auto writing = create_task(write_in_pieces(std::move(far), payload, piece));
    if (lines) {
        co_await read_lines(near, payload, limit);
    } else {
        co_await read_all(near, how, payload, separator);
    }
    co_await writing;
}

}  // namespace

void read_stream(std::string_view input) { run_test(program(input)); }

}  // namespace fuzz
