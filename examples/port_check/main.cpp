// Tells which ports of a host answer: many at once, each for as long as it is given.
//
//   port_check localhost 22 80 8000-8010

#include "../program.hpp"

#include <fermata/io.hpp>

#include <CLI/CLI.hpp>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace {

using namespace fermata;

struct options {
    std::string host;
    std::vector<std::string> ports;
    double timeout = 1;
    std::ptrdiff_t limit = 100;
    bool only_open = false;
};

struct port_state {
    std::uint16_t port = 0;
    bool is_open = false;
    std::string what;
};

std::uint16_t port_of(std::string_view text, const std::string& whole) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0) {
        throw std::invalid_argument("\"" + whole + "\" is no port: a number from 1 to 65535, or two as in 8000-8010");
    }
    return port;
}

std::vector<port_state> ports_of(const std::vector<std::string>& texts) {
    std::vector<port_state> found;
    for (const std::string& each : texts) {
        const std::size_t dash = each.find('-');
        const unsigned first = port_of(std::string_view(each).substr(0, dash), each);
        const unsigned last =
            dash == std::string::npos ? first : port_of(std::string_view(each).substr(dash + 1), each);
        for (unsigned port = first; port <= last; ++port)
            found.push_back({static_cast<std::uint16_t>(port), false, ""});
    }
    return found;
}

// On the first of the host's addresses that answers.
task<> check(port_state& state, const std::vector<address>& addresses, const options& chosen, semaphore& room) {
    const semaphore::guard here = co_await room.lock();
    const std::chrono::duration<double> patience(chosen.timeout);
    for (address each : addresses) {
        each.set_port(state.port);
        try {
            co_await wait_for(open_connection(each), std::chrono::duration_cast<std::chrono::nanoseconds>(patience));
            state.is_open = true;
            state.what = "open at " + each.host();
            co_return;
        } catch (const timeout_error&) {
            state.what = "no answer";
        } catch (const std::system_error& e) {
            state.what = e.code().message();
        }
    }
}

task<int> check_all(const options& chosen) {
    std::vector<port_state> states = ports_of(chosen.ports);
    const std::vector<address> addresses = co_await getaddrinfo(chosen.host, 0);
    semaphore room(chosen.limit);
    std::vector<task<>> checks;
    checks.reserve(states.size());
    for (port_state& each : states) checks.push_back(check(each, addresses, chosen, room));
    co_await gather(std::move(checks));
    std::size_t open = 0;
    for (const port_state& each : states) {
        if (each.is_open) ++open;
        if (each.is_open || !chosen.only_open) std::printf("%5u  %s\n", each.port, each.what.c_str());
    }
    co_return open == states.size() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    options chosen;
    CLI::App command("Tells which ports of a host answer. Ends with 0 if all do.");
    command.add_option("HOST", chosen.host, "a name or an address")->required();
    command.add_option("PORT", chosen.ports, "a number, or two as in 8000-8010")->required();
    command.add_option("--timeout", chosen.timeout, "seconds for each")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command.add_option("--limit", chosen.limit, "how many at once")->capture_default_str()->check(CLI::PositiveNumber);
    command.add_flag("--open", chosen.only_open, "show only those that are open");
    CLI11_PARSE(command, argc, argv);
    return program::run("port_check", check_all(chosen));
}
