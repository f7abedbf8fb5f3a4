#pragma once

// What the examples that serve have in common: where they listen.

#include "program.hpp"

#include <fermata/io.hpp>

#include <CLI/CLI.hpp>

#include <cstdint>
#include <cstdio>
#include <string>

namespace serving {

struct place {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
};

inline void add_options(CLI::App& command, place& where) {
    command.add_option("--host", where.host, "where to listen; an empty one: everywhere")->capture_default_str();
    command.add_option("--port", where.port, "0: any that is free")->capture_default_str();
}

inline void announce(const fermata::server& listening) {
    for (const fermata::address& each : listening.addresses()) std::printf("listening on %s\n", each.text().c_str());
    std::fflush(stdout);
}

template <class Handler>
fermata::task<int> serve(Handler handle, place where) {
    fermata::server listening = co_await fermata::start_server(handle, where.host, where.port);
    announce(listening);
    co_await with(listening, [](fermata::server& running) { return running.serve_forever(); });
    co_return 0;
}

/// A program that has `handle(stream)` serve each connection until ctrl-C.
template <class Handler>
int main(const char* name, const char* description, int argc, char** argv, Handler handle) {
    place where;
    CLI::App command(description);
    add_options(command, where);
    CLI11_PARSE(command, argc, argv);
    return program::run(name, serve(handle, where));
}

}  // namespace serving
