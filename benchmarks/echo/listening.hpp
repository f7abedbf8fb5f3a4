#pragma once

// What the loops written by hand begin with.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>

namespace echo {

inline int checked(int result, const char* what) {
    if (result >= 0) return result;
    std::perror(what);
    std::exit(1);
}

inline void set_no_delay(int socket) {
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/// A socket that listens on a port of 127.0.0.1 that is free, and says which.
inline int listening(int flags) {
    const int listener = checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0), "socket");
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    checked(bind(listener, reinterpret_cast<const sockaddr*>(&where), size), "bind");
    checked(listen(listener, 1024), "listen");
    checked(getsockname(listener, reinterpret_cast<sockaddr*>(&where), &size), "getsockname");
    std::printf("listening on 127.0.0.1:%u\n", ntohs(where.sin_port));
    std::fflush(stdout);
    return listener;
}

constexpr std::size_t buffer_size = 16 * 1024;

}  // namespace echo
