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
    // First what was written: a call that comes between the two finds that somebody has woken the loop, and writes nothing; the
    // loop looks for calls behind this. The other way round its writing would be read, and no later call write again. Where
    // nothing has been written yet, it will be.
    eventfd_t count = 0;
    if (eventfd_read(descriptor_, &count) == 0) was_read();
}

}  // namespace fermata::inline v0::detail
