// Serves the files of a directory over HTTP/1.1.
//
//   http_server --port 8000 . &
//   curl http://127.0.0.1:8000/

#include "../serving.hpp"
#include "service.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

namespace {

using namespace fermata;

constexpr std::chrono::seconds grace(5);

// Ctrl-C: nobody new is let in, who waits for nothing is let go, and who is being answered has a while to get it all.
task<> serve_until_interrupted(server& running, http_server::service& site) {
    try {
        co_await running.serve_forever();
    } catch (const cancelled_error&) {
        site.stop();
    }
    try {
        co_await wait_for(running.wait_closed(), grace);
    } catch (const timeout_error&) {
        std::fputs("http_server: not all answers were fetched in time\n", stderr);
    }
    throw cancelled_error();
}

task<int> serve(std::string directory, std::chrono::nanoseconds timeout, serving::place where,
                std::size_t connections) {
    fermata::directory root = co_await open_directory(directory);
    http_server::service site({std::move(root), timeout});
    server_options limits;
    limits.connections = connections;
    server listening = co_await start_server([&site](stream peer) { return site.serve(std::move(peer)); }, where.host,
                                             where.port, limits);
    serving::announce(listening);
    co_await with(listening, [&site](server& running) { return serve_until_interrupted(running, site); });
    co_return 0;
}

// What is wrong with it; empty where nothing is.
std::string what_is_wrong(const std::string& directory) {
    struct stat found{};
    if (stat(directory.c_str(), &found) != 0) return std::strerror(errno);
    if (!S_ISDIR(found.st_mode)) return std::strerror(ENOTDIR);
    return "";
}

}  // namespace

int main(int argc, char** argv) {
    serving::place where;
    std::string directory;
    double timeout = 15;
    CLI::App command(
        "Serves the files of a directory over HTTP/1.1, until ctrl-C. A directory's index.html is shown for it, or\n"
        "else a list of what is in it. Links that lead out of the directory are not followed.");
    serving::add_options(command, where);
    command
        .add_option("--timeout", timeout,
                    "seconds that a client may take for a request, or to read 64 KiB of an answer")
        ->capture_default_str()
        ->check(CLI::Range(0.001, 1e6));
    std::size_t connections = 10'000;
    command.add_option("--connections", connections, "how many are served at once; more wait until one ends")
        ->capture_default_str()
        ->check(CLI::Range(1, 1'000'000));
    command.add_option("DIRECTORY", directory, "what to serve")->required();
    CLI11_PARSE(command, argc, argv);

    const std::string wrong = what_is_wrong(directory);
    if (!wrong.empty()) {
        std::fprintf(stderr, "http_server: %s: %s\n", directory.c_str(), wrong.c_str());
        return 2;
    }
    const auto patience = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(timeout));
    return program::run("http_server", serve(directory, patience, where, connections));
}
