#include <fermata/io/stream.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace fermata::inline v0 {

namespace {

using detail::fill_awaiter;
using detail::stream_state;

// A peer may announce anything, and send nothing: more memory is taken as a multiple of what has come.
constexpr std::size_t most_before_it_comes = std::size_t{1} << 20;

std::string says_incomplete(std::size_t size, std::size_t expected) {
    return std::to_string(size) + " bytes read on a total of " +
           (expected > 0 ? std::to_string(expected) : std::string("undefined")) + " expected bytes";
}

// Finds a separator in what has come. No coroutine: who waits for a line has one frame, and not two.
class search {
public:
    explicit search(std::string_view separator) noexcept : separator_(separator) {}

    /// Where it ends in the buffer; 0: more is to come. Raises limit_overrun_error.
    std::size_t look(const stream_state& in) {
        const std::string_view there = in.buffer.view();
        const std::size_t at = there.find(separator_, looked_);
        if (at != std::string_view::npos) {
            if (at > in.limit) throw limit_overrun_error("Separator is found, but chunk is longer than limit", at);
            return at + separator_.size();
        }
        if (there.size() >= separator_.size()) looked_ = there.size() - separator_.size() + 1;
        if (looked_ > in.limit) {
            throw limit_overrun_error("Separator is not found, and chunk exceed the limit", looked_);
        }
        return 0;
    }

    /// Of a line. Raises value_error, and skips what is too long.
    std::size_t look_for_line(stream_state& in) {
        try {
            return look(in);
        } catch (const limit_overrun_error& e) {
            const bool is_there = in.buffer.view().substr(e.consumed()).starts_with('\n');
            in.buffer.drop(is_there ? e.consumed() + 1 : in.buffered());
            throw value_error(e.what());
        }
    }

private:
    std::string_view separator_;
    std::size_t looked_ = 0;
};

}  // namespace

incomplete_read_error::incomplete_read_error(std::string partial, std::size_t expected)
    : error(says_incomplete(partial.size(), expected)), partial_(std::move(partial)), expected_(expected) {}

task<std::string> stream::read(std::size_t at_most) {
    stream_state& of = state();
    of.check_reading();
    if (at_most == 0) co_return std::string();
    if (of.buffered() == 0) co_await fill_awaiter(of);
    co_return of.buffer.take(at_most);
}

task<std::string> stream::read() {
    stream_state& of = state();
    for (;;) {
        const std::size_t more = co_await fill_awaiter(of);
        if (more == 0) break;
    }
    co_return of.buffer.take(of.buffered());
}

task<std::string> stream::read_exactly(std::size_t size) {
    stream_state& of = state();
    of.check_reading();
    std::string bytes(std::min(size, most_before_it_comes), '\0');
    std::size_t have = of.buffer.take({bytes.data(), bytes.size()});
    std::exception_ptr raised;
    while (have < size && !raised) {
        try {
            if (have == bytes.size()) bytes.resize(std::min(size, 4 * have));
            const std::size_t more = co_await detail::read_awaiter(of, {bytes.data() + have, bytes.size() - have});
            if (more == 0) break;
            have += more;
        } catch (...) {
            raised = std::current_exception();
        }
    }
    if (raised) {
        // Whoever comes next reads it.
        of.buffer.put_back({bytes.data(), have});
        std::rethrow_exception(raised);
    }
    if (have < size) {
        bytes.resize(have);
        throw incomplete_read_error(std::move(bytes), size);
    }
    co_return bytes;
}

task<std::string> stream::read_until(std::string separator) {
    if (separator.empty()) throw value_error("Separator should be at least one-byte string");
    stream_state& of = state();
    of.check_reading();
    search wanted(separator);
    std::size_t end = wanted.look(of);
    while (end == 0) {
        const std::size_t more = co_await fill_awaiter(of);
        if (more == 0) throw incomplete_read_error(of.buffer.take(of.buffered()), 0);
        end = wanted.look(of);
    }
    co_return of.buffer.take(end);
}

task<std::string> stream::readline() {
    stream_state& of = state();
    of.check_reading();
    search newline("\n");
    std::size_t end = newline.look_for_line(of);
    while (end == 0) {
        const std::size_t more = co_await fill_awaiter(of);
        end = more == 0 ? of.buffered() : newline.look_for_line(of);
        if (more == 0) break;
    }
    co_return of.buffer.take(end);
}

task<> stream::wait_closed() const {
    if (!is_closing()) throw runtime_error("wait_closed() called before close()");
    return state().on->wait_closed();
}

void stream::write_eof() {
    stream_state& of = state();
    if (of.wrote_end || of.closed) return;
    if (of.writing) throw runtime_error("write_eof() called while another coroutine is writing");
    of.on->shut_down_writing();
    of.wrote_end = true;
}

}  // namespace fermata::inline v0
