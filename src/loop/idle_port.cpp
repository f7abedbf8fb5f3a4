#include <fermata/loop/detail/timespec.hpp>
#include <fermata/loop/detail/wake_event.hpp>
#include <fermata/loop/port.hpp>

#include <poll.h>

#include <cerrno>
#include <system_error>

namespace fermata::inline v0 {

namespace {

class idle_port final : public port {
public:
    void wait(std::optional<std::chrono::nanoseconds> timeout) override {
        const bool looks_only = timeout && *timeout <= std::chrono::nanoseconds(0);
        if (!looks_only) sleep(timeout);
        woken_.take();
    }

    void wake() noexcept override { woken_.wake(); }

    int descriptor() override { return woken_.descriptor(); }

private:
    void sleep(std::optional<std::chrono::nanoseconds> timeout) const {
        pollfd readable{woken_.descriptor(), POLLIN, 0};
        const timespec limit = detail::timespec_of(timeout.value_or(std::chrono::nanoseconds(0)));
        if (ppoll(&readable, 1, timeout ? &limit : nullptr, nullptr) < 0 && errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "ppoll");
        }
    }

    detail::wake_event woken_{detail::wake_event::reader::port};
};

}  // namespace

std::unique_ptr<port> make_idle_port() { return std::make_unique<idle_port>(); }

}  // namespace fermata::inline v0
