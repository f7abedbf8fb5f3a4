#include "../base/support.hpp"

#include <fermata/base/errors.hpp>
#include <fermata/net/address.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace fermata;

std::string error_of(std::string_view host) {
    try {
        address::of(host, 0);
    } catch (const value_error& e) {
        return e.what();
    }
    return "nothing";
}

TEST(address, of_ipv4) {
    const address a = address::of("10.1.2.3", 80);
    EXPECT_EQ(a.family(), AF_INET);
    EXPECT_EQ(a.host(), "10.1.2.3");
    EXPECT_EQ(a.port(), 80);
    EXPECT_EQ(a.text(), "10.1.2.3:80");
}

TEST(address, of_ipv6) {
    const address a = address::of("2001:DB8:0::1", 65535);
    EXPECT_EQ(a.family(), AF_INET6);
    EXPECT_EQ(a.host(), "2001:db8::1");
    EXPECT_EQ(a.port(), 65535);
    EXPECT_EQ(a.text(), "[2001:db8::1]:65535");
}

TEST(address, of_ipv6_keeps_its_scope) {
    const address a = address::of("fe80::1%lo", 1);
    EXPECT_EQ(a.host(), "fe80::1%lo");
    EXPECT_EQ(a.text(), "[fe80::1%lo]:1");
    EXPECT_NE(a, address::of("fe80::1", 1));
}

// The text is that of CPython's ipaddress.ip_address.
TEST(address, is_made_of_numbers_only) {
    for (const char* wrong : {"localhost", "", "1.2.3.4.5", "256.1.1.1", ":::", "1.2.3.4 ", "[::1]", "127.1",
                              "0x7f.0.0.1", "010.0.0.1", "1", "::1%", "1.2.3.4%lo"}) {
        EXPECT_FALSE(address::is_numeric(wrong)) << wrong;
        EXPECT_EQ(error_of(wrong), "'" + std::string(wrong) + "' does not appear to be an IPv4 or IPv6 address");
    }
    EXPECT_TRUE(address::is_numeric("0.0.0.0"));
    EXPECT_TRUE(address::is_numeric("::"));
}

TEST(address, does_not_end_at_a_null_character) {
    using namespace std::string_view_literals;
    EXPECT_FALSE(address::is_numeric("127.0.0.1\0.example"sv));
    EXPECT_THROW(address::of("127.0.0.1\0.example"sv, 1), value_error);
}

TEST(address, port_can_be_changed) {
    address a = address::of("::1", 1);
    a.set_port(513);
    EXPECT_EQ(a.port(), 513);
    EXPECT_EQ(a, address::of("::1", 513));
    EXPECT_NE(a, address::of("::1", 514));
    EXPECT_NE(a, address::of("127.0.0.1", 513));
}

TEST(address, of_unix) {
    const address a = address::of_unix("/run/x.sock");
    EXPECT_EQ(a.family(), AF_UNIX);
    EXPECT_EQ(a.host(), "/run/x.sock");
    EXPECT_EQ(a.port(), 0);
    EXPECT_EQ(a.text(), "/run/x.sock");
    EXPECT_EQ(address::of_unix(std::string(107, 'x')).host(), std::string(107, 'x'));
    EXPECT_THROW(address::of_unix(std::string(108, 'x')), value_error);
    EXPECT_THROW(address::of_unix(std::string("/run/x\0.sock", 12)), value_error);
}

TEST(address, of_unix_without_a_file) {
    const std::string name = std::string(1, '\0') + "name" + std::string(1, '\0') + "x";
    const address a = address::of_unix(name);
    EXPECT_EQ(a.host(), name);
    EXPECT_EQ(a.text(), "@name" + std::string(1, '\0') + "x");
    EXPECT_NE(a, address::of_unix(name + "y"));
    EXPECT_EQ(address::of_unix("").host(), "");
}

TEST(address, of_nothing) {
    const address none;
    EXPECT_EQ(none.family(), AF_UNSPEC);
    EXPECT_EQ(none.host(), "");
    EXPECT_EQ(none.port(), 0);
    EXPECT_EQ(none, address());
    sockaddr_storage unnamed{};
    unnamed.ss_family = AF_UNIX;
    EXPECT_EQ(address(reinterpret_cast<const sockaddr*>(&unnamed), sizeof unnamed.ss_family).text(), "a Unix socket");
}

}  // namespace
