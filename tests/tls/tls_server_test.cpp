// Servers with TLS, and who connects to them.

#include "../net/servers.hpp"
#include "tls_streams.hpp"

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tests;

FERMATA_ON_BOTH_BACKENDS(tls_server);

task<> echo(stream s) {
    for (;;) {
        const std::string some = co_await s.read(1000);
        if (some.empty()) break;
        co_await s.write(some);
    }
}

task<stream> connect_to(const server& s) {
    return open_tls_connection("127.0.0.1", s.addresses().front().port(), our_client());
}

task<std::string> ask(const server& s, std::string question) {
    stream c = co_await connect_to(s);
    co_await c.write(question);
    c.write_eof();
    co_return co_await c.read();
}

/// What is reported to the running loop's exception handler, instead of to standard error.
class reports {
public:
    reports() {
        current_loop().set_exception_handler([this](event_loop&, const error_context& context) {
            std::string text = "nothing";
            try {
                if (context.exception) std::rethrow_exception(context.exception);
            } catch (const std::exception& e) {
                text = e.what();
            }
            texts_.push_back(context.message + ": " + text);
            came_.set();
        });
    }
    reports(const reports&) = delete;
    reports& operator=(const reports&) = delete;
    ~reports() { current_loop().reset_exception_handler(); }

    task<std::string> next() {
        co_await came_.wait();
        came_.clear();
        co_return texts_.back();
    }
    std::size_t size() const noexcept { return texts_.size(); }

private:
    std::vector<std::string> texts_;
    event came_;
};

TEST_P(tls_server, serves_many_at_once) {
    runs([]() -> task<> {
        server s = co_await start_tls_server(echo, "127.0.0.1", 0, our_server());
        co_await with(s, [](server& running) -> task<> {
            std::vector<task_handle<std::string>> asked;
            for (int i = 0; i < 20; ++i) asked.push_back(create_task(ask(running, "question " + std::to_string(i))));
            for (int i = 0; i < 20; ++i) {
                const std::string answer = co_await asked[static_cast<std::size_t>(i)];
                EXPECT_EQ(answer, "question " + std::to_string(i));
            }
        });
        EXPECT_EQ(s.connections(), 0U);
    });
}

TEST_P(tls_server, is_found_by_its_name_which_its_certificate_must_bear) {
    runs([]() -> task<> {
        reports told;
        const server s = co_await start_tls_server(echo, "localhost", 0, our_server(), {.server = {.family = AF_INET}});
        const std::uint16_t port = s.addresses().front().port();
        const tls_options four{.connect = {.family = AF_INET}};
        stream c = co_await open_tls_connection("localhost", port, our_client(), four);
        EXPECT_EQ(get_tls_info(c)->server_name, "localhost");
        co_await c.write("x");
        const std::string got = co_await c.read(1);
        EXPECT_EQ(got, "x");

        const tls_options other{.server_hostname = "example.org", .connect = {.family = AF_INET}};
        const std::string text = co_await raised_by(open_tls_connection("localhost", port, our_client(), other));
        EXPECT_EQ(text, "TLS handshake with localhost:" + std::to_string(port) +
                            ": certificate verify failed: Hostname mismatch, certificate is not valid for "
                            "'example.org'.");
        const std::string report = co_await told.next();
        EXPECT_TRUE(report.starts_with("SSL handshake failed: TLS handshake with 127.0.0.1:")) << report;
        EXPECT_TRUE(report.ends_with(": sslv3 alert bad certificate")) << report;
    });
}

TEST_P(tls_server, tells_of_a_client_that_does_not_speak_tls_and_closes_its_connection) {
    runs([]() -> task<> {
        reports told;
        const server s = co_await start_tls_server(echo, "127.0.0.1", 0, our_server());
        stream plain = co_await open_connection(s.addresses().front());
        co_await plain.write("GET / HTTP/1.0\r\n\r\n");
        const std::string report = co_await told.next();
        EXPECT_EQ(report, "SSL handshake failed: TLS handshake with " + local_address(plain).text() + ": http request");
        // OpenSSL says nothing to who speaks something else.
        const std::string end = co_await raised_by(plain.read());
        EXPECT_TRUE(end == "nothing" || end.ends_with("Connection reset by peer")) << end;
        const std::string answer = co_await ask(s, "and others?");
        EXPECT_EQ(answer, "and others?");
        EXPECT_EQ(told.size(), 1U);
    });
}

TEST_P(tls_server, accepts_others_while_one_says_nothing) {
    runs([]() -> task<> {
        reports told;
        server s = co_await start_tls_server(echo, "127.0.0.1", 0, our_server());
        stream silent = co_await open_connection(s.addresses().front());
        stream half = co_await open_connection(s.addresses().front());
        co_await half.write("\x16\x03\x01");
        const std::string answer = co_await ask(s, "anybody?");
        EXPECT_EQ(answer, "anybody?");
        EXPECT_EQ(told.size(), 0U);
        silent.close();
        const std::string report = co_await told.next();
        EXPECT_TRUE(report.ends_with(": EOF occurred in violation of protocol")) << report;
        half.close();
        co_await told.next();
        s.close();
        co_await s.wait_closed();
    });
}

// In real time, of which no more is asserted than that it comes.
TEST_P(tls_server, gives_up_on_a_client_that_says_nothing) {
    runs_in_real_time([]() -> task<> {
        reports told;
        const server s = co_await start_tls_server(echo, "127.0.0.1", 0, our_server(), {.handshake_timeout = 10ms});
        stream silent = co_await open_connection(s.addresses().front());
        const std::string report = co_await told.next();
        EXPECT_EQ(report, "SSL handshake failed: TLS handshake with " + local_address(silent).text() +
                              ": it takes longer than 0.01 seconds: Software caused connection abort");
        const std::string end = co_await silent.read();
        EXPECT_EQ(end, "");
    });
}

TEST_P(tls_server, cancels_a_handshake_with_those_it_serves) {
    runs([]() -> task<> {
        reports told;
        server s = co_await start_tls_server(echo, "127.0.0.1", 0, our_server());
        stream silent = co_await open_connection(s.addresses().front());
        while (s.connections() == 0) co_await turns(1);
        s.close();
        s.cancel_clients();
        co_await s.wait_closed();
        const std::string end = co_await silent.read();
        EXPECT_EQ(end, "");
        EXPECT_EQ(told.size(), 0U);
    });
}

TEST_P(tls_server, needs_a_context_of_a_server_and_a_limit) {
    runs([]() -> task<> {
        std::string of_context = "nothing";
        std::string of_limit = "nothing";
        try {
            co_await start_tls_server(echo, "127.0.0.1", 0, our_client());
        } catch (const value_error& e) {
            of_context = e.what();
        }
        try {
            co_await start_tls_server(echo, "127.0.0.1", 0, our_server(), {.handshake_timeout = -1s});
        } catch (const value_error& e) {
            of_limit = e.what();
        }
        EXPECT_EQ(of_context, "start_tls_server() needs a server's context: tls_context::server()");
        EXPECT_EQ(of_limit, "handshake_timeout should be a positive number");
    });
}

TEST_P(tls_server, that_is_not_there_is_what_open_connection_says) {
    runs([]() -> task<> {
        std::uint16_t port = 0;
        {
            const server s = co_await start_tls_server(echo, "127.0.0.1", 0, our_server());
            port = s.addresses().front().port();
        }
        co_await turns(3);
        const std::string text = co_await raised_by(open_tls_connection("127.0.0.1", port, our_client()));
        EXPECT_EQ(text, "connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
    });
}

}  // namespace
