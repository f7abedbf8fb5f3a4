#pragma once

// What a foreign loop polls: one descriptor, whatever port the loop has by then.

namespace fermata::inline v0::detail {

/// An epoll descriptor that is readable when what it watches is.
class poll_set {
public:
    /// Raises std::system_error "epoll_create1: …".
    poll_set();
    ~poll_set();
    poll_set(const poll_set&) = delete;
    poll_set& operator=(const poll_set&) = delete;

    int descriptor() const noexcept { return descriptor_; }
    /// Until it is closed. Raises std::system_error "epoll_ctl: …".
    void watch(int other);

private:
    int descriptor_;
};

}  // namespace fermata::inline v0::detail
