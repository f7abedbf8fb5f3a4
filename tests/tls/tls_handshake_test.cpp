// Who trusts whom, what is agreed upon, and what is said where that fails.

#include "../net/servers.hpp"
#include "tls_streams.hpp"

#include <netinet/in.h>

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tests;

FERMATA_ON_BOTH_BACKENDS(tls_handshake);

struct outcome {
    std::string client;
    std::string server;
    std::string name;  // of the server, for the client
};

task<outcome> shake_hands(tls_context client, tls_context server, std::string hostname = "localhost") {
    std::pair<stream, stream> ends = tcp_streams();
    auto [of_client, of_server] =
        co_await gather(raised_by(start_tls(ends.first, std::move(client), {.server_hostname = hostname})),
                        raised_by(start_tls(ends.second, std::move(server))));
    outcome came{of_client, of_server, ends.first.name()};
    EXPECT_EQ(ends.first.is_closing(), came.client != "nothing");
    EXPECT_EQ(ends.second.is_closing(), came.server != "nothing");
    co_return came;
}

/// What the client says against a server that shows this.
task<> expect_refusal(tls_context client, const identity& server, std::string hostname, std::string why) {
    const outcome came = co_await shake_hands(std::move(client), make_server(server), std::move(hostname));
    EXPECT_EQ(came.client, "TLS handshake with " + came.name + ": certificate verify failed: " + why);
}

// Not within the coroutines: g++ 12 destroys temporaries of aggregates twice there.
identity issued_for_days(int from, int to) {
    return our_authority().issue({.valid_from_day = from, .valid_to_day = to});
}
identity issued_to(const std::string& name) { return our_authority().issue({.common_name = name}); }
identity issued_for(const std::string& host) { return our_authority().issue({.names = {"DNS:" + host}}); }
tls_context speaking(tls_context context, const std::vector<std::string>& protocols) {
    context.set_alpn_protocols(protocols);
    return context;
}

void expect_agreement(const tls_info& info) {
    EXPECT_EQ(info.version, "TLSv1.3");
    EXPECT_TRUE(info.cipher.starts_with("TLS_")) << info.cipher;
    EXPECT_EQ(info.alpn_protocol, "h2");
    EXPECT_EQ(info.server_name, "localhost");
}

// What is agreed upon

TEST_P(tls_handshake, tells_what_has_been_agreed_upon) {
    runs([]() -> task<> {
        const std::vector<std::string> spoken = {"nonsense", "http/1.1", "h2"};
        const tls_context client = speaking(make_client(), spoken);
        const std::vector<std::string> preferred = {"h2", "http/1.1"};
        const tls_context server = speaking(make_server(), preferred);
        std::pair<stream, stream> ends = tcp_streams();
        EXPECT_FALSE(get_tls_info(ends.first).has_value());
        co_await start_tls_on_both(ends, client, server);
        const std::optional<tls_info> of_client = get_tls_info(ends.first);
        const std::optional<tls_info> of_server = get_tls_info(ends.second);
        CO_ASSERT_TRUE(of_client && of_server);
        expect_agreement(*of_client);
        expect_agreement(*of_server);
        EXPECT_EQ(of_client->peer_subject, "CN=localhost");
        EXPECT_EQ(of_server->peer_subject, "");
        ends.first.close();
        EXPECT_FALSE(get_tls_info(ends.first).has_value());
    });
}

TEST_P(tls_handshake, goes_on_without_a_protocol_where_there_is_none_in_common) {
    runs([]() -> task<> {
        const std::vector<std::string> spoken = {"h2"};
        const tls_context client = speaking(make_client(), spoken);
        const std::vector<std::string> others = {"http/1.1"};
        const tls_context server = speaking(make_server(), others);
        std::pair<stream, stream> ends = tcp_streams();
        co_await start_tls_on_both(ends, client, server);
        EXPECT_EQ(get_tls_info(ends.first)->alpn_protocol, "");
    });
}

TEST_P(tls_handshake, keeps_to_the_versions_it_is_given) {
    runs([]() -> task<> {
        tls_context old = make_client();
        old.set_maximum_version(tls_version::tls_1_2);
        std::pair<stream, stream> ends = tcp_streams();
        co_await start_tls_on_both(ends, old, our_server());
        EXPECT_EQ(get_tls_info(ends.second)->version, "TLSv1.2");

        tls_context modern = make_server();
        modern.set_minimum_version(tls_version::tls_1_3);
        const outcome came = co_await shake_hands(old, modern);
        EXPECT_EQ(came.client, "TLS handshake with " + came.name + ": tlsv1 alert protocol version");
        EXPECT_TRUE(came.server.ends_with(": unsupported protocol")) << came.server;
    });
}

TEST_P(tls_handshake, of_an_address_asks_for_no_name) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = tcp_streams();
        co_await gather(start_tls(ends.first, our_client(), {.server_hostname = "127.0.0.1"}),
                        start_tls(ends.second, our_server()));
        EXPECT_EQ(get_tls_info(ends.second)->server_name, "");
    });
}

// Whom a client trusts

TEST_P(tls_handshake, refuses_a_certificate_of_another_host) {
    runs([]() -> task<> {
        const std::string why = "Hostname mismatch, certificate is not valid for 'example.org'.";
        co_await expect_refusal(our_client(), localhost(), "example.org", why);
    });
}

TEST_P(tls_handshake, refuses_a_certificate_of_another_address) {
    runs([]() -> task<> {
        const std::string why = "IP address mismatch, certificate is not valid for '127.0.0.2'.";
        co_await expect_refusal(our_client(), localhost(), "127.0.0.2", why);
    });
}

TEST_P(tls_handshake, refuses_a_certificate_that_has_expired) {
    runs([]() -> task<> {
        const identity expired = issued_for_days(-10, -1);
        co_await expect_refusal(our_client(), expired, "localhost", "certificate has expired");
    });
}

TEST_P(tls_handshake, refuses_a_certificate_of_the_future) {
    runs([]() -> task<> {
        const identity early = issued_for_days(1, 10);
        co_await expect_refusal(our_client(), early, "localhost", "certificate is not yet valid");
    });
}

TEST_P(tls_handshake, refuses_a_certificate_that_vouches_for_itself) {
    runs([]() -> task<> {
        const identity alone = our_authority().issue_self_signed();
        co_await expect_refusal(our_client(), alone, "localhost", "self-signed certificate");
    });
}

TEST_P(tls_handshake, refuses_an_authority_that_nobody_knows) {
    runs([]() -> task<> {
        authority unknown("Somebody else");
        const identity theirs = unknown.issue();
        co_await expect_refusal(our_client(), theirs, "localhost", "unable to get local issuer certificate");
        // As it does where only the system's roots are trusted.
        co_await expect_refusal(tls_context::client(), localhost(), "localhost",
                                "unable to get local issuer certificate");
    });
}

TEST_P(tls_handshake, raises_an_error_that_knows_the_code_and_tells_the_peer) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = tcp_streams();
        auto serving = create_task(raised_by(start_tls(ends.second, our_server())));
        int code = 0;
        try {
            co_await start_tls(ends.first, our_client(), {.server_hostname = "example.org"});
        } catch (const tls_cert_verification_error& e) {
            code = e.verify_code();
        }
        EXPECT_EQ(code, 62);  // X509_V_ERR_HOSTNAME_MISMATCH
        const std::string told = co_await serving;
        EXPECT_EQ(told, "TLS handshake with " + ends.second.name() + ": sslv3 alert bad certificate");
    });
}

TEST_P(tls_handshake, takes_anybody_where_nothing_is_verified) {
    runs([]() -> task<> {
        tls_context trusting = tls_context::client();
        trusting.set_verify(false);
        const identity alone = our_authority().issue_self_signed();
        const outcome came = co_await shake_hands(trusting, make_server(alone), "x.org");
        EXPECT_EQ(came.client, "nothing");
        EXPECT_EQ(came.server, "nothing");
        // And nobody again.
        trusting.set_verify(true);
        co_await expect_refusal(trusting, localhost(), "localhost", "unable to get local issuer certificate");
    });
}

TEST_P(tls_handshake, takes_any_name_where_names_are_not_checked) {
    runs([]() -> task<> {
        tls_context client = make_client();
        client.set_check_hostname(false);
        const outcome came = co_await shake_hands(client, our_server(), "example.org");
        EXPECT_EQ(came.client, "nothing");
        const outcome nameless = co_await shake_hands(client, our_server(), "");
        EXPECT_EQ(nameless.client, "nothing");
        const identity alone = our_authority().issue_self_signed();
        co_await expect_refusal(client, alone, "example.org", "self-signed certificate");
    });
}

TEST_P(tls_handshake, takes_a_name_with_a_star_for_one_level) {
    runs([]() -> task<> {
        const identity wide = issued_for("*.example.org");
        const outcome came = co_await shake_hands(our_client(), make_server(wide), "www.example.org");
        EXPECT_EQ(came.client, "nothing");
        const std::string why = "Hostname mismatch, certificate is not valid for 'a.b.example.org'.";
        co_await expect_refusal(our_client(), wide, "a.b.example.org", why);
    });
}

// Whom a server trusts

TEST_P(tls_handshake, shows_a_server_who_the_client_is) {
    runs([]() -> task<> {
        tls_context server = make_server();
        server.load_verify_locations(our_authority().certificate());
        server.set_verify(true);
        tls_context client = make_client();
        const identity who = issued_to("Ada");
        client.load_cert_chain(who.certificate, who.key);
        std::pair<stream, stream> ends = tcp_streams();
        co_await start_tls_on_both(ends, client, server);
        EXPECT_EQ(get_tls_info(ends.second)->peer_subject, "CN=Ada");

        const outcome nameless = co_await shake_hands(our_client(), server);
        EXPECT_TRUE(nameless.server.ends_with(": peer did not return a certificate")) << nameless.server;
    });
}

// Peers that do not speak TLS, or not to the end

TEST_P(tls_handshake, knows_a_server_that_does_not_speak_tls) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = tcp_streams();
        co_await ends.second.write("HTTP/1.0 400 Bad Request\r\n\r\n");
        const std::string text = co_await raised_by(start_tls(ends.first, our_client(), to_localhost));
        EXPECT_EQ(text,
                  "TLS handshake with " + ends.first.name() + ": wrong version number (does the peer speak TLS?)");
    });
}

TEST_P(tls_handshake, knows_a_client_that_does_not_speak_tls) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = tcp_streams();
        co_await ends.first.write("GET / HTTP/1.0\r\n\r\n");
        const std::string text = co_await raised_by(start_tls(ends.second, our_server()));
        EXPECT_EQ(text, "TLS handshake with " + ends.second.name() + ": http request");
    });
}

TEST_P(tls_handshake, knows_a_peer_that_goes_within_it) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = tcp_streams();
        auto shaking = create_task(start_tls(ends.first, our_client(), to_localhost));
        const std::string hello = co_await ends.second.read(100);
        EXPECT_FALSE(hello.empty());
        ends.second.write_eof();
        std::string text;
        try {
            co_await shaking;
        } catch (const tls_eof_error& e) {
            text = e.what();
        }
        EXPECT_EQ(text, "TLS handshake with " + ends.first.name() + ": EOF occurred in violation of protocol");
    });
}

TEST_P(tls_handshake, passes_on_what_the_connection_raises) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = tcp_streams();
        auto shaking = create_task(raised_by(start_tls(ends.first, our_client(), to_localhost)));
        co_await turns(3);
        const linger now{1, 0};
        checked(setsockopt(ends.second.descriptor(), SOL_SOCKET, SO_LINGER, &now, sizeof now), "SO_LINGER");
        ends.second.close();
        const std::string text = co_await shaking;
        EXPECT_EQ(text, "TLS handshake with " + ends.first.name() + ": Connection reset by peer");
    });
}

FERMATA_TEST(tls_handshake_in_memory, ends_where_it_takes_too_long) {
    std::pair<stream, stream> ends = memory_streams();
    const std::string text = co_await raised_by(start_tls(ends.first, our_client(), to_localhost));
    EXPECT_EQ(text,
              "TLS handshake with memory stream: it takes longer than 60 seconds: Software caused connection abort");
    EXPECT_EQ(current_loop().time(), 60s);
    EXPECT_TRUE(ends.first.is_closing());

    std::pair<stream, stream> others = memory_streams();
    const std::string sooner =
        co_await raised_by(start_tls(others.second, our_server(), {.handshake_timeout = 1500ms}));
    EXPECT_EQ(sooner,
              "TLS handshake with memory stream: it takes longer than 1.5 seconds: Software caused connection abort");
    EXPECT_EQ(current_loop().time(), 61500ms);
    const std::string never =
        co_await raised_by(start_tls(others.first, our_client(), {.server_hostname = "x", .handshake_timeout = 0s}));
    EXPECT_EQ(never, "handshake_timeout should be a positive number");
}

// Cancelled, and closed

TEST_P(tls_handshake, that_is_cancelled_closes_the_stream) {
    for (int when = 0; when < 8; ++when) {
        runs([when]() -> task<> {
            std::pair<stream, stream> ends = tcp_streams();
            auto client = create_task(start_tls(ends.first, our_client(), to_localhost));
            auto server = create_task(raised_by(start_tls(ends.second, our_server())));
            co_await turns(when);
            const bool was_done = client.done();
            client.cancel();
            const bool cancelled = co_await ends_cancelled(client);
            EXPECT_NE(cancelled, was_done);
            EXPECT_EQ(ends.first.is_closing(), cancelled && when > 0);  // before that, it had not begun
            if (!ends.first.is_closing()) ends.first.close();
            co_await server;
        });
    }
}

TEST_P(tls_handshake, ends_where_the_stream_is_closed) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = tcp_streams();
        auto shaking = create_task(raised_by(start_tls(ends.first, our_client(), to_localhost)));
        co_await turns(3);
        ends.first.close();
        const std::string text = co_await shaking;
        EXPECT_EQ(text, "TLS handshake with " + ends.first.name() + ": Operation canceled");
    });
}

TEST_P(tls_handshake, at_every_await_may_be_cancelled) {
    const auto program = []() -> task<> {
        std::pair<stream, stream> ends = tcp_streams();
        co_await start_tls_on_both(ends, our_client(), our_server());
        co_await ends.first.write("x");
        const std::string got = co_await ends.second.read(1);
        EXPECT_EQ(got, "x");
    };
    EXPECT_GT(cancel_at_every_await(program, [] {}), 2U);
}

// In the middle of a conversation

TEST_P(tls_handshake, begins_in_the_middle_of_a_conversation) {
    const auto serve = [](stream& s) -> task<> {
        const std::string asked = co_await s.readline();
        EXPECT_EQ(asked, "STARTTLS\n");
        co_await s.write("go ahead\n");
        co_await start_tls(s, our_server());
        const std::string secret = co_await s.readline();
        EXPECT_EQ(secret, "secret\n");
        co_await s.write("kept\n");
    };
    runs([&]() -> task<> {
        std::pair<stream, stream> ends = tcp_streams();
        auto serving = create_task(serve(ends.second));
        co_await ends.first.write("STARTTLS\n");
        const std::string answer = co_await ends.first.readline();
        EXPECT_EQ(answer, "go ahead\n");
        co_await start_tls(ends.first, our_client(), to_localhost);
        co_await ends.first.write("secret\n");
        const std::string kept = co_await ends.first.readline();
        EXPECT_EQ(kept, "kept\n");
        co_await serving;
    });
}

TEST_P(tls_handshake, does_not_begin_behind_bytes_that_nobody_has_read) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = tcp_streams();
        co_await ends.second.write("ok\nmore");
        const std::string line = co_await ends.first.readline();
        EXPECT_EQ(line, "ok\n");
        const std::string text = co_await raised_by(start_tls(ends.first, our_client(), to_localhost));
        EXPECT_EQ(text, "start_tls() called with 4 bytes in the buffer: read them before, they came without TLS");
        const std::string more = co_await ends.first.read_exactly(4);
        EXPECT_EQ(more, "more");
    });
}

TEST_P(tls_handshake, does_not_begin_while_somebody_uses_the_stream_or_behind_its_end) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = tcp_streams();
        const auto attempt = [&]() -> task<std::string> {
            co_return co_await raised_by(start_tls(ends.first, our_client(), to_localhost));
        };
        auto reading = create_task(ends.first.read(1));
        co_await turns(3);
        const std::string while_reading = co_await attempt();
        EXPECT_EQ(while_reading, "start_tls() called while another coroutine is reading");
        co_await ends.second.write("x");
        co_await reading;
        const std::string much = many_bytes(2'000'000);
        auto writing = create_task(write_all(ends.first, much));
        co_await turns(3);
        const std::string while_writing = co_await attempt();
        EXPECT_EQ(while_writing, "start_tls() called while another coroutine is writing");
        co_await ends.second.read_exactly(much.size());
        co_await writing;
        ends.first.write_eof();
        const std::string after_eof = co_await attempt();
        EXPECT_EQ(after_eof, "start_tls() called after write_eof()");
        ends.first.close();
        const std::string closed = co_await attempt();
        EXPECT_EQ(closed, "start_tls() called on a stream that is closed");
        ends.second.close();
        std::pair<stream, stream> others = tcp_streams();
        others.second.close();
        const std::string end = co_await others.first.read();
        EXPECT_EQ(end, "");
        const std::string at_end = co_await raised_by(start_tls(others.first, our_client(), to_localhost));
        EXPECT_EQ(at_end, "start_tls() called after the end of the stream");
    });
}

TEST_P(tls_handshake, needs_the_name_that_it_is_to_check) {
    runs([]() -> task<> {
        std::pair<stream, stream> ends = tcp_streams();
        const std::string text = co_await raised_by(start_tls(ends.first, our_client()));
        EXPECT_EQ(text, "check_hostname requires server_hostname");
        const std::string long_name(300, 'x');
        const std::string bad = co_await raised_by(start_tls(ends.first, our_client(), {.server_hostname = long_name}));
        EXPECT_EQ(bad, "server_hostname '" + long_name + "' is no name of a host");
        // Nothing has happened to the stream.
        co_await ends.first.write("plain");
        const std::string got = co_await ends.second.read_exactly(5);
        EXPECT_EQ(got, "plain");
    });
}

}  // namespace
