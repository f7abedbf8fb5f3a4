#include <fermata/net/getaddrinfo.hpp>
#include <fermata/thread/to_thread.hpp>

#include <netdb.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace fermata::inline v0 {

namespace {

struct looked_up {
    std::vector<address> addresses;
    int failure = 0;
    int system_failure = 0;
};

looked_up look_up(const std::string& host, std::uint16_t port, int family, int flags) {
    addrinfo hints{};
    hints.ai_family = family;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo* found = nullptr;
    looked_up result;
    // With a service even where it is 0: a host may be empty then.
    result.failure = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &found);
    result.system_failure = errno;
    if (result.failure != 0) return result;
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(found, &freeaddrinfo);
    for (const addrinfo* each = found; each; each = each->ai_next) {
        result.addresses.emplace_back(each->ai_addr, each->ai_addrlen);
    }
    return result;
}

}  // namespace

task<std::vector<address>> getaddrinfo(std::string host, std::uint16_t port, int family) {
    // The resolver would see the first part only.
    if (host.find('\0') != std::string::npos) throw gaierror(EAI_NONAME, host + ": " + gai_strerror(EAI_NONAME));
    looked_up result = look_up(host, port, family, AI_NUMERICHOST | AI_NUMERICSERV);
    if (result.failure == EAI_NONAME) {
        // Moved out of the thread's result by a statement of its own (g++ 12).
        auto in_thread = to_thread(look_up, host, port, family, AI_NUMERICSERV);
        result = co_await std::move(in_thread);
    }
    if (result.failure != 0) {
        const char* why =
            result.failure == EAI_SYSTEM ? std::strerror(result.system_failure) : gai_strerror(result.failure);
        throw gaierror(result.failure, (host.empty() ? std::string("this host") : host) + ": " + why);
    }
    co_return std::move(result.addresses);
}

}  // namespace fermata::inline v0
