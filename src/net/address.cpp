#include <fermata/base/errors.hpp>
#include <fermata/net/address.hpp>

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace fermata::inline v0 {

namespace {

// Four numbers: getaddrinfo would take "127.1", "0x7f.0.0.1" and "010.0.0.1" for addresses too, as nobody means them.
bool parse_ipv4(const std::string& host, address& into) {
    sockaddr_in made{};
    made.sin_family = AF_INET;
    if (inet_pton(AF_INET, host.c_str(), &made.sin_addr) != 1) return false;
    into = address(reinterpret_cast<const sockaddr*>(&made), sizeof made);
    return true;
}

// getaddrinfo without looking anything up: it knows scopes too ("fe80::1%eth0").
bool parse(std::string_view host, address& into) {
    if (host.find('\0') != std::string_view::npos) return false;
    const std::string text(host);
    if (host.find(':') == std::string_view::npos) return parse_ipv4(text, into);
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    hints.ai_family = AF_INET6;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(text.c_str(), nullptr, &hints, &found) != 0) return false;
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(found, &freeaddrinfo);
    into = address(all->ai_addr, all->ai_addrlen);
    return true;
}

address from_socket(int descriptor, int (*ask)(int, sockaddr*, socklen_t*), const char* what) {
    address a;
    if (ask(descriptor, a.data(), a.size_to_fill()) < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return a;
}

}  // namespace

address::address(const sockaddr* from, socklen_t size) noexcept
    : size_(std::min(size, static_cast<socklen_t>(sizeof storage_))) {
    std::memcpy(&storage_, from, size_);
}

address address::of(std::string_view host, std::uint16_t port) {
    address made;
    if (!parse(host, made)) {
        throw value_error("'" + std::string(host) + "' does not appear to be an IPv4 or IPv6 address");
    }
    made.set_port(port);
    return made;
}

bool address::is_numeric(std::string_view host) noexcept {
    address ignored;
    return parse(host, ignored);
}

address address::of_unix(std::string_view path) {
    sockaddr_un made{};
    made.sun_family = AF_UNIX;
    if (path.size() >= sizeof made.sun_path) throw value_error("AF_UNIX path too long: " + std::string(path));
    // An empty one is for the kernel to choose, as in CPython.
    const bool is_abstract = path.empty() || path.front() == '\0';
    // The kernel would take what stands before it for the whole.
    if (!is_abstract && path.find('\0') != std::string_view::npos)
        throw value_error("AF_UNIX path: embedded null byte");
    std::memcpy(made.sun_path, path.data(), path.size());
    const std::size_t size = offsetof(sockaddr_un, sun_path) + path.size() + (is_abstract ? 0 : 1);
    return {reinterpret_cast<const sockaddr*>(&made), static_cast<socklen_t>(size)};
}

std::string address::host() const {
    if (family() == AF_UNIX) {
        const auto* path = reinterpret_cast<const char*>(&storage_) + offsetof(sockaddr_un, sun_path);
        const std::size_t size = size_ > offsetof(sockaddr_un, sun_path) ? size_ - offsetof(sockaddr_un, sun_path) : 0;
        if (size == 0) return "";
        return *path == '\0' ? std::string(path, size) : std::string(path, strnlen(path, size));
    }
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(data(), size_, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) return "";
    return text.data();
}

std::uint16_t address::port() const noexcept {
    if (family() == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port);
    if (family() == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_port);
    return 0;
}

void address::set_port(std::uint16_t port) noexcept {
    if (family() == AF_INET) reinterpret_cast<sockaddr_in*>(&storage_)->sin_port = htons(port);
    if (family() == AF_INET6) reinterpret_cast<sockaddr_in6*>(&storage_)->sin6_port = htons(port);
}

std::string address::text() const {
    if (family() == AF_INET) return host() + ":" + std::to_string(port());
    if (family() == AF_INET6) return "[" + host() + "]:" + std::to_string(port());
    std::string path = host();
    if (!path.empty() && path.front() == '\0') path.front() = '@';
    return path.empty() ? "a Unix socket" : path;
}

bool operator==(const address& a, const address& b) noexcept {
    return a.size_ == b.size_ && std::memcmp(&a.storage_, &b.storage_, a.size_) == 0;
}

address peer_address(const stream& s) { return from_socket(s.descriptor(), getpeername, "getpeername"); }
address local_address(const stream& s) { return detail::local_address_of(s.descriptor()); }

namespace detail {
address local_address_of(int descriptor) { return from_socket(descriptor, getsockname, "getsockname"); }
}  // namespace detail

}  // namespace fermata::inline v0
