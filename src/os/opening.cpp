#include <fermata/io/detail/backend.hpp>
#include <fermata/io/detail/stream_state.hpp>
#include <fermata/os/detail/file_io.hpp>
#include <fermata/os/detail/opening.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace fermata::inline v0 {

task<file> open_file(std::string path, std::string_view mode) {
    // Not a coroutine: the mode may be gone by the first step.
    return detail::open(std::move(path), detail::parse_mode(mode));
}

namespace detail {

namespace {

constexpr std::size_t permissions = 0666;

bool has(std::string_view mode, char what) noexcept { return mode.find(what) != std::string_view::npos; }

}  // namespace

open_mode parse_mode(std::string_view mode) {
    for (const char& each : mode) {
        if (!has("rwaxbt+", each) || has(mode.substr(static_cast<std::size_t>(&each - mode.data()) + 1), each)) {
            throw value_error("invalid mode: '" + std::string(mode) + "'");
        }
    }
    if (has(mode, 'b') && has(mode, 't')) throw value_error("can't have text and binary mode at once");
    const auto kinds = std::count_if(mode.begin(), mode.end(), [](char each) { return has("rwax", each); });
    if (kinds == 0) throw value_error("Must have exactly one of create/read/write/append mode and at most one plus");
    if (kinds > 1) throw value_error("must have exactly one of create/read/write/append mode");
    open_mode parsed;
    const bool both = has(mode, '+');
    parsed.readable = both || has(mode, 'r');
    parsed.writable = both || !has(mode, 'r');
    parsed.flags = both ? O_RDWR : parsed.readable ? O_RDONLY : O_WRONLY;
    if (has(mode, 'w')) parsed.flags |= O_CREAT | O_TRUNC;
    if (has(mode, 'a')) parsed.flags |= O_CREAT | O_APPEND;
    if (has(mode, 'x')) parsed.flags |= O_CREAT | O_EXCL;
    return parsed;
}

task<file> open(std::string path, open_mode mode, std::shared_ptr<file_endpoint> beneath) {
    if (path.find('\0') != std::string::npos) throw value_error("embedded null byte");
    auto state = std::make_shared<file_state>();
    state->path = std::move(path);
    state->readable = mode.readable;
    state->writable = mode.writable;
    state->appends = (mode.flags & O_APPEND) != 0;
    state->on = std::make_shared<file_endpoint>(backend::of(current_loop()));
    file opened(state);

    struct statx status{};
    io_request asked{.code = beneath ? io_code::open_beneath : io_code::open, .flags = mode.flags};
    asked.address = state->path.data();
    asked.size = permissions;
    asked.extra = &status;
    auto opening = do_on(beneath ? std::move(beneath) : state->on, asked);
    const int descriptor = co_await std::move(opening);
    if (descriptor < 0) raise_io_error(descriptor, "open", state->path);
    state->on->hold(descriptor);
    const bool is_known = status.stx_mask != 0;
    if (is_known) {
        state->when_opened = status_of(status);
    } else {
        state->when_opened = co_await opened.stat();
    }
    const unsigned kind = state->when_opened.mode;
    if (S_ISDIR(kind) && (mode.flags & O_DIRECTORY) == 0) raise_io_error(-EISDIR, "open", state->path);
    state->has_position = S_ISREG(kind) || S_ISBLK(kind);
    if (state->appends) state->position = state->when_opened.size;
    co_return opened;
}

}  // namespace detail

}  // namespace fermata::inline v0
