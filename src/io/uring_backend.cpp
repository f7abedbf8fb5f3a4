// Hands operations to the kernel, all that a turn of the loop has brought with one system call, which also waits.

#include <fermata/base/config.hpp>
#include <fermata/io/detail/backend.hpp>
#include <fermata/loop/detail/timespec.hpp>
#include <fermata/loop/detail/wake_event.hpp>

#include <fcntl.h>
#include <liburing.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#if FERMATA_DETAIL_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace fermata::inline v0::detail {

namespace {

using std::chrono::nanoseconds;

// What AddressSanitizer cannot see: the kernel has written into a buffer that had gone.
void check_buffer([[maybe_unused]] const io_request& r, [[maybe_unused]] int result) noexcept {
#if FERMATA_DETAIL_ASAN
    if (result <= 0 || (r.code != io_code::read && r.code != io_code::receive)) return;
    if (__asan_region_is_poisoned(r.address, static_cast<std::size_t>(result))) {
        std::fputs("fermata: the kernel has written into a buffer that had gone\n", stderr);
        std::abort();
    }
#endif
}

// The marks that stand for no operation in what the kernel gives back.
constexpr std::uint64_t of_nobody = 0;
constexpr std::uint64_t of_wake = 1;
// Of a cancellation: with the address of the operation, which may have gone.
constexpr std::uint64_t of_cancellation = 2;

// What backend_state says of an operation.
constexpr std::uint8_t awaits_readiness = 1;
constexpr std::uint8_t awaits_readiness_without_buffer = 2;

// Buffers that the kernel takes one of when bytes have come, so that who waits for some keeps none.
class shared_buffers {
public:
    static constexpr std::size_t size_of_one = 4096;
    static constexpr unsigned short group = 0;

    /// Whether there are some, which older kernels (before 5.19) do not know.
    bool are_there(io_uring& ring) noexcept {
        if (!std::exchange(asked_for_, true)) set_up(ring);
        return bytes_ != nullptr;
    }
    const char* of(unsigned index) const noexcept { return bytes_.get() + index * size_of_one; }
    void give_back(unsigned index) noexcept {
        add(index, 0);
        io_uring_buf_ring_advance(queue_.get(), 1);
    }

private:
    static constexpr unsigned count = 128;
    struct free_pages {
        void operator()(void* pages) const noexcept { std::free(pages); }  // NOLINT: the kernel wants them aligned
    };

    void set_up(io_uring& ring) noexcept {
        queue_.reset(static_cast<io_uring_buf_ring*>(std::aligned_alloc(4096, 4096)));
        static_assert(count * sizeof(io_uring_buf) <= 4096);
        if (!queue_) return;
        io_uring_buf_ring_init(queue_.get());
        io_uring_buf_reg asked{};
        asked.ring_addr = reinterpret_cast<std::uintptr_t>(queue_.get());
        asked.ring_entries = count;
        asked.bgid = group;
        if (io_uring_register_buf_ring(&ring, &asked, 0) != 0) return;
        bytes_.reset(static_cast<char*>(std::aligned_alloc(4096, count * size_of_one)));
        if (!bytes_) return;
        for (unsigned i = 0; i < count; ++i) add(i, static_cast<int>(i));
        io_uring_buf_ring_advance(queue_.get(), static_cast<int>(count));
    }

    void add(unsigned index, int behind) noexcept {
        io_uring_buf_ring_add(queue_.get(), bytes_.get() + index * size_of_one, size_of_one,
                              static_cast<unsigned short>(index), io_uring_buf_ring_mask(count), behind);
    }

    bool asked_for_ = false;
    std::unique_ptr<io_uring_buf_ring, free_pages> queue_;
    std::unique_ptr<char, free_pages> bytes_;
};

class uring_backend final : public backend {
public:
    explicit uring_backend(event_loop& loop) : backend(loop) {}
    ~uring_backend() override {
        give_up_all();
        if (opened_) io_uring_queue_exit(&ring_);
    }

    // 0, or an errno.
    int open() noexcept {
        // Newer kernels do less for a ring that one thread uses, and only when it asks: but then they do not always wake
        // who polls it.
        for (const unsigned flags :
             {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
              IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG, 0U}) {
            if (is_polled() && (flags & IORING_SETUP_DEFER_TASKRUN) != 0) continue;
            const int result = io_uring_queue_init(entries, &ring_, flags);
            opened_ = result == 0;
            if (opened_) break;
            if (result != -EINVAL) return -result;
        }
        if (!opened_) return EINVAL;
        // Both are of 5.11 or before: without them a wait could have no limit, and completions could be lost.
        if ((ring_.features & IORING_FEAT_EXT_ARG) == 0 || (ring_.features & IORING_FEAT_NODROP) == 0) return ENOSYS;
        io_uring_register_ring_fd(&ring_);
        arm_wake();
        return 0;
    }

    std::string_view name() const noexcept override { return "io_uring"; }
    bool does_files() const noexcept override { return true; }
    int descriptor() override {
        if ((ring_.flags & IORING_SETUP_DEFER_TASKRUN) != 0) {
            throw runtime_error("the loop has begun to do I/O on its own: ask for its descriptor before that");
        }
        return ring_.ring_fd;
    }
    bool expects() const noexcept override { return !under_way_.empty(); }

    void wait(std::optional<nanoseconds> timeout) override {
        const bool looks_only = timeout && *timeout <= nanoseconds(0);
        if (looks_only || io_uring_cq_ready(&ring_) > 0) {
            look();
        } else {
            sleep(timeout);
        }
        reap();
    }

    void flush() noexcept override {
        if (io_uring_sq_ready(&ring_) > 0) io_uring_submit(&ring_);
    }

    void wake() noexcept override { woken_.wake(); }

    void add(descriptor_endpoint&) override {}
    void remove(descriptor_endpoint&) noexcept override {}

    void submit(operation& o) noexcept override {
        under_way_.push_back(o);
        put(o);
    }

    void cancel(operation& o) noexcept override {
        io_uring_sqe& entry = next_entry();
        io_uring_prep_cancel64(&entry, id_of(o), 0);
        io_uring_sqe_set_data64(&entry, id_of(o) | of_cancellation);
    }

    void drain(operation& o) noexcept override {
        cancel(o);
        while (o.under_way()) {
            const int result = io_uring_submit_and_wait(&ring_, 1);
            if (result < 0 && result != -EINTR && result != -EAGAIN && result != -EBUSY) end_program(-result);
            reap();
        }
    }

private:
    static constexpr unsigned entries = 256;

    // The kernel keeps a buffer, and does not say for how long.
    [[noreturn]] static void end_program(int failure) noexcept {
        std::fprintf(
            stderr,
            "fermata: io_uring does not give an operation back: %s; a loop must be closed on the thread that ran it\n",
            std::strerror(failure));
        std::terminate();
    }

    // ThreadSanitizer has the loop poll its own ring: see sleep_where_signals_are_heard().
    bool is_polled() const noexcept { return FERMATA_DETAIL_TSAN || loop().is_polled(); }

    static std::uint64_t id_of(operation& o) noexcept { return reinterpret_cast<std::uintptr_t>(&o); }

    io_uring_sqe& next_entry() noexcept {
        for (;;) {
            if (io_uring_sqe* entry = io_uring_get_sqe(&ring_)) return *entry;
            // Older kernels take nothing while they have more completions than there is room for, until these are heard.
            if (io_uring_submit(&ring_) == -EBUSY) reap();
        }
    }

    void put(operation& o) noexcept {
        if (o.request.code == io_code::send_file) return await_readiness(o);
        if (o.request.code <= io_code::stat) {
            // These the ring always leaves to a thread of the kernel's. (A read it tries first itself.)
            const int at_once = owes_a_turn() ? -EAGAIN : perform_from_memory(o.request, o.on().descriptor());
            if (at_once != -EAGAIN) return finish(o, at_once);
        }
        const bool lacks_buffer = o.request.lacks_buffer();
        const bool shares = lacks_buffer && buffers_.are_there(ring_);
        if (lacks_buffer && !shares && !o.make_room(o.request.size)) return finish(o, -ENOMEM);
        io_uring_sqe& entry = next_entry();
        prepare(entry, o.request, o.on().descriptor());
        if (shares) {
            io_uring_sqe_set_flags(&entry, IOSQE_BUFFER_SELECT);
            entry.buf_group = shared_buffers::group;
        }
        o.backend_state = 0;
        io_uring_sqe_set_data64(&entry, id_of(o));
    }

    // The kernel is not to write into what outlives the ring.
    void give_up_all() noexcept {
        while (!under_way_.empty()) {
            operation& next = under_way_.front();
            next.become_orphan();
            drain(next);
        }
    }

    static unsigned bytes(const io_request& r) noexcept { return static_cast<unsigned>(r.size_at_once()); }

    static void prepare(io_uring_sqe& entry, const io_request& r, int descriptor) noexcept {
        switch (r.code) {
        case io_code::read:
            return io_uring_prep_read(&entry, descriptor, r.address, bytes(r), static_cast<std::uint64_t>(r.offset));
        case io_code::write:
            return io_uring_prep_write(&entry, descriptor, r.address, bytes(r), static_cast<std::uint64_t>(r.offset));
        case io_code::receive: return io_uring_prep_recv(&entry, descriptor, r.address, bytes(r), r.flags);
        case io_code::send: return io_uring_prep_send(&entry, descriptor, r.address, bytes(r), r.flags | MSG_NOSIGNAL);
        case io_code::receive_message:
            return io_uring_prep_recvmsg(&entry, descriptor, static_cast<msghdr*>(r.address),
                                         static_cast<unsigned>(r.flags) | MSG_CMSG_CLOEXEC);
        case io_code::send_message:
            return io_uring_prep_sendmsg(&entry, descriptor, static_cast<const msghdr*>(r.address),
                                         static_cast<unsigned>(r.flags) | MSG_NOSIGNAL);
        case io_code::accept:
            return io_uring_prep_accept(&entry, descriptor, static_cast<sockaddr*>(r.address),
                                        static_cast<socklen_t*>(r.extra), r.flags | SOCK_CLOEXEC);
        case io_code::connect:
            return io_uring_prep_connect(&entry, descriptor, static_cast<const sockaddr*>(r.address),
                                         static_cast<socklen_t>(r.size));
        case io_code::poll: return io_uring_prep_poll_add(&entry, descriptor, static_cast<unsigned>(r.flags));
        case io_code::send_file:
        case io_code::open_beneath:
        case io_code::connected: return io_uring_prep_nop(&entry);
        case io_code::open:
            io_uring_prep_openat(&entry, AT_FDCWD, static_cast<const char*>(r.address), r.flags | O_CLOEXEC,
                                 static_cast<mode_t>(r.size));
            // In a thread of the kernel's: here it would be tried with O_NONBLOCK first, and a named pipe not wait for its writer.
            return io_uring_sqe_set_flags(&entry, IOSQE_ASYNC);
        case io_code::sync: return io_uring_prep_fsync(&entry, descriptor, 0);
        case io_code::stat:
            return io_uring_prep_statx(&entry, descriptor, "", AT_EMPTY_PATH, STATX_BASIC_STATS,
                                       static_cast<struct statx*>(r.address));
        }
    }

    // A descriptor that does not block, which it shares with another program perhaps: the kernel does not wait for it.
    void await_readiness(operation& o, std::uint8_t as = awaits_readiness) noexcept {
        io_uring_sqe& entry = next_entry();
        io_uring_prep_poll_add(&entry, o.on().descriptor(),
                               o.request.direction() == io_direction::in ? POLLIN : POLLOUT);
        o.backend_state = as;
        io_uring_sqe_set_data64(&entry, id_of(o));
    }

    // The kernel's ring has nothing like it but splice, in two steps and a thread of its own.
    static int send_file(const io_request& r, int descriptor) noexcept {
        const int flags = fcntl(descriptor, F_GETFL);
        if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0) return -errno;
        const int result = perform(r, descriptor);
        fcntl(descriptor, F_SETFL, flags);
        return result;
    }

    void arm_wake() noexcept {
        io_uring_sqe& entry = next_entry();
        io_uring_prep_read(&entry, woken_.descriptor(), &event_count_, sizeof event_count_, 0);
        io_uring_sqe_set_data64(&entry, of_wake);
    }

    // Without waiting: and without a system call, if there is nothing to say and nothing to hear.
    void look() noexcept {
        const bool has_work = (IO_URING_READ_ONCE(*ring_.sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
        if (has_work) {
            io_uring_submit_and_get_events(&ring_);
        } else {
            flush();
        }
    }

    void sleep(std::optional<nanoseconds> timeout) {
        if (FERMATA_DETAIL_TSAN) sleep_where_signals_are_heard(timeout);
        const int result = timeout ? submit_and_wait(*timeout) : io_uring_submit_and_wait(&ring_, 1);
        if (result < 0 && result != -ETIME && result != -EINTR && result != -EBUSY && result != -EAGAIN) {
            throw std::system_error(-result, std::generic_category(), "io_uring_enter");
        }
    }

    int submit_and_wait(nanoseconds timeout) noexcept {
        const timespec asked = timespec_of(timeout);
        __kernel_timespec limit{asked.tv_sec, asked.tv_nsec};
        io_uring_cqe* first = nullptr;
        return io_uring_submit_and_wait_timeout(&ring_, &first, 1, &limit, nullptr);
    }

    // ThreadSanitizer keeps a signal back until a call that it knows: ppoll is one, and none of liburing's is.
    void sleep_where_signals_are_heard(std::optional<nanoseconds>& timeout) noexcept {
        flush();
        pollfd ring{ring_.ring_fd, POLLIN, 0};
        const timespec limit = timespec_of(timeout.value_or(nanoseconds(0)));
        ppoll(&ring, 1, timeout ? &limit : nullptr, nullptr);
        timeout = nanoseconds(0);
    }

    // io_uring_peek_cqe would ask the kernel whether there are more: the next wait does.
    const io_uring_cqe* next_completion() const noexcept {
        unsigned head = 0;
        const io_uring_cqe* first = nullptr;
        io_uring_for_each_cqe(&ring_, head, first) return first;
        return nullptr;
    }

    void reap() noexcept {
        while (const io_uring_cqe* const each = next_completion()) {
            const std::uint64_t whose = each->user_data;
            const int result = each->res;
            const std::uint32_t flags = each->flags;
            io_uring_cq_advance(&ring_, 1);
            if (whose == of_wake) {
                woken_.was_read();
                arm_wake();
            } else if ((whose & of_cancellation) != 0) {
                if (result == -ENOENT) cancel_again(whose & ~of_cancellation);
            } else if (whose != of_nobody) {
                // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel's marks are numbers
                hear(*reinterpret_cast<operation*>(static_cast<std::uintptr_t>(whose)), result, flags);
            }
        }
    }

    // The kernel does not find what it is just about to try again, as when the peer has ended; and then it waits on.
    void cancel_again(std::uint64_t id) noexcept {
        operation* missed = nullptr;
        under_way_.for_each([&](operation& each) {
            if (id_of(each) == id && each.given_up()) missed = &each;
        });
        if (missed) cancel(*missed);
    }

    void hear(operation& o, int result, std::uint32_t flags) noexcept {
        if ((flags & IORING_CQE_F_BUFFER) != 0) result = copy_shared(o, result, flags >> IORING_CQE_BUFFER_SHIFT);
        if (!o.given_up()) {
            // More have come at once than there are shared ones. Who then still waits is not to hold one of its own.
            if (result == -ENOBUFS && o.request.lacks_buffer()) {
                return await_readiness(o, awaits_readiness_without_buffer);
            }
            if (o.backend_state == awaits_readiness_without_buffer && result >= 0) return put_with_buffer(o);
            if (o.backend_state != 0) {
                if (result >= 0 && o.request.code == io_code::send_file) {
                    result = send_file(o.request, o.on().descriptor());
                    if (result == -EAGAIN) return await_readiness(o);
                } else if (result >= 0) {
                    return put(o);
                }
            } else if (result == -EAGAIN && o.request.code != io_code::connect) {
                return await_readiness(o);
            }
        } else if (o.backend_state != 0) {
            result = -ECANCELED;
        }
        check_buffer(o.request, result);
        finish(o, result);
    }

    static void finish(operation& o, int result) noexcept {
        o.unlink();
        o.complete(result);
    }

    int copy_shared(operation& o, int result, unsigned index) noexcept {
        if (result > 0) {
            if (o.make_room(static_cast<std::size_t>(result))) {
                std::memcpy(o.request.address, buffers_.of(index), static_cast<std::size_t>(result));
            } else {
                result = -ENOMEM;
            }
        }
        buffers_.give_back(index);
        return result;
    }

    void put_with_buffer(operation& o) noexcept {
        if (!o.make_room(o.request.size)) return finish(o, -ENOMEM);
        put(o);
    }

    wake_event woken_{wake_event::reader::kernel};
    io_uring ring_{};
    bool opened_ = false;
    std::uint64_t event_count_ = 0;
    shared_buffers buffers_;  // goes after the ring is closed
    intrusive_list<operation> under_way_;
};

}  // namespace

std::unique_ptr<backend> make_uring_backend(event_loop& loop, int& why) {
    try {
        auto made = std::make_unique<uring_backend>(loop);
        why = made->open();
        if (why == 0) return made;
    } catch (const std::system_error& no_event) {
        why = no_event.code().value();
    }
    return nullptr;
}

}  // namespace fermata::inline v0::detail
