#include <fermata/io/backend.hpp>
#include <fermata/io/detail/backend.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace fermata::inline v0 {

namespace detail {

namespace {

// As Python does when it starts: who writes to a pipe that nobody reads gets an error, and does not die. A program that has
// chosen something else keeps it.
void ignore_broken_pipes() {
    static std::once_flag once;
    std::call_once(once, [] {
        struct sigaction now{};
        if (sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);
    });
}

}  // namespace

std::unique_ptr<backend> make_backend(event_loop& loop) {
    ignore_broken_pipes();
    const char* chosen = std::getenv("FERMATA_BACKEND");
    const std::string_view name = chosen ? chosen : "";
    if (name == "epoll") return make_epoll_backend(loop);
    if (!name.empty() && name != "io_uring") {
        throw value_error("FERMATA_BACKEND is '" + std::string(name) + "': there are 'io_uring' and 'epoll'");
    }
    int why = 0;
    std::unique_ptr<backend> made = make_uring_backend(loop, why);
    if (made) return made;
    if (!name.empty()) {
        throw std::system_error(why, std::generic_category(), "io_uring, which FERMATA_BACKEND asks for");
    }
    return make_epoll_backend(loop);
}

backend* backend::of_or_null(event_loop& loop) noexcept { return dynamic_cast<backend*>(&loop.port()); }

backend& backend::of(event_loop& loop) {
    if (backend* there = of_or_null(loop)) return *there;
    std::unique_ptr<backend> made = make_backend(loop);
    backend& chosen = *made;
    loop.set_port(std::move(made));
    return chosen;
}

backend::~backend() {
    while (!endpoints_.empty()) endpoints_.pop_front().become_orphan();
}

bool backend::owes_a_turn() noexcept {
    constexpr unsigned one_in = 64;
    return ++done_at_once_ % one_in == 0;
}

// Endpoints

// Not in the header: each module that includes it would have the frame pool's thread-local memory.
task<> endpoint::wait_closed() const { co_return; }

descriptor_endpoint::descriptor_endpoint(backend& by, unique_descriptor descriptor, descriptor_use use)
    : endpoint(by.loop(), by), descriptor_(std::move(descriptor)), use_(use) {
    if (descriptor_.get() >= 0) by.adopt(*this);
}

// Of a pipe there is but one half. A socket or a terminal that others have, too, goes on for them: and here for those who read.
void descriptor_endpoint::shut_down_writing() {
    const int descriptor = descriptor_.get();
    if (!is_shared() && (shutdown(descriptor, SHUT_WR) == 0 || errno == ENOTCONN)) return;
    const int failure = is_shared() ? ENOTSOCK : errno;
    const int access = fcntl(descriptor, F_GETFL) & O_ACCMODE;
    if (failure == ENOTSOCK && access == O_WRONLY) return close();
    if (is_shared() && access == O_RDWR) return;
    throw std::system_error(failure, std::generic_category(), "shutdown");
}

void descriptor_endpoint::close() noexcept {
    if (descriptor_.get() < 0) return;
    if (!is_orphan()) static_cast<backend&>(by()).remove(*this);
    unlink();
    descriptor_ = unique_descriptor();
}

void descriptor_endpoint::become_orphan() noexcept { leave_loop(); }

}  // namespace detail

std::string_view backend_name() { return detail::backend::of(current_loop()).name(); }

}  // namespace fermata::inline v0
