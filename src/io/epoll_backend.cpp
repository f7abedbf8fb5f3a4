// Waits until descriptors are ready, and makes the calls itself. Edge-triggered, a descriptor registered once: a call is
// tried first where the last one did not say that there is no more, and waits for an edge where it did. So a request on a
// connection costs the calls that a loop written by hand makes, and no epoll_ctl.

#include <fermata/base/config.hpp>
#include <fermata/io/detail/backend.hpp>
#include <fermata/io/detail/unique_descriptor.hpp>
#include <fermata/loop/detail/timespec.hpp>
#include <fermata/loop/detail/wake_event.hpp>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <optional>
#include <system_error>

namespace fermata::inline v0::detail {

namespace {

using std::chrono::nanoseconds;

class epoll_backend final : public backend {
public:
    explicit epoll_backend(event_loop& loop) : backend(loop) {
        if (epoll_.get() < 0) fail("epoll_create1");
        epoll_event event{};
        event.events = EPOLLIN | EPOLLET;
        event.data.ptr = nullptr;
        if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, woken_.descriptor(), &event) < 0) fail("epoll_ctl");
    }
    ~epoll_backend() override {
        give_up_all(put_off_);
        endpoints().for_each([](descriptor_endpoint& each) {
            for (intrusive_list<operation>& of_direction : each.waiting) give_up_all(of_direction);
        });
    }

    std::string_view name() const noexcept override { return "epoll"; }
    int descriptor() override { return epoll_.get(); }
    bool expects() const noexcept override { return under_way_ > 0; }

    void wait(std::optional<nanoseconds> timeout) override {
        tried_ = 0;
        if (!put_off_.empty()) timeout = nanoseconds(0);
        const bool looks_only = timeout && *timeout <= nanoseconds(0);
        if (!looks_only || under_way_ > 0 || woken_.woken()) collect(timeout);
        retry_what_was_put_off();
    }

    void wake() noexcept override { woken_.wake(); }

    void add(descriptor_endpoint& e) override {
        if (e.is_shared()) return;
        const int flags = fcntl(e.descriptor(), F_GETFL);
        if (flags < 0 || fcntl(e.descriptor(), F_SETFL, flags | O_NONBLOCK) < 0) fail("fcntl");
        // A read ends behind bytes that descriptors have been sent with, whatever comes after.
        int domain = 0;
        socklen_t size = sizeof domain;
        if (getsockopt(e.descriptor(), SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0) e.in_pieces = domain == AF_UNIX;
    }

    void remove(descriptor_endpoint& e) noexcept override {
        if (e.registered) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, e.descriptor(), nullptr);
        // There will be no edge: who asks it yet is to hear so.
        e.registered = false;
        e.ready[0] = e.ready[1] = true;
        // What was collected in this very turn.
        for (int i = served_; i < collected_; ++i) {
            if (events_[static_cast<std::size_t>(i)].data.ptr == &e)
                events_[static_cast<std::size_t>(i)].data.ptr = nullptr;
        }
    }

    void submit(operation& o) noexcept override {
        auto& e = static_cast<descriptor_endpoint&>(o.on());
        const auto direction = static_cast<std::size_t>(o.request.direction());
        ++under_way_;
        if (!e.ready[direction] || !e.waiting[direction].empty()) return wait_for_edge(o, e, direction);
        if (tried_ >= tries_a_turn) return put_off_.push_back(o);
        ++tried_;
        if (!attempt(o, e, direction)) wait_for_edge(o, e, direction);
    }

    void cancel(operation& o) noexcept override {
        o.unlink();
        finish(o, -ECANCELED);
    }
    void drain(operation& o) noexcept override { cancel(o); }

private:
    // A peer that never pauses must not keep the loop from all else.
    static constexpr int tries_a_turn = 64;

    [[noreturn]] static void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

    static void give_up_all(intrusive_list<operation>& of) noexcept {
        while (!of.empty()) {
            operation& each = of.pop_front();
            each.become_orphan();
            each.complete(-ECANCELED);
        }
    }

    void finish(operation& o, int result) noexcept {
        --under_way_;
        o.complete(result);
    }

    // Not before there is something to wait for: a socket that is not connected yet would be reported as hung up. What is
    // ready by now is reported too.
    void wait_for_edge(operation& o, descriptor_endpoint& e, std::size_t direction) noexcept {
        if (!e.registered) {
            epoll_event event{};
            event.events = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;
            event.data.ptr = &e;
            if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, e.descriptor(), &event) < 0) return finish(o, -errno);
            e.registered = true;
        }
        e.waiting[direction].push_back(o);
    }

    // True if it was done. A stream that gave, or took, less than was asked has no more for now: an edge will tell of the next.
    // Not one that comes in pieces: it is asked until it says so.
    bool attempt(operation& o, descriptor_endpoint& e, std::size_t direction) noexcept {
        const std::size_t asked = o.request.size_at_once();
        const int result = o.request.lacks_buffer() ? read_shared(o, e) : perform_on(e, o.request);
        if (result > 0) {
            const bool is_short = static_cast<std::size_t>(result) < asked && o.request.is_of_stream();
            const bool may_be_more =
                e.hung_up || e.is_shared() || (e.in_pieces && o.request.direction() == io_direction::in);
            if (is_short && !may_be_more) e.ready[direction] = false;
        } else if (waits_for_more(o, result)) {
            e.ready[direction] = false;
            return false;
        }
        finish(o, result);
        return true;
    }

    static int perform_on(const descriptor_endpoint& e, const io_request& r) noexcept {
        return e.is_shared() ? perform_if_ready(r, e.descriptor()) : perform(r, e.descriptor());
    }

    // Who waits for bytes keeps no buffer: they come into this one, and what has come is copied.
    int read_shared(operation& o, const descriptor_endpoint& e) noexcept {
        io_request r = o.request;
        r.address = read_into_.data();
        r.size = std::min(r.size, read_into_.size());
        const int result = perform_on(e, r);
        if (result <= 0) return result;
        if (!o.make_room(static_cast<std::size_t>(result))) return -ENOMEM;
        std::memcpy(o.request.address, r.address, static_cast<std::size_t>(result));
        return result;
    }

    // On a descriptor that blocks, without blocking: a write that is no longer than PIPE_BUF has room where there is any. Of a
    // file, which is always ready, all is written.
    static int perform_if_ready(io_request r, int descriptor) noexcept {
        if (r.code == io_code::receive || r.code == io_code::send) {
            r.flags |= MSG_DONTWAIT;
            return perform(r, descriptor);
        }
        const int events = r.direction() == io_direction::in ? POLLIN : POLLOUT;
        const int ready = perform({.code = io_code::poll, .flags = events}, descriptor);
        if (ready < 0 || r.code == io_code::poll) return ready;
        struct stat what{};
        if (r.code == io_code::write && r.size > PIPE_BUF && (fstat(descriptor, &what) < 0 || !S_ISREG(what.st_mode))) {
            r.size = PIPE_BUF;
        }
        return perform(r, descriptor);
    }

    // A connect that is to come again is one that the peer has no room for.
    static bool waits_for_more(operation& o, int result) noexcept {
        if (o.request.code != io_code::connect) return result == -EAGAIN;
        if (result != -EINPROGRESS) return false;
        o.request.code = io_code::connected;
        return true;
    }

    void collect(std::optional<nanoseconds> timeout) {
        collected_ = wait_for_events(timeout);
        for (served_ = 0; served_ < collected_;) {
            const epoll_event event = events_[static_cast<std::size_t>(served_++)];
            if (event.data.ptr) {
                serve(*static_cast<descriptor_endpoint*>(event.data.ptr), event.events);
            }
        }
        collected_ = served_ = 0;
        woken_.take();
    }

    int wait_for_events(std::optional<nanoseconds> timeout) {
        const timespec limit = timespec_of(timeout.value_or(nanoseconds(0)));
        int count = has_pwait2_ ? epoll_pwait2(epoll_.get(), events_.data(), static_cast<int>(events_.size()),
                                               timeout ? &limit : nullptr, nullptr)
                                : -1;
        if (count < 0 && (!has_pwait2_ || errno == ENOSYS || errno == EPERM)) {
            has_pwait2_ = false;
            count =
                epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), in_milliseconds(timeout));
        }
        if (count < 0 && errno != EINTR) fail("epoll_wait");
        return count < 0 ? 0 : count;
    }

    // Rounded up: too early, the loop would turn in vain.
    static int in_milliseconds(std::optional<nanoseconds> timeout) noexcept {
        if (!timeout) return -1;
        const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(*timeout);
        constexpr std::chrono::milliseconds longest = std::chrono::hours(1);
        return static_cast<int>(rounded < longest ? rounded.count() : longest.count());
    }

    void serve(descriptor_endpoint& e, std::uint32_t events) noexcept {
        constexpr std::uint32_t in = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
        constexpr std::uint32_t out = EPOLLOUT | EPOLLHUP | EPOLLERR;
        if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) e.hung_up = true;
        // A read ends before a byte that is urgent.
        if ((events & EPOLLPRI) != 0) e.in_pieces = true;
        if ((events & in) != 0) serve(e, io_direction::in);
        if ((events & out) != 0) serve(e, io_direction::out);
    }

    void serve(descriptor_endpoint& e, io_direction of) noexcept {
        const auto direction = static_cast<std::size_t>(of);
        e.ready[direction] = true;
        intrusive_list<operation>& waiting = e.waiting[direction];
        while (!waiting.empty() && e.ready[direction]) {
            operation& next = waiting.pop_front();
            if (!attempt(next, e, direction)) waiting.push_front(next);
        }
    }

    void retry_what_was_put_off() noexcept {
        intrusive_list<operation> now;
        now.splice_back(put_off_);
        while (!now.empty()) {
            operation& next = now.pop_front();
            --under_way_;
            submit(next);
        }
    }

    wake_event woken_{wake_event::reader::port};
    unique_descriptor epoll_{epoll_create1(EPOLL_CLOEXEC)};
    int under_way_ = 0;
    int tried_ = 0;
    // ThreadSanitizer keeps signals back within a call that it does not know, as this one.
    bool has_pwait2_ = !FERMATA_DETAIL_TSAN;
    intrusive_list<operation> put_off_;
    std::array<epoll_event, 256> events_{};
    std::array<char, 4096> read_into_{};
    int served_ = 0;
    int collected_ = 0;
};

}  // namespace

std::unique_ptr<backend> make_epoll_backend(event_loop& loop) { return std::make_unique<epoll_backend>(loop); }

}  // namespace fermata::inline v0::detail
