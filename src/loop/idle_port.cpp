#include <fermata/loop/port.hpp>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <system_error>

namespace fermata {

namespace {

class idle_port final : public port {
public:
    idle_port() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    }
    ~idle_port() override { close(descriptor_); }

    void wait(std::optional<std::chrono::nanoseconds> timeout) override {
        // A loop that is busy looks in each turn: no system call for that.
        const bool looks_only = timeout && *timeout <= std::chrono::nanoseconds(0);
        if (looks_only && !woken_.load(std::memory_order_acquire)) return;
        if (!looks_only) sleep(timeout);
        if (woken_.exchange(false, std::memory_order_acq_rel)) drain();
    }

    void wake() noexcept override {
        if (woken_.exchange(true, std::memory_order_acq_rel)) return;
        const int saved = errno;  // it may be called in a signal handler
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = write(descriptor_, &one, sizeof one);
        errno = saved;
    }

    int descriptor() const noexcept override { return descriptor_; }

private:
    void sleep(std::optional<std::chrono::nanoseconds> timeout) const {
        pollfd readable{descriptor_, POLLIN, 0};
        timespec limit{};
        if (timeout) {
            const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*timeout);
            limit.tv_sec = seconds.count();
            limit.tv_nsec = (*timeout - seconds).count();
        }
        if (ppoll(&readable, 1, timeout ? &limit : nullptr, nullptr) < 0 && errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "ppoll");
        }
    }

    void drain() const noexcept {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t got = read(descriptor_, &count, sizeof count);
    }

    int descriptor_;
    std::atomic<bool> woken_ = false;
};

}  // namespace

std::unique_ptr<port> make_idle_port() { return std::make_unique<idle_port>(); }

}  // namespace fermata
