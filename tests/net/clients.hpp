#pragma once

// Clients in a process of their own, without a loop: so there may be as many as a process may have descriptors, and they do
// what no stream would. They are told what to do in lines, and answer each with one.

#include "servers.hpp"

#include <fermata/net/server.hpp>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace tests {

/// As many as the system allows. Gives how many.
inline std::size_t raise_limit_of_descriptors() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

/// What the process does. All calls block, and what goes wrong ends it: then the line that is waited for is empty.
class client_process {
public:
    explicit client_process(int control) noexcept : control_(control) {}

    void serve() {
        for (;;) {
            std::istringstream words(next_line());
            std::string command;
            words >> command;
            if (command.empty()) return;
            obey(command, words);
            send_all(control_, "done\n");
        }
    }

private:
    // Empty at the end.
    std::string next_line() const {
        std::string line;
        char next = 0;
        while (recv(control_, &next, 1, 0) == 1 && next != '\n') line += next;
        return line;
    }

    void obey(const std::string& command, std::istringstream& words) {
        std::size_t count = 0;
        if (command == "connect") {
            std::uint16_t port = 0;
            words >> count >> port;
            for (std::size_t i = 0; i < count; ++i) connect(port);
        } else if (command == "send") {
            std::string text;
            words >> text;
            for (const int each : all_) send_all(each, text + "\n");
        } else if (command == "receive") {
            std::string text;
            words >> text;
            for (const int each : all_) expect(each, text + "\n");
        } else if (command == "end") {
            for (const int each : all_) check(shutdown(each, SHUT_WR), "shutdown");
        } else if (command == "await_end") {
            for (const int each : all_) await_end(each);
        } else if (command == "flood") {
            words >> count;
            flood(count);
        } else if (command == "reset" || command == "close") {
            for (const int each : std::exchange(all_, {})) close(each, command == "reset");
        } else {
            std::fprintf(stderr, "client: no command '%s'\n", command.c_str());
            std::_Exit(1);
        }
    }

    static void check(long result, const char* what) {
        if (result >= 0) return;
        std::fprintf(stderr, "client: %s: %s\n", what, std::strerror(errno));
        std::_Exit(1);
    }

    void connect(std::uint16_t port) {
        const address to = address::of("127.0.0.1", port);
        const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        check(descriptor, "socket");
        check(::connect(descriptor, to.data(), to.size()), "connect");
        all_.push_back(descriptor);
    }

    static void send_all(int to, const std::string& text) {
        check(::send(to, text.data(), text.size(), MSG_NOSIGNAL), "send");
    }

    static void expect(int from, const std::string& text) {
        std::string got(text.size(), '\0');
        check(recv(from, got.data(), got.size(), MSG_WAITALL), "recv");
        if (got == text) return;
        std::fprintf(stderr, "client: got '%s' for '%s'\n", got.c_str(), text.c_str());
        std::_Exit(1);
    }

    static void await_end(int from) {
        char some[4096];
        long got = 0;
        do {
            got = recv(from, some, sizeof some, 0);
        } while (got > 0);
        check(got, "recv");
    }

    // As much as goes without waiting, at most so many bytes each.
    void flood(std::size_t most) {
        const std::string some(64 * 1024, 'x');
        for (const int each : all_) {
            for (std::size_t sent = 0; sent < most;) {
                const long now = ::send(each, some.data(), some.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
                if (now < 0) break;
                sent += static_cast<std::size_t>(now);
            }
        }
    }

    static void close(int descriptor, bool by_reset) {
        const linger now{1, 0};
        if (by_reset) setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        ::close(descriptor);
    }

    int control_;
    std::vector<int> all_;
};

/// That process, which is made before there is a loop and goes with this.
class clients {
public:
    clients() {
        int ends[2];
        checked(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), "socketpair");
        std::fflush(nullptr);
        process_ = checked(fork(), "fork");
        if (process_ == 0) {
            ::close(ends[0]);
            client_process(ends[1]).serve();
            std::_Exit(0);
        }
        ::close(ends[1]);
        control_ = ends[0];
    }
    clients(const clients&) = delete;
    clients& operator=(const clients&) = delete;
    ~clients() {
        talk_ = {};
        if (control_ >= 0) ::close(control_);
        waitpid(process_, nullptr, 0);
    }

    /// Has them do it, and waits until it is done.
    task<> have(std::string command) {
        if (!talk_) talk_ = detail::stream_of_socket(current_loop(), std::exchange(control_, -1), "the clients");
        command += '\n';
        co_await talk_.write(command);
        const std::string answer = co_await talk_.readline();
        if (answer != "done\n") throw runtime_error("the clients have failed");
    }

    /// Connects so many more, not faster than they are accepted: a full backlog would cost them a second.
    task<> connect(std::size_t count, const server& to) {
        constexpr std::size_t at_once = 500;
        const std::size_t before = to.connections();
        for (std::size_t done = 0; done < count;) {
            const std::size_t now = std::min(at_once, count - done);
            co_await have("connect " + std::to_string(now) + " " + std::to_string(to.addresses().front().port()));
            done += now;
            while (to.connections() < before + done) co_await sleep(1ms);
        }
    }

private:
    pid_t process_ = -1;
    int control_ = -1;
    stream talk_;
};

}  // namespace tests
