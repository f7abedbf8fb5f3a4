// Sends back what it gets: asyncio's first example, too.
//
//   echo_server --port 7777 &
//   nc 127.0.0.1 7777

#include <fermata/async.hpp>
#include <fermata/io.hpp>

#include <CLI/CLI.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

namespace {

using namespace fermata;

task<> echo(stream peer) {
    std::array<char, 16 * 1024> buffer;  // NOLINT(*-member-init): it is written before it is read
    for (;;) {
        const std::size_t size = co_await peer.read(buffer);
        if (size == 0) break;
        co_await peer.write(std::string_view(buffer.data(), size));
    }
}

task<> serve(std::string host, std::uint16_t port) {
    server listening = co_await start_server(echo, host, port);
    for (const address& each : listening.addresses()) std::printf("listening on %s\n", each.text().c_str());
    std::fflush(stdout);
    co_await with(listening, [](server& running) { return running.serve_forever(); });
}

}  // namespace

int main(int argc, char** argv) {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    CLI::App command("Sends back what it gets.");
    command.add_option("--host", host, "where to listen; an empty one: everywhere")->capture_default_str();
    command.add_option("--port", port, "0: any that is free")->capture_default_str();
    CLI11_PARSE(command, argc, argv);
    try {
        run(serve(host, port));
    } catch (const std::exception& e) {
        std::fprintf(stderr, "echo_server: %s\n", e.what());
        return 1;
    }
    return 0;
}
