#include <fermata/io/detail/backend.hpp>
#include <fermata/io/detail/stream_state.hpp>
#include <fermata/os/detail/file_io.hpp>
#include <fermata/os/file.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace fermata::inline v0 {

namespace {

using detail::do_on;
using detail::file_state;
using detail::io_code;
using detail::position_user;
using detail::status_of;

// What a call asks for

std::size_t check(const file_state& of, const char* what, int result) {
    if (result < 0) detail::raise_io_error(result, what, of.path);
    return static_cast<std::size_t>(result);
}

constexpr std::int64_t where_it_stands = -1;

std::int64_t offset_of(const file_state& of, std::size_t further) noexcept {
    return of.has_position ? static_cast<std::int64_t>(of.position + further) : where_it_stands;
}

task<std::size_t> read_once(std::shared_ptr<file_state> of, char* into, std::size_t size, std::int64_t offset) {
    // Held, as it may be closed meanwhile.
    auto reading = do_on(of->on, {.code = io_code::read, .address = into, .size = size, .offset = offset});
    const int result = co_await std::move(reading);
    co_return check(*of, "read", result);
}

task<> write_all(std::shared_ptr<file_state> of, const std::string& bytes, std::int64_t offset, std::size_t& written) {
    while (written < bytes.size()) {
        check_open(of.get());
        auto* const from = const_cast<char*>(bytes.data() + written);  // NOLINT: it is only read
        const std::int64_t at = offset < 0 ? offset : offset + static_cast<std::int64_t>(written);
        auto writing =
            do_on(of->on, {.code = io_code::write, .address = from, .size = bytes.size() - written, .offset = at});
        const int result = co_await std::move(writing);
        written += check(*of, "write", result);
    }
}

}  // namespace

file::~file() {
    if (state_) state_->on.reset();
}

// Reading

task<std::string> file::read(shared_state of, std::size_t size) {
    check_readable(of.get());
    const position_user alone(*of);
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < size) {
        check_open(of.get());
        const std::size_t more = co_await read_once(of, bytes.data() + have, size - have, offset_of(*of, have));
        if (more == 0) break;
        have += more;
    }
    bytes.resize(have);
    of->position += have;
    co_return bytes;
}

// One byte more than is known to be there: so the end is found without another buffer.
task<std::string> file::read_all(shared_state of) {
    check_readable(of.get());
    const position_user alone(*of);
    constexpr std::size_t least = 4096;
    std::string bytes;
    std::size_t have = 0;
    if (of->when_opened.size > of->position)
        bytes.resize(static_cast<std::size_t>(of->when_opened.size - of->position) + 1);
    for (;;) {
        check_open(of.get());
        if (have == bytes.size()) bytes.resize(std::max(least, have * 2));
        const std::size_t more = co_await read_once(of, bytes.data() + have, bytes.size() - have, offset_of(*of, have));
        if (more == 0) break;
        have += more;
    }
    bytes.resize(have);
    of->position += have;
    co_return bytes;
}

task<std::string> file::read_some(shared_state of, std::size_t at_most) {
    check_readable(of.get());
    const position_user alone(*of);
    std::string bytes(at_most, '\0');
    const std::size_t have = co_await read_once(of, bytes.data(), at_most, offset_of(*of, 0));
    bytes.resize(have);
    of->position += have;
    co_return bytes;
}

task<std::string> file::pread(shared_state of, std::size_t size, std::uint64_t offset) {
    check_readable(of.get());
    check_position(of.get());
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < size) {
        check_open(of.get());
        const auto at = static_cast<std::int64_t>(offset + have);
        const std::size_t more = co_await read_once(of, bytes.data() + have, size - have, at);
        if (more == 0) break;
        have += more;
    }
    bytes.resize(have);
    co_return bytes;
}

// Writing

task<> file::write(shared_state of, std::string bytes) {
    check_writable(of.get());
    const position_user alone(*of);
    std::size_t written = 0;
    std::exception_ptr raised;
    try {
        co_await write_all(of, bytes, of->appends ? where_it_stands : offset_of(*of, 0), written);
    } catch (const std::system_error&) {
        raised = std::current_exception();  // what was written before has moved the position
    }
    of->position += written;
    if (of->appends && of->has_position && of->on) {
        const off_t end = lseek(of->on->descriptor(), 0, SEEK_CUR);
        if (end >= 0) of->position = static_cast<std::uint64_t>(end);
    }
    if (raised) std::rethrow_exception(raised);
}

task<> file::pwrite(shared_state of, std::string bytes, std::uint64_t offset) {
    check_writable(of.get());
    check_position(of.get());
    std::size_t written = 0;
    co_await write_all(of, bytes, static_cast<std::int64_t>(offset), written);
}

task<> file::fsync(shared_state of) {
    check_open(of.get());
    auto syncing = do_on(of->on, {.code = io_code::sync});
    const int result = co_await std::move(syncing);
    check(*of, "fsync", result);
}

// The rest

std::uint64_t file::tell() const {
    check_position(state_.get());
    return state_->position;
}

void file::seek(std::uint64_t offset) const {
    check_position(state_.get());
    state_->position = offset;
}

task<file_status> file::stat(shared_state of) {
    check_open(of.get());
    struct statx found{};
    auto asking = do_on(of->on, {.code = io_code::stat, .address = &found});
    const int result = co_await std::move(asking);
    check(*of, "stat", result);
    co_return status_of(found);
}

// One that a thread is at work on is closed when that has ended.
void file::close() {
    if (closed()) return;
    const std::shared_ptr<detail::file_endpoint> last = std::exchange(state_->on, nullptr);
    if (last.use_count() > 1) return;
    if (::close(last->release()) < 0) throw std::system_error(errno, std::generic_category(), "close " + state_->path);
}

async_generator<std::string> async_lines(std::string path) {
    constexpr std::size_t at_once = 64 * 1024;
    const file from = co_await open_file(std::move(path));
    std::string line;
    bool after_return = false;
    for (;;) {
        const std::string some = co_await from.read_some(at_once);
        if (some.empty()) break;
        for (std::size_t at = 0; at < some.size();) {
            // It has ended its line already.
            if (std::exchange(after_return, false) && some[at] == '\n') {
                ++at;
                continue;
            }
            const std::size_t end = std::min(some.find_first_of("\r\n", at), some.size());
            line.append(some, at, end - at);
            at = end + 1;
            if (end == some.size()) break;
            after_return = some[end] == '\r';
            line.push_back('\n');
            co_yield line;
            line.clear();
        }
    }
    if (!line.empty()) co_yield line;
}

}  // namespace fermata::inline v0
