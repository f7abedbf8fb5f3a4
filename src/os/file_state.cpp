#include <fermata/os/detail/file_state.hpp>
#include <fermata/os/file.hpp>

#include <sys/sysmacros.h>

#include <chrono>

namespace fermata::inline v0::detail {

file_status status_of(const struct statx& found) noexcept {
    file_status status;
    status.size = found.stx_size;
    status.mode = found.stx_mode;
    status.modified = std::chrono::seconds(found.stx_mtime.tv_sec) + std::chrono::nanoseconds(found.stx_mtime.tv_nsec);
    status.device = makedev(found.stx_dev_major, found.stx_dev_minor);
    status.inode = found.stx_ino;
    return status;
}

void check_open(const file_state* of) {
    if (!of || !of->on) throw value_error("I/O operation on closed file");
}

void check_readable(const file_state* of) {
    check_open(of);
    if (!of->readable) throw unsupported_operation("not readable");
}

void check_writable(const file_state* of) {
    check_open(of);
    if (!of->writable) throw unsupported_operation("not writable");
}

void check_position(const file_state* of) {
    check_open(of);
    if (!of->has_position) throw unsupported_operation("not seekable");
}

position_user::position_user(file_state& of) : of_(of) {
    if (of.in_use) throw runtime_error("the file is being read or written by another coroutine");
    of.in_use = true;
}

}  // namespace fermata::inline v0::detail
