#include "service.hpp"

#include "site.hpp"

#include <array>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace http_server {

using namespace fermata;

struct service::connection {
    stream peer;
    std::string unread;  // has come, and is of the next request
};

struct service::request {
    http::head head;
    unsigned refused = 0;  // the status that says why, where it could not be read
    bool ended = false;    // the client has gone, or asks no more
};

namespace {

// Gives false at the end.
task<bool> read_more(stream& peer, std::string& unread) {
    std::array<char, 16 * 1024> buffer;  // NOLINT(*-member-init): it is written before it is read
    const std::size_t size = co_await peer.read(buffer);
    unread.append(buffer.data(), size);
    co_return size > 0;
}

// Gives false where the client ends the connection before.
task<bool> receive_head(stream& peer, std::string& unread, http::message_parser& parser) {
    while (!parser.has_head()) {
        if (unread.empty()) {
            const bool more = co_await read_more(peer, unread);
            if (!more) co_return false;
        }
        unread.erase(0, parser.feed(unread));
    }
    co_return true;
}

// What is wrong with it, as a status; 0 where nothing is.
unsigned refusal_of(const http::head& head) {
    if (head.major_version != 1) return HTTP_STATUS_HTTP_VERSION_NOT_SUPPORTED;
    const std::size_t hosts = head.count("Host");
    const bool is_ambiguous = hosts > 1 || (hosts == 0 && head.minor_version >= 1);
    return is_ambiguous ? HTTP_STATUS_BAD_REQUEST : 0;
}

task<> drop_what_comes(stream& peer) {
    std::string dropped;
    for (bool more = true; more; dropped.clear()) more = co_await read_more(peer, dropped);
}

// To close a connection with something unread resets it, and the answer is lost on its way: what comes is read for a while.
task<> linger(stream& peer) {
    peer.write_eof();
    try {
        co_await wait_for(drop_what_comes(peer), std::chrono::seconds(2));
    } catch (const timeout_error&) {
        co_return;
    }
}

bool is_gone(const std::error_code& failure) noexcept {
    return failure == std::errc::connection_reset || failure == std::errc::broken_pipe ||
           failure == std::errc::timed_out || failure == std::errc::not_connected;
}

}  // namespace

task<> service::serve(stream peer) {
    connection here{std::move(peer), {}};
    try {
        co_await serve_all(here);
    } catch (const timeout_error&) {
        co_return;  // does not read what it has asked for
    } catch (const std::system_error& e) {
        if (!is_gone(e.code())) throw;
    }
}

task<> service::serve_all(connection& here) {
    for (bool goes_on = true; goes_on;) {
        const request asked = co_await receive(here);
        if (asked.ended) co_return;
        response given = co_await answer(asked);
        goes_on = asked.refused == 0 && asked.head.keep_alive && !asked.head.has_body && !stopping_;
        co_await send(here.peer, asked.head, given, goes_on, settings_.timeout);
    }
    co_await linger(here.peer);
}

task<service::request> service::receive(connection& here) {
    request got;
    const bool comes = co_await wait_for_request(here);
    if (!comes) {
        got.ended = true;
        co_return got;
    }
    http::message_parser parser(HTTP_REQUEST);
    try {
        const bool whole = co_await wait_for(receive_head(here.peer, here.unread, parser), settings_.timeout);
        got.ended = !whole;
        got.refused = refusal_of(parser.head());
    } catch (const timeout_error&) {
        got.refused = HTTP_STATUS_REQUEST_TIMEOUT;
    } catch (const http::parse_error& e) {
        got.refused = e.is_head_too_long() ? HTTP_STATUS_REQUEST_HEADER_FIELDS_TOO_LARGE : HTTP_STATUS_BAD_REQUEST;
    }
    got.head = parser.take_head();
    co_return got;
}

// Gives false where none comes in time, or the connection ends.
task<bool> service::wait_for_request(connection& here) {
    if (!here.unread.empty()) co_return true;
    if (stopping_) co_return false;
    const struct idling {
        service& of;
        stream* peer;
        ~idling() { of.idle_.erase(peer); }
    } until_something_comes{*this, &here.peer};
    idle_.insert(&here.peer);
    try {
        const bool more = co_await wait_for(read_more(here.peer, here.unread), settings_.timeout);
        co_return more && !here.peer.is_closing();  // stop() may come when something just has
    } catch (const timeout_error&) {
        co_return false;
    } catch (const std::system_error&) {
        if (!stopping_) throw;  // stop() has closed it
    }
    co_return false;
}

task<response> service::answer(const request& asked) {
    if (asked.refused != 0) co_return plain_response(asked.refused);
    const http::head& head = asked.head;
    std::string failure;
    try {
        response found = co_await look_up(settings_.root, head);
        co_return found;
    } catch (const std::exception& e) {
        failure = e.what();
    }
    std::fprintf(stderr, "http_server: %s %s: %s\n", head.method.c_str(), head.target.c_str(), failure.c_str());
    co_return plain_response(HTTP_STATUS_INTERNAL_SERVER_ERROR);
}

void service::stop() noexcept {
    stopping_ = true;
    for (stream* each : idle_) each->close();
}

}  // namespace http_server
