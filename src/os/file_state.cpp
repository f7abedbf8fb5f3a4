#include <fermata/os/detail/file_state.hpp>
#include <fermata/os/file.hpp>

namespace fermata::inline v0::detail {

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
