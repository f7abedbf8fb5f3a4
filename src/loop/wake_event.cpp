#include <fermata/loop/detail/wake_event.hpp>

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace fermata::inline v0::detail {

wake_event::wake_event(reader by) : descriptor_(eventfd(0, EFD_CLOEXEC | (by == reader::port ? EFD_NONBLOCK : 0))) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

wake_event::~wake_event() { close(descriptor_); }

void wake_event::wake() noexcept {
    if (woken_.exchange(true, std::memory_order_acq_rel)) return;
    const int saved = errno;  // it may be called in a signal handler
    eventfd_write(descriptor_, 1);
    errno = saved;
}

void wake_event::clear() noexcept {
    if (!woken_.exchange(false, std::memory_order_acq_rel)) return;
    eventfd_t count = 0;
    eventfd_read(descriptor_, &count);
}

}  // namespace fermata::inline v0::detail
