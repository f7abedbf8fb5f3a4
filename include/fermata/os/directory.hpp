#pragma once

/// \file
/// A directory to open files beneath, whatever their paths say: what Python builds from `os.open(path, flags, dir_fd=…)`.

#include <fermata/os/detail/file_state.hpp>
#include <fermata/os/file.hpp>
#include <fermata/task/task.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace fermata::inline v0 {

/// An open directory. For paths that strangers give: they lead nowhere outside of it, neither by ".." nor by a symbolic link, and
/// not while somebody renames what is on the way, since it is the kernel who looks. A link to what is inside is
/// followed where it is relative: an absolute one leads out. It stays the same directory when it is renamed.
///
/// As a file: not inherited by other programs; its calls suspend where the kernel does not have it all in memory, and run then in one of
/// the loop's threads (see to_thread), which also holds for cancellation. Its methods may be called side by side.
/// Needs Linux 5.6 (std::system_error "Function not implemented").
class directory {
public:
    directory() noexcept = default;
    explicit directory(file held) noexcept : held_(std::move(held)) {}

    /// As fermata::open_file, of a regular file. Raises also std::system_error cross_device_link "open a/../../b: Invalid
    /// cross-device link" where the path leads out, operation_not_permitted for a pipe and a device, no_such_device_or_address for
    /// a socket. (A writer who waits for a reader of the pipe may go on: that it is one is seen when it is open.)
    [[nodiscard]] task<file> open_file(std::string path, std::string_view mode = "r") const;
    /// Another one, beneath it. Raises std::system_error as that, and not_a_directory.
    [[nodiscard]] task<directory> open_directory(std::string path) const;

    /// -1 when it is closed. It names the directory (O_PATH): to read its entries open "/proc/self/fd/N".
    int descriptor() const noexcept { return held_.descriptor(); }
    const std::string& name() const { return held_.name(); }
    void close() { held_.close(); }

private:
    file held_;
};

/// Raises std::system_error "open /nowhere: No such file or directory", "… Not a directory".
task<directory> open_directory(std::string path);

}  // namespace fermata::inline v0
