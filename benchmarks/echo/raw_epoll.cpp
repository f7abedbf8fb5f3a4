// The limit for a loop on epoll: one buffer, no model; what does not fit into the socket ends the connection.

#include "listening.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace {

void add(int epoll, int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    echo::checked(epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

void serve(int peer) {
    static std::array<char, echo::buffer_size> buffer;
    const ssize_t size = recv(peer, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0 || send(peer, buffer.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) != size) close(peer);
}

}  // namespace

int main() {
    const int listener = echo::listening(SOCK_NONBLOCK);
    const int epoll = echo::checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    add(epoll, listener);
    std::array<epoll_event, 256> events{};
    for (;;) {
        const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < count; ++i) {
            const int ready = events[static_cast<std::size_t>(i)].data.fd;
            if (ready != listener) {
                serve(ready);
                continue;
            }
            const int peer = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
            if (peer < 0) continue;
            echo::set_no_delay(peer);
            add(epoll, peer);
        }
    }
}
