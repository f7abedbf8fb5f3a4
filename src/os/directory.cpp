#include <fermata/os/detail/opening.hpp>
#include <fermata/os/directory.hpp>

#include <fcntl.h>

#include <utility>

namespace fermata::inline v0 {

namespace {

using detail::open_mode;
using detail::state_of;

constexpr open_mode to_open_beneath{.flags = O_PATH | O_DIRECTORY};

task<directory> as_directory(task<file> opening) {
    file opened = co_await std::move(opening);
    co_return directory(std::move(opened));
}

}  // namespace

task<file> directory::open_file(std::string path, std::string_view mode) const {
    const open_mode parsed = detail::parse_mode(mode);
    detail::check_open(state_of(held_).get());
    return detail::open(std::move(path), parsed, state_of(held_)->on);
}

task<directory> directory::open_directory(std::string path) const {
    detail::check_open(state_of(held_).get());
    return as_directory(detail::open(std::move(path), to_open_beneath, state_of(held_)->on));
}

task<directory> open_directory(std::string path) {
    return as_directory(detail::open(std::move(path), to_open_beneath));
}

}  // namespace fermata::inline v0
