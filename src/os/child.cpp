#include <fermata/base/errors.hpp>
#include <fermata/io/detail/backend.hpp>
#include <fermata/os/detail/child.hpp>

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>

namespace fermata::inline v0::detail {

// Of a child whose end the kernel told nobody, because SIGCHLD is ignored, or somebody else: what asyncio says then.
constexpr int unknown_returncode = 255;

child::child(backend& by, int pid, unique_descriptor pidfd)
    : pid_(pid), pidfd_(by, std::move(pidfd)), exit_(pidfd_, {.code = io_code::poll, .flags = POLLIN}) {
    place_.of = this;
}

void child::begin() {
    if (pidfd_.descriptor() < 0) {
        returncode_ = unknown_returncode;
        return ended_.set();
    }
    running_children& all = running_children::of(pidfd_.loop());  // may raise
    self_ = shared_from_this();
    all.add(*this);
    exit_.wake(*this);
    exit_.start();
}

// The pidfd is readable. Where the kernel could not be made to tell (it has no memory for it), the child is asked for again and again.
void child::run() {
    event_loop& loop = pidfd_.loop();
    if (!reap(WNOHANG)) {
        if (exit_.result() >= 0) return exit_.start();
        loop.schedule_at(*this, loop.time_after(std::chrono::milliseconds(50)));
        return;
    }
    const std::shared_ptr<child> keep = std::move(self_);
    place_.unlink();
    pidfd_.close();
    ended_.set();
}

bool child::reap(int flags) noexcept {
    int status = 0;
    int reaped = 0;
    do {
        reaped = waitpid(pid_, &status, flags);
    } while (reaped < 0 && errno == EINTR);
    if (reaped == 0) return false;
    if (reaped < 0) {
        returncode_ = unknown_returncode;
    } else {
        returncode_ = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    }
    return true;
}

int child::send_signal(int signal) noexcept {
    return syscall(SYS_pidfd_send_signal, pidfd_.descriptor(), signal, nullptr, 0) < 0 ? errno : 0;
}

// One that may not be killed (it has become another user's) is left behind, and its parent will be init.
void child::end() noexcept {
    const std::shared_ptr<child> keep = std::move(self_);
    place_.unlink();
    exit_.abort();
    unlink();
    reap(send_signal(SIGKILL) == EPERM ? WNOHANG : 0);
    pidfd_.close();
}

running_children& running_children::of(event_loop& loop) {
    auto& extension = loop.extension(extension_slot::children);
    if (!extension) extension = std::make_unique<running_children>();
    return static_cast<running_children&>(*extension);
}

void running_children::close() noexcept {
    while (!list_.empty()) list_.front().of->end();
}

}  // namespace fermata::inline v0::detail
