#include <fermata/sync/mutex.hpp>

namespace fermata::inline v0 {

bool mutex::try_lock() noexcept {
    if (locked_ || waiters_.any()) return false;
    locked_ = true;
    return true;
}

void mutex::unlock() {
    if (!locked_) throw runtime_error("Lock is not acquired.");
    locked_ = false;
    waiters_.wake_front();
}

void mutex::guard::unlock() {
    if (!mutex_) throw runtime_error("Lock is not acquired.");
    std::exchange(mutex_, nullptr)->unlock();
}

// Interrupted: if nobody has claimed the lock (we may have been woken to do so), the one who is first now is to have it.
void mutex::acquire_awaiter::take() {
    const outcome end = end_wait();
    if (end.interrupted) {
        if (!end.alone && !mutex_.locked_) mutex_.waiters_.wake_front();
        throw cancelled_error();
    }
    mutex_.locked_ = true;
}

}  // namespace fermata::inline v0
