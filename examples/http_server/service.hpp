#pragma once

#include "response.hpp"

#include "../http/message_parser.hpp"

#include <fermata/async.hpp>
#include <fermata/io.hpp>

#include <chrono>
#include <unordered_set>

namespace http_server {

struct settings {
    fermata::directory root;  // what is served
    std::chrono::nanoseconds timeout{};
};

/// Serves connections: one request after the other, until one side has enough.
class service {
public:
    explicit service(settings given) : settings_(std::move(given)) {}

    fermata::task<> serve(fermata::stream peer);
    /// Lets those go who have nothing asked, and the others when they have their answer.
    void stop() noexcept;

private:
    struct connection;
    struct request;

    fermata::task<> serve_all(connection& here);
    fermata::task<request> receive(connection& here);
    fermata::task<bool> wait_for_request(connection& here);
    fermata::task<response> answer(const request& asked);

    settings settings_;
    std::unordered_set<fermata::stream*> idle_;
    bool stopping_ = false;
};

}  // namespace http_server
