// What a context is given, and what it says of what is wrong with it.

#include "tls_streams.hpp"

#include <gtest/gtest.h>

#include <string>
#include <system_error>

namespace {

using namespace tests;
using namespace fermata;

/// What it raises, as text; "nothing".
template <class Call>
std::string raised_by_call(Call call) {
    try {
        call();
    } catch (const std::exception& e) {
        return e.what();
    }
    return "nothing";
}

std::string loading(const std::string& certificate, const std::string& key, const std::string& password = {}) {
    return raised_by_call([&] { tls_context::client().load_cert_chain(certificate, key, password); });
}

std::string trusting(const std::string& path) {
    return raised_by_call([&] { tls_context::client().load_verify_locations(path); });
}

TEST(tls_context, names_the_file_that_is_not_there) {
    EXPECT_EQ(loading("/nowhere/chain.pem", localhost().key),
              "load certificate /nowhere/chain.pem: No such file or directory");
    EXPECT_EQ(loading(localhost().certificate, "/nowhere/key.pem"),
              "load private key /nowhere/key.pem: No such file or directory");
    EXPECT_EQ(trusting("/nowhere/ca.pem"), "load trusted certificates /nowhere/ca.pem: No such file or directory");
    EXPECT_THROW(tls_context::server("/nowhere/chain.pem", ""), std::system_error);
}

TEST(tls_context, names_a_file_that_cannot_be_read) {
    EXPECT_EQ(loading("/", localhost().key), "load certificate /: Is a directory");
    EXPECT_EQ(loading(localhost().certificate, "/"), "load private key /: Is a directory");
}

TEST(tls_context, names_a_file_that_holds_something_else) {
    const std::string text = our_authority().write("text.pem", "no certificate\n");
    EXPECT_EQ(loading(text, localhost().key), "load certificate " + text + ": there is none in it, in the PEM format");
    EXPECT_EQ(loading(localhost().certificate, text),
              "load private key " + text + ": there is none in it, in the PEM format");
    EXPECT_EQ(trusting(text), "load trusted certificates " + text + ": no certificate or crl found");
    EXPECT_THROW(tls_context::server(text, text), tls_error);
}

TEST(tls_context, knows_a_key_that_belongs_to_another_certificate) {
    const identity other = our_authority().issue();
    EXPECT_EQ(loading(localhost().certificate, other.key), "load private key " + other.key + ": key values mismatch");
}

TEST(tls_context, takes_the_key_from_the_file_of_the_certificates) {
    EXPECT_EQ(loading(localhost().certificate, ""),
              "load private key " + localhost().certificate + ": there is none in it, in the PEM format");
    std::string both;
    for (const std::string& each : {localhost().certificate, localhost().key}) both += read_file(each);
    EXPECT_EQ(loading(our_authority().write("both.pem", both), ""), "nothing");
}

TEST(tls_context, never_asks_for_a_password) {
    const identity locked = our_authority().issue({.key_password = "sesame"});
    EXPECT_EQ(loading(locked.certificate, locked.key),
              "load private key " + locked.key + ": it is encrypted, and needs a password");
    EXPECT_EQ(loading(locked.certificate, locked.key, "wrong"),
              "load private key " + locked.key + ": the password is wrong");
    EXPECT_EQ(loading(locked.certificate, locked.key, "sesame"), "nothing");
}

TEST(tls_context, trusts_a_directory_too) { EXPECT_EQ(trusting("/"), "nothing"); }

TEST(tls_context, refuses_protocols_without_a_name) {
    tls_context client = tls_context::client();
    for (const std::string& bad : {std::string(), std::string(256, 'x')}) {
        EXPECT_EQ(raised_by_call([&] { client.set_alpn_protocols({bad}); }),
                  "ALPN protocols must be 1 to 255 bytes in length");
    }
    EXPECT_EQ(raised_by_call([&] { client.set_alpn_protocols({std::string(255, 'x'), "h2"}); }), "nothing");
}

TEST(tls_context, checks_no_name_on_a_certificate_that_is_not_verified) {
    tls_context client = tls_context::client();
    client.set_verify(false);
    EXPECT_EQ(raised_by_call([&] { client.set_check_hostname(true); }),
              "check_hostname needs a certificate that is verified: call set_verify(true) before");
    client.set_verify(true);
    EXPECT_EQ(raised_by_call([&] { client.set_check_hostname(true); }), "nothing");
}

TEST(tls_context, knows_whether_it_is_a_servers) {
    EXPECT_FALSE(tls_context::client().is_server());
    EXPECT_TRUE(our_server().is_server());
}

}  // namespace
