#include <fermata/loop/detail/poll_set.hpp>

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace fermata::inline v0::detail {

poll_set::poll_set() : descriptor_(epoll_create1(EPOLL_CLOEXEC)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

poll_set::~poll_set() { close(descriptor_); }

void poll_set::watch(int other) {
    epoll_event readable{};
    readable.events = EPOLLIN;
    if (epoll_ctl(descriptor_, EPOLL_CTL_ADD, other, &readable) < 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

}  // namespace fermata::inline v0::detail
