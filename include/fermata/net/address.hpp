#pragma once

/// \file
/// Where a socket is.

#include <fermata/io/stream.hpp>

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fermata::inline v0 {

/// The address of a socket: IPv4, IPv6 or Unix. A plain value.
class address {
public:
    address() noexcept = default;
    address(const sockaddr* from, socklen_t size) noexcept;

    /// Of numbers only: "127.0.0.1", "::1", "fe80::1%eth0"; of IPv4 all four, in decimal ("127.1" is for getaddrinfo). Raises
    /// value_error "'localhost' does not appear to be an IPv4 or IPv6 address", as Python's ipaddress. Names are for getaddrinfo.
    static address of(std::string_view host, std::uint16_t port);
    /// Whether that would do.
    static bool is_numeric(std::string_view host) noexcept;
    /// A first byte of 0 is Linux's abstract namespace. Raises value_error "AF_UNIX path too long", and where a path has a zero
    /// in it, at which the kernel (and so Python's bind) would cut it off.
    static address of_unix(std::string_view path);

    /// AF_INET, AF_INET6, AF_UNIX, or AF_UNSPEC.
    int family() const noexcept { return storage_.ss_family; }
    /// "127.0.0.1", "::1", or the path.
    std::string host() const;
    /// 0 for Unix.
    std::uint16_t port() const noexcept;
    void set_port(std::uint16_t port) noexcept;
    /// "127.0.0.1:80", "[::1]:80", "/run/x.sock".
    std::string text() const;

    const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage_); }
    sockaddr* data() noexcept { return reinterpret_cast<sockaddr*>(&storage_); }
    socklen_t size() const noexcept { return size_; }
    void set_size(socklen_t size) noexcept { size_ = size; }
    /// For what the kernel fills in.
    socklen_t* size_to_fill() noexcept {
        size_ = sizeof storage_;
        return &size_;
    }

    friend bool operator==(const address& a, const address& b) noexcept;

private:
    sockaddr_storage storage_{};
    socklen_t size_ = 0;
};

/// `writer.get_extra_info('peername')` and `('sockname')`. Raise std::system_error, also where it is no socket.
address peer_address(const stream& s);
address local_address(const stream& s);

namespace detail {
address local_address_of(int descriptor);
}  // namespace detail

}  // namespace fermata::inline v0
