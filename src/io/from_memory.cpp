#include <fermata/io/detail/open_beneath.hpp>
#include <fermata/io/detail/operation.hpp>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace fermata::inline v0::detail {

namespace {

constexpr int would_take_a_while = -EAGAIN;

int stat_from_memory(const io_request& r, int descriptor) noexcept {
    return describe_from_memory(descriptor, *static_cast<struct statx*>(r.address)) ? 0 : would_take_a_while;
}

// Much takes a while to be copied, too.
int read_from_memory(const io_request& r, int descriptor) noexcept {
    constexpr std::size_t most = 64 * 1024;
    if (r.offset < 0 || r.size > most) return would_take_a_while;
    const iovec into{r.address, r.size_at_once()};
    const ssize_t size = preadv2(descriptor, &into, 1, r.offset, RWF_NOWAIT);
    return size < 0 ? would_take_a_while : static_cast<int>(size);
}

// A descriptor of what the path names, or -1. Asks no kernel again that is older than Linux 5.6.
int find_in_memory(const char* path) noexcept {
    static std::atomic<bool> is_there = true;
    if (!is_there.load(std::memory_order_relaxed)) return -1;
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_CACHED;
    const long found = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
    if (found < 0 && errno == ENOSYS) is_there.store(false, std::memory_order_relaxed);
    return static_cast<int>(found);
}

// The path first, without opening what it names: a pipe would wait for its writer, and a device may do something.
int open_from_memory(const io_request& r) noexcept {
    if ((r.flags & (O_CREAT | O_TRUNC)) != 0) return would_take_a_while;
    const int found = find_in_memory(static_cast<const char*>(r.address));
    if (found < 0) return would_take_a_while;
    struct statx status{};
    int opened = -1;
    if (describe_from_memory(found, status) && S_ISREG(status.stx_mode)) {
        // One that somebody has a lease on (F_SETLEASE) would wait until that is given back: up to 45 seconds.
        opened = open_named(found, r.flags | O_NONBLOCK);
        // The flag means nothing to a file, but io_uring gives up where it would have to wait.
        if (opened >= 0) fcntl(opened, F_SETFL, r.flags);
    }
    ::close(found);
    if (opened < 0) return would_take_a_while;
    if (r.extra) *static_cast<struct statx*>(r.extra) = status;
    return opened;
}

}  // namespace

// What has no disk of its own (its device's major number is 0) may have to ask another machine, or a program.
bool describe_from_memory(int descriptor, struct statx& into) noexcept {
    constexpr int flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
    return statx(descriptor, "", flags, STATX_BASIC_STATS, &into) == 0 && into.stx_dev_major != 0;
}

int perform_from_memory(const io_request& request, int descriptor) noexcept {
    switch (request.code) {
    case io_code::open: return open_from_memory(request);
    case io_code::open_beneath: return open_beneath_from_memory(request, descriptor);
    case io_code::stat: return stat_from_memory(request, descriptor);
    case io_code::read: return read_from_memory(request, descriptor);
    default: return would_take_a_while;
    }
}

}  // namespace fermata::inline v0::detail
