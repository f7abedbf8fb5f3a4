#include <fermata/os/detail/send_file_awaiter.hpp>
#include <fermata/os/sendfile.hpp>

#include <algorithm>
#include <exception>
#include <limits>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace fermata::inline v0 {

namespace {

using detail::stream_state;

bool kernel_sends_to(const stream_state& of) {
    const auto* const socket = dynamic_cast<const detail::descriptor_endpoint*>(of.on.get());
    return socket && !socket->is_shared() && of.write_code == detail::io_code::send;
}

task<> read_and_write(stream& to, const file& from, std::uint64_t offset, std::size_t count, std::size_t& sent) {
    constexpr std::size_t most = 64 * 1024;
    while (sent < count) {
        const std::string part = co_await from.pread(std::min(most, count - sent), offset + sent);
        if (part.empty()) break;
        co_await to.write(part);
        sent += part.size();
    }
}

}  // namespace

task<std::size_t> sendfile(stream& to, const file& from, std::uint64_t offset, std::optional<std::size_t> count) {
    if (count && *count == 0) throw value_error("count must be a positive integer (got 0)");
    const std::shared_ptr<detail::file_state> state = detail::state_of(from);
    detail::check_readable(state.get());
    detail::check_position(state.get());
    const detail::position_user alone(*state);
    // Held, as it may be closed meanwhile.
    const std::shared_ptr<detail::file_endpoint> on = state->on;
    stream_state& writes = detail::state_of(to);
    const std::size_t size = count.value_or(std::numeric_limits<std::size_t>::max());
    std::size_t sent = 0;
    bool by_kernel = kernel_sends_to(writes);
    std::exception_ptr raised;
    try {
        if (by_kernel) co_await detail::send_file_awaiter(writes, on->descriptor(), offset, size, sent);
    } catch (const std::system_error& e) {
        // It does not of each file: not of those in /proc that it makes up, nor of each file system's.
        by_kernel = sent > 0 || e.code() != std::errc::invalid_argument;
        if (by_kernel) raised = std::current_exception();
    } catch (...) {
        raised = std::current_exception();
    }
    try {
        if (!by_kernel) co_await read_and_write(to, from, offset, size, sent);
    } catch (...) {
        raised = std::current_exception();
    }
    state->position = offset + sent;
    if (raised) std::rethrow_exception(raised);
    co_return sent;
}

}  // namespace fermata::inline v0
