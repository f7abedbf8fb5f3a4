#include <fermata/io/detail/open_beneath.hpp>
#include <fermata/io/detail/unique_descriptor.hpp>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace fermata::inline v0::detail {

namespace {

bool names_alone(const io_request& r) noexcept { return (r.flags & O_PATH) != 0; }

int open_by(const io_request& r, int directory, int flags, std::uint64_t how_to_resolve) noexcept {
    open_how how{};
    how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
    if ((flags & O_CREAT) != 0) how.mode = r.size;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | how_to_resolve;
    const long opened = syscall(SYS_openat2, directory, r.address, &how, sizeof how);
    return opened < 0 ? -errno : static_cast<int>(opened);
}

// It does not wait for the writer of a pipe, which it opens before it knows it for one.
int open_without_waiting(const io_request& r, int directory, std::uint64_t how_to_resolve) noexcept {
    return open_by(r, directory, r.flags | (names_alone(r) ? 0 : O_NONBLOCK | O_NOCTTY), how_to_resolve);
}

// What it is to refuse it for; 0 where that is nothing.
int objection_to(const io_request& r, unsigned mode) noexcept {
    if ((r.flags & O_DIRECTORY) != 0 || S_ISREG(mode)) return 0;
    if (S_ISSOCK(mode)) return -ENXIO;
    return S_ISDIR(mode) ? -EISDIR : -EPERM;
}

// The flag means nothing to a file, but io_uring gives up where it would have to wait.
int keep(const io_request& r, unique_descriptor opened, const struct statx& status) noexcept {
    const int objection = objection_to(r, status.stx_mode);
    if (objection != 0) return objection;
    if (!names_alone(r) && fcntl(opened.get(), F_SETFL, r.flags) < 0) return -errno;
    if (r.extra) *static_cast<struct statx*>(r.extra) = status;
    return opened.release();
}

// What is there is looked at before it is opened. A file is waited for then: somebody may have a lease on it (F_SETLEASE).
int open_existing(const io_request& r, int directory) noexcept {
    const int result = open_by(r, directory, O_PATH, 0);
    if (result < 0) return result;
    const unique_descriptor found(result);
    struct statx status{};
    if (statx(found.get(), "", AT_EMPTY_PATH, STATX_TYPE, &status) < 0) return -errno;
    const int objection = objection_to(r, status.stx_mode);
    if (objection != 0) return objection;
    const int opened = open_named(found.get(), r.flags & ~O_CREAT);
    return opened < 0 ? -errno : opened;
}

// What is to be made is looked at afterwards; and all where there is no /proc.
int open_waiting(const io_request& r, int directory) noexcept {
    const bool may_exist = !names_alone(r) && (r.flags & O_EXCL) == 0;
    const int opened = may_exist ? open_existing(r, directory) : -ENOENT;
    return opened == -ENOENT ? open_without_waiting(r, directory, 0) : opened;
}

}  // namespace

int open_named(int descriptor, int flags) noexcept {
    std::array<char, 32> path{};
    std::snprintf(path.data(), path.size(), "/proc/self/fd/%d", descriptor);
    return ::open(path.data(), flags | O_CLOEXEC);
}

int open_beneath(const io_request& request, int directory) noexcept {
    // With ".." in the path, something that is renamed meanwhile makes the kernel ask to be called again.
    constexpr int attempts = 64;
    int result = -EAGAIN;
    for (int i = 0; i < attempts && (result == -EAGAIN || result == -EINTR); ++i)
        result = open_waiting(request, directory);
    if (result < 0) return result;
    unique_descriptor opened(result);
    struct statx status{};
    if (statx(opened.get(), "", AT_EMPTY_PATH, STATX_BASIC_STATS, &status) < 0) return -errno;
    return keep(request, std::move(opened), status);
}

int open_beneath_from_memory(const io_request& request, int directory) noexcept {
    if ((request.flags & (O_CREAT | O_TRUNC)) != 0) return -EAGAIN;
    unique_descriptor opened(open_without_waiting(request, directory, RESOLVE_CACHED));
    struct statx status{};
    if (opened.get() < 0 || !describe_from_memory(opened.get(), status)) return -EAGAIN;
    return keep(request, std::move(opened), status);
}

}  // namespace fermata::inline v0::detail
