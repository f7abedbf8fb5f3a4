// The limit for a loop on io_uring: a buffer for each connection, one system call a turn.

#include "listening.hpp"

#include <liburing.h>
#include <unistd.h>

#include <array>

namespace {

struct connection {
    int peer = -1;
    bool is_sending = false;
    std::array<char, echo::buffer_size> buffer{};
};

io_uring ring;

io_uring_sqe& next_entry() {
    for (;;) {
        if (io_uring_sqe* entry = io_uring_get_sqe(&ring)) return *entry;
        io_uring_submit(&ring);
    }
}

void accept(int listener) {
    io_uring_sqe& entry = next_entry();
    io_uring_prep_multishot_accept(&entry, listener, nullptr, nullptr, SOCK_CLOEXEC);
    io_uring_sqe_set_data(&entry, nullptr);
}

void receive(connection& c) {
    c.is_sending = false;
    io_uring_sqe& entry = next_entry();
    io_uring_prep_recv(&entry, c.peer, c.buffer.data(), c.buffer.size(), 0);
    io_uring_sqe_set_data(&entry, &c);
}

void send(connection& c, int size) {
    c.is_sending = true;
    io_uring_sqe& entry = next_entry();
    io_uring_prep_send(&entry, c.peer, c.buffer.data(), static_cast<std::size_t>(size), MSG_WAITALL | MSG_NOSIGNAL);
    io_uring_sqe_set_data(&entry, &c);
}

void hear(int listener, const io_uring_cqe& heard) {
    auto* const whose = static_cast<connection*>(io_uring_cqe_get_data(&heard));
    if (!whose) {
        if (heard.res >= 0) {
            auto* const made = new connection;
            made->peer = heard.res;
            echo::set_no_delay(heard.res);
            receive(*made);
        }
        if ((heard.flags & IORING_CQE_F_MORE) == 0) accept(listener);
    } else if (heard.res <= 0) {
        close(whose->peer);
        delete whose;
    } else if (whose->is_sending) {
        receive(*whose);
    } else {
        send(*whose, heard.res);
    }
}

}  // namespace

int main() {
    const int listener = echo::listening(0);
    const int failure = -io_uring_queue_init(4096, &ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
    if (failure > 0) {
        errno = failure;
        echo::checked(-1, "io_uring_queue_init");
    }
    io_uring_register_ring_fd(&ring);
    accept(listener);
    for (;;) {
        io_uring_submit_and_wait(&ring, 1);
        unsigned head = 0;
        unsigned count = 0;
        io_uring_cqe* each = nullptr;
        io_uring_for_each_cqe(&ring, head, each) {
            hear(listener, *each);
            ++count;
        }
        io_uring_cq_advance(&ring, count);
    }
}
