#include <fermata/io/detail/endpoint.hpp>
#include <fermata/io/detail/open_beneath.hpp>
#include <fermata/io/detail/operation.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace fermata::inline v0::detail {

namespace {

// What became of a connect that was under way.
int error_of_socket(int descriptor) noexcept {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) < 0) return -errno;
    return -error;
}

int polled(int descriptor, int events) noexcept {
    pollfd each{descriptor, static_cast<short>(events), 0};
    const int ready = ::poll(&each, 1, 0);
    if (ready < 0) return -errno;
    return ready == 0 ? -EAGAIN : each.revents;
}

ssize_t send_file(const io_request& r, int descriptor) noexcept {
    off_t at = r.offset;
    return ::sendfile(descriptor, r.flags, &at, r.size_at_once());
}

ssize_t call(const io_request& r, int descriptor) noexcept {
    const std::size_t size = r.size_at_once();
    switch (r.code) {
    case io_code::read:
        return r.offset < 0 ? ::read(descriptor, r.address, size) : pread(descriptor, r.address, size, r.offset);
    case io_code::write:
        return r.offset < 0 ? ::write(descriptor, r.address, size) : pwrite(descriptor, r.address, size, r.offset);
    case io_code::receive: return recv(descriptor, r.address, size, r.flags);
    case io_code::send: return ::send(descriptor, r.address, size, r.flags | MSG_NOSIGNAL);
    case io_code::receive_message:
        return recvmsg(descriptor, static_cast<msghdr*>(r.address), r.flags | MSG_CMSG_CLOEXEC);
    case io_code::send_message:
        return sendmsg(descriptor, static_cast<const msghdr*>(r.address), r.flags | MSG_NOSIGNAL);
    case io_code::send_file: return send_file(r, descriptor);
    case io_code::accept:
        return accept4(descriptor, static_cast<sockaddr*>(r.address), static_cast<socklen_t*>(r.extra),
                       r.flags | SOCK_CLOEXEC);
    case io_code::connect:
        return ::connect(descriptor, static_cast<const sockaddr*>(r.address), static_cast<socklen_t>(r.size));
    case io_code::open:
        return ::open(static_cast<const char*>(r.address), r.flags | O_CLOEXEC, static_cast<mode_t>(r.size));
    case io_code::sync: return fsync(descriptor);
    case io_code::stat:
        return statx(descriptor, "", AT_EMPTY_PATH, STATX_BASIC_STATS, static_cast<struct statx*>(r.address));
    case io_code::poll:
    case io_code::connected:
    case io_code::open_beneath: break;
    }
    errno = EINVAL;
    return -1;
}

const char* name_of(io_code code) noexcept {
    switch (code) {
    case io_code::poll: return "poll";
    case io_code::read: return "read";
    case io_code::write: return "write";
    case io_code::receive: return "receive";
    case io_code::send: return "send";
    case io_code::receive_message: return "receive from";
    case io_code::send_message: return "send to";
    case io_code::send_file: return "sendfile";
    case io_code::accept: return "accept";
    case io_code::connect:
    case io_code::connected: return "connect";
    case io_code::open:
    case io_code::open_beneath: return "open";
    case io_code::sync: return "sync";
    case io_code::stat: break;
    }
    return "stat";
}

}  // namespace

trace::awaited operation::as_awaited() const noexcept { return {name_of(request.code)}; }

int perform(const io_request& request, int descriptor) noexcept {
    if (request.code == io_code::poll) return polled(descriptor, request.flags);
    if (request.code == io_code::connected) return error_of_socket(descriptor);
    if (request.code == io_code::open_beneath) return open_beneath(request, descriptor);
    ssize_t result = 0;
    do {
        result = call(request, descriptor);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : static_cast<int>(result);
}

void operation::become_orphan() noexcept {
    waiter_ = nullptr;
    cancelled_ = true;
}

void operation::end() noexcept {
    if (under_way_) {
        become_orphan();
        on_->by().drain(*this);
    }
    // A connection, or a file, that nobody will hear of.
    if (unclaimed_) close(take());
}

void operation::start() noexcept {
    under_way_ = true;
    on_->by().submit(*this);
}

bool operation::cancel() noexcept {
    if (!under_way_) return false;
    if (cancelled_) return true;
    cancelled_ = true;
    on_->by().cancel(*this);
    return true;
}

void operation::abort() noexcept {
    if (!under_way_) return;
    aborted_ = true;
    on_->by().drain(*this);
}

void operation::complete(int result) noexcept {
    // A connect that is to come again is one that the peer has no room for.
    const bool again = result == -EINTR || (result == -EAGAIN && request.code != io_code::connect);
    result_ = again && given_up() ? -ECANCELED : result;
    unclaimed_ = result >= 0 && request.gives_descriptor();
    if ((again && !given_up()) || !advance(result_)) {
        if (!given_up()) return on_->by().submit(*this);
        result_ = -ECANCELED;
    }
    under_way_ = false;
    if (waiter_) on_->loop().schedule(*waiter_);
}

}  // namespace fermata::inline v0::detail
