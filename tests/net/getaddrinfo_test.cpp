#include "../io/streams.hpp"

#include <fermata/net/getaddrinfo.hpp>

#include <netdb.h>

#include <vector>

namespace {

using namespace tests;

std::vector<address> found(std::string host, std::uint16_t port, int family = AF_UNSPEC) {
    return run_test(fermata::getaddrinfo(std::move(host), port, family));
}

TEST(getaddrinfo, of_numbers_needs_no_thread) {
    run_test([]() -> task<> {
        auto looking = create_task(fermata::getaddrinfo("10.0.0.1", 443));
        co_await sleep(0s);
        EXPECT_TRUE(looking.done());
        const std::vector<address> addresses = co_await looking;
        EXPECT_EQ(addresses, std::vector<address>{address::of("10.0.0.1", 443)});
    }());
    EXPECT_EQ(found("::1", 1), std::vector<address>{address::of("::1", 1)});
}

// As CPython: the system's resolver reads it so.
TEST(getaddrinfo, of_a_number_with_parts_left_out_is_what_the_system_makes_of_it) {
    EXPECT_EQ(found("127.1", 1), std::vector<address>{address::of("127.0.0.1", 1)});
}

TEST(getaddrinfo, of_a_name_is_looked_up) {
    const std::vector<address> addresses = found("localhost", 80, AF_INET);
    ASSERT_FALSE(addresses.empty());
    EXPECT_EQ(addresses.front(), address::of("127.0.0.1", 80));
}

TEST(getaddrinfo, of_an_empty_host_is_this_one) {
    const std::vector<address> addresses = found("", 7, AF_INET);
    EXPECT_EQ(addresses, std::vector<address>{address::of("127.0.0.1", 7)});
}

TEST(getaddrinfo, gives_one_family_only_where_that_is_asked) {
    for (const address& each : found("localhost", 1, AF_INET)) EXPECT_EQ(each.family(), AF_INET);
    EXPECT_THROW(found("::1", 1, AF_INET), gaierror);
}

TEST(getaddrinfo, raises_where_there_is_no_such_name) {
    std::string text;
    int code = 0;
    try {
        found("no such host", 1);
    } catch (const gaierror& e) {
        text = e.what();
        code = e.code();
    }
    EXPECT_NE(code, 0);
    EXPECT_EQ(text, std::string("no such host: ") + gai_strerror(code));
}

// What would be cut off is not looked up.
TEST(getaddrinfo, does_not_look_up_a_part_of_a_name) {
    EXPECT_THROW(found("localhost" + std::string(1, '\0') + ".example", 1), gaierror);
}

TEST(getaddrinfo, that_is_cancelled_drops_what_comes) {
    run_test([]() -> task<> {
        auto looking = create_task(fermata::getaddrinfo("localhost", 1));
        co_await sleep(0s);
        looking.cancel();
        const bool cancelled = co_await ends_cancelled(looking);
        EXPECT_TRUE(cancelled);
    }());
}

}  // namespace
