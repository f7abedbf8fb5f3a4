#include <fermata/sync/condition.hpp>

namespace fermata::inline v0 {

task<> condition::wait() {
    if (!locked()) throw runtime_error("cannot wait on un-acquired lock");
    waiters_.bind(detail::task_core::current()->loop());

    unlock();
    const auto end = co_await detail::line_awaiter(waiters_);
    bool interrupted = end.interrupted;
    for (bool acquired = false; !acquired;) {
        try {
            co_await acquire();
            acquired = true;
        } catch (const cancelled_error&) {
            interrupted = true;
        }
    }
    if (!interrupted) co_return;
    // It may have been woken: then somebody else is to have that. If not, one wakes up for nothing, which is allowed.
    notify_unchecked(1);
    throw cancelled_error();
}

void condition::check_notify() const {
    if (!locked()) throw runtime_error("cannot notify on un-acquired lock");
}

void condition::notify(std::ptrdiff_t n) {
    check_notify();
    notify_unchecked(n);
}

void condition::notify_all() {
    check_notify();
    waiters_.wake_all();
}

void condition::notify_unchecked(std::ptrdiff_t n) noexcept {
    while (n-- > 0 && waiters_.wake_next()) {
    }
}

}  // namespace fermata::inline v0
