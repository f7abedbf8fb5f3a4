// A server on a host that has an address twice, as /etc/hosts of Debian has "localhost".

#include "servers.hpp"

#include <fermata/net/getaddrinfo.hpp>
#include <fermata/net/server.hpp>

#include <dlfcn.h>
#include <netdb.h>

#include <cstring>
#include <vector>

// Instead of the C library's: one host more.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* req, addrinfo** pai) {
    using function = decltype(&::getaddrinfo);
    static const auto real = reinterpret_cast<function>(dlsym(RTLD_NEXT, "getaddrinfo"));
    if (!name || std::strcmp(name, "twice.test") != 0) return real(name, service, req, pai);
    if ((req->ai_flags & AI_NUMERICHOST) != 0) return EAI_NONAME;
    const int failure = real("127.0.0.1", service, req, pai);
    return failure != 0 ? failure : real("127.0.0.1", service, req, &(*pai)->ai_next);
}

namespace {

using namespace tests;

FERMATA_ON_BOTH_BACKENDS(server_addresses);

TEST_P(server_addresses, that_are_the_same_are_listened_on_once) {
    runs_in_real_time([]() -> task<> {
        const std::vector<address> found = co_await fermata::getaddrinfo("twice.test", 0);
        EXPECT_EQ(found, std::vector<address>(2, address::of("127.0.0.1", 0)));
        const auto nobody = [](stream) -> task<> { co_return; };
        const server both = co_await start_server(nobody, "twice.test", 0);
        EXPECT_EQ(both.addresses().size(), 1U);
    });
}

}  // namespace
