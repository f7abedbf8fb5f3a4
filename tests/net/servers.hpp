#pragma once

// What the tests of servers and connections have in common.

#include "../io/backends.hpp"
#include "../io/streams.hpp"

#include <fermata/task/detail/task_handle.hpp>
#include <fermata/testing/cancel_at_every_await.hpp>
#include <fermata/testing/gtest.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace tests {

/// A client without a loop: what it does, it does at once.
class raw_connection {
public:
    explicit raw_connection(const address& to)
        : descriptor_(checked(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")) {
        checked(::connect(descriptor_, to.data(), to.size()), "connect");
    }
    raw_connection(raw_connection&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    raw_connection& operator=(raw_connection&&) = delete;
    ~raw_connection() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    void send(std::string_view bytes) const {
        checked(static_cast<int>(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL)), "send");
    }
    /// Whether the peer has ended or reset it.
    bool is_at_end() const {
        char byte = 0;
        return recv(descriptor_, &byte, 1, MSG_DONTWAIT) == 0 || errno == ECONNRESET;
    }
    stream to_stream() { return detail::stream_of_socket(current_loop(), std::exchange(descriptor_, -1), "raw"); }

private:
    int descriptor_;
};

/// The number that the next one gets: it is another one when a descriptor has been left open.
inline int next_descriptor() {
    const int next = checked(dup(0), "dup");
    close(next);
    return next;
}

/// As few as there are: then nothing can be opened.
class no_descriptors {
public:
    no_descriptors() {
        getrlimit(RLIMIT_NOFILE, &before_);
        rlimit now = before_;
        now.rlim_cur = static_cast<rlim_t>(next_descriptor());
        checked(setrlimit(RLIMIT_NOFILE, &now), "setrlimit");
    }
    ~no_descriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
    no_descriptors(const no_descriptors&) = delete;
    no_descriptors& operator=(const no_descriptors&) = delete;

private:
    rlimit before_{};
};

}  // namespace tests
