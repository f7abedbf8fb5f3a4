#include <fermata/io/detail/backend.hpp>
#include <fermata/io/detail/unique_descriptor.hpp>
#include <fermata/os/detail/pipe_end.hpp>
#include <fermata/os/pipe.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>

namespace fermata::inline v0 {

namespace {

using detail::io_code;

// A socket is asked not to wait in each call.
stream share(int descriptor, const char* name) {
    detail::backend& by = detail::backend::of(current_loop());
    detail::unique_descriptor copy(fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
    struct stat what{};
    if (copy.get() < 0 || fstat(copy.get(), &what) < 0) {
        throw std::system_error(errno, std::generic_category(), name);
    }
    auto end = std::make_unique<detail::descriptor_endpoint>(by, std::move(copy), detail::descriptor_use::shared);
    const bool is_socket = S_ISSOCK(what.st_mode);
    return stream(std::make_unique<detail::stream_state>(std::move(end), name,
                                                         is_socket ? io_code::receive : io_code::read,
                                                         is_socket ? io_code::send : io_code::write));
}

}  // namespace

std::pair<stream, stream> open_pipe() {
    detail::backend& by = detail::backend::of(current_loop());
    int both[2];
    if (pipe2(both, O_CLOEXEC) < 0) throw std::system_error(errno, std::generic_category(), "pipe");
    detail::unique_descriptor reads(both[0]);
    detail::unique_descriptor writes(both[1]);
    stream reading = detail::stream_of_pipe(by, std::move(reads), "a pipe");
    return {std::move(reading), detail::stream_of_pipe(by, std::move(writes), "a pipe")};
}

stream standard_input() { return share(STDIN_FILENO, "stdin"); }
stream standard_output() { return share(STDOUT_FILENO, "stdout"); }
stream standard_error() { return share(STDERR_FILENO, "stderr"); }

}  // namespace fermata::inline v0
