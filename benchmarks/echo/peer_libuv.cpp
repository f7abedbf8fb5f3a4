// libuv, whose callbacks are C's.

#include "listening.hpp"

#include <uv.h>

#include <array>

namespace {

struct connection {
    uv_tcp_t peer{};
    uv_write_t writing{};
    std::array<char, echo::buffer_size> buffer{};
};

connection& of(void* handle) { return *static_cast<connection*>(handle); }

void end(connection& c) {
    uv_close(reinterpret_cast<uv_handle_t*>(&c.peer), [](uv_handle_t* closed) { delete &of(closed->data); });
}

void give_buffer(uv_handle_t* peer, std::size_t, uv_buf_t* buffer) {
    connection& c = of(peer->data);
    *buffer = uv_buf_init(c.buffer.data(), static_cast<unsigned>(c.buffer.size()));
}

void has_read(uv_stream_t* peer, ssize_t size, const uv_buf_t*) {
    connection& c = of(peer->data);
    if (size == 0) return;
    if (size < 0) return end(c);
    // There is one buffer: no reading until it is written.
    uv_read_stop(peer);
    const uv_buf_t answer = uv_buf_init(c.buffer.data(), static_cast<unsigned>(size));
    uv_write(&c.writing, peer, &answer, 1, [](uv_write_t* written, int failure) {
        connection& whose = of(written->data);
        if (failure != 0) return end(whose);
        uv_read_start(reinterpret_cast<uv_stream_t*>(&whose.peer), give_buffer, has_read);
    });
}

void has_connected(uv_stream_t* listener, int failure) {
    if (failure != 0) return;
    auto* const made = new connection;
    made->peer.data = made->writing.data = made;
    uv_tcp_init(listener->loop, &made->peer);
    auto* const peer = reinterpret_cast<uv_stream_t*>(&made->peer);
    if (uv_accept(listener, peer) != 0) return end(*made);
    uv_tcp_nodelay(&made->peer, 1);
    uv_read_start(peer, give_buffer, has_read);
}

}  // namespace

int main() {
    uv_loop_t* const loop = uv_default_loop();
    uv_tcp_t listener{};
    uv_tcp_init(loop, &listener);
    uv_tcp_open(&listener, echo::listening(SOCK_NONBLOCK));
    if (const int failure = uv_listen(reinterpret_cast<uv_stream_t*>(&listener), 1024, has_connected); failure != 0) {
        std::fprintf(stderr, "uv_listen: %s\n", uv_strerror(failure));
        return 1;
    }
    return uv_run(loop, UV_RUN_DEFAULT);
}
