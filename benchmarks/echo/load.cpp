// Loads an echo server: connections that each send a message, wait until all of it is back, and send the next. Prints what it
// measured, as JSON.

#include <CLI/CLI.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

struct options {
    std::uint16_t port = 0;
    std::size_t connections = 50;
    std::size_t size = 64;
    double seconds = 1;
    double warm_up = 0.3;
    std::size_t requests = 0;  // 0: as many as there is time for
    int server = 0;
};

int checked(ssize_t result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return static_cast<int>(result);
}

/// As its scheduler counts it (main thread), which is finer than ticks.
double seconds_on_cpu(int pid) {
    std::ifstream counts("/proc/" + std::to_string(pid) + "/schedstat");
    double nanoseconds = 0;
    if (!(counts >> nanoseconds)) throw std::runtime_error("the server has gone, or tells nothing of its time");
    return nanoseconds / 1e9;
}

class connection {
public:
    connection(const options& chosen, char letter)
        : socket_(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")),
          message_(chosen.size, letter),
          back_(chosen.size, '\0') {
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        where.sin_port = htons(chosen.port);
        checked(::connect(socket_, reinterpret_cast<const sockaddr*>(&where), sizeof where), "connect");
        const int on = 1;
        setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    ~connection() { ::close(socket_); }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    int descriptor() const { return socket_; }

    void ask() {
        received_ = 0;
        asked_ = clock_type::now();
        if (checked(::send(socket_, message_.data(), message_.size(), MSG_NOSIGNAL), "send") !=
            static_cast<int>(message_.size())) {
            throw std::runtime_error("send: the message does not fit");
        }
    }
    /// True when all is back.
    bool hear() {
        const int got =
            checked(::recv(socket_, back_.data() + received_, back_.size() - received_, MSG_DONTWAIT), "recv");
        if (got == 0) throw std::runtime_error("the server has closed a connection");
        received_ += static_cast<std::size_t>(got);
        if (received_ < back_.size()) return false;
        if (back_ != message_) throw std::runtime_error("something else came back than was sent");
        return true;
    }
    double microseconds() const {
        return std::chrono::duration<double, std::micro>(clock_type::now() - asked_).count();
    }

private:
    int socket_;
    std::string message_;
    std::string back_;
    std::size_t received_ = 0;
    clock_type::time_point asked_;
};

class load {
public:
    explicit load(const options& chosen) : epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
        for (std::size_t i = 0; i < chosen.connections; ++i) {
            all_.push_back(std::make_unique<connection>(chosen, static_cast<char>('a' + i % 26)));
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.ptr = all_.back().get();
            checked(epoll_ctl(epoll_, EPOLL_CTL_ADD, all_.back()->descriptor(), &event), "epoll_ctl");
        }
        for (auto& each : all_) each->ask();
    }
    ~load() { ::close(epoll_); }
    load(const load&) = delete;
    load& operator=(const load&) = delete;

    /// Till either limit is reached. Gives the microseconds that each took.
    std::vector<double> run_for(double seconds, std::size_t most = std::numeric_limits<std::size_t>::max()) {
        std::vector<double> took;
        took.reserve(std::min(most, static_cast<std::size_t>(seconds * 300'000)));
        const auto end = clock_type::now() + std::chrono::duration<double>(seconds);
        std::vector<epoll_event> events(256);
        while (took.size() < most && clock_type::now() < end) {
            const int count =
                checked(epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 10'000), "epoll_wait");
            if (count == 0) throw std::runtime_error("the server does not answer");
            for (int i = 0; i < count; ++i) {
                auto& each = *static_cast<connection*>(events[static_cast<std::size_t>(i)].data.ptr);
                if (!each.hear()) continue;
                took.push_back(each.microseconds());
                if (took.size() == most) break;
                each.ask();
            }
        }
        return took;
    }

private:
    int epoll_;
    std::vector<std::unique_ptr<connection>> all_;
};

double quantile(const std::vector<double>& sorted, double q) {
    return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
}

void count(const options& chosen) {
    constexpr double for_ever = 3600;
    load(chosen).run_for(for_ever, chosen.requests);
    std::printf("{\"requests\": %zu}\n", chosen.requests);
}

void measure(const options& chosen) {
    if (chosen.requests > 0) return count(chosen);
    load all(chosen);
    all.run_for(chosen.warm_up);
    const double before = chosen.server > 0 ? seconds_on_cpu(chosen.server) : 0;
    const auto start = clock_type::now();
    std::vector<double> took = all.run_for(chosen.seconds);
    const double elapsed = std::chrono::duration<double>(clock_type::now() - start).count();
    const double cpu = (chosen.server > 0 ? seconds_on_cpu(chosen.server) : 0) - before;
    if (took.empty()) throw std::runtime_error("not one answer has come");
    std::sort(took.begin(), took.end());
    const auto requests = static_cast<double>(took.size());
    std::printf("{\"requests\": %.0f, \"per_second\": %.0f, \"cpu_us\": %.3f, \"p50_us\": %.1f, \"p99_us\": %.1f}\n",
                requests, requests / elapsed, cpu * 1e6 / requests, quantile(took, 0.5), quantile(took, 0.99));
}

}  // namespace

int main(int argc, char** argv) {
    options chosen;
    CLI::App command("Loads an echo server on 127.0.0.1, and prints what it measured as JSON.");
    command.add_option("PORT", chosen.port)->required();
    command.add_option("--connections", chosen.connections)->capture_default_str()->check(CLI::PositiveNumber);
    command.add_option("--size", chosen.size, "bytes of a message")
        ->capture_default_str()
        ->check(CLI::Range(1, 100'000));
    command.add_option("--seconds", chosen.seconds)->capture_default_str()->check(CLI::PositiveNumber);
    command.add_option("--warm-up", chosen.warm_up, "seconds before")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command.add_option("--requests", chosen.requests, "so many, in whatever time: for who counts what the server does");
    command.add_option("--server", chosen.server, "its process: for its CPU time a request");
    CLI11_PARSE(command, argc, argv);
    try {
        measure(chosen);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "echo_load: %s\n", e.what());
        return 1;
    }
    return 0;
}
