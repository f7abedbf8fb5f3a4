#include <fermata/sync/semaphore.hpp>

namespace fermata::inline v0 {

semaphore::semaphore(std::ptrdiff_t value, std::ptrdiff_t bound) : value_(value), bound_(bound) {
    if (value < 0) throw value_error("Semaphore initial value must be >= 0");
}

bool semaphore::try_acquire() noexcept {
    if (locked()) return false;
    --value_;
    return true;
}

void semaphore::release() {
    if (value_ >= bound_) throw value_error("BoundedSemaphore released too many times");
    ++value_;
    wake_up_next();
}

// The one who is woken need not look at the counter: it has been taken for it.
bool semaphore::wake_up_next() noexcept {
    if (!waiters_.wake_next()) return false;
    --value_;
    return true;
}

void semaphore::acquire_awaiter::take() {
    const outcome end = end_wait();
    if (!end.alone) {
        // Woken, and not to have it: undo what was taken for us, and let another one have it.
        if (end.interrupted && end.woken) ++semaphore_.value_;
        // Others may have come meanwhile, and have had to wait because we were before them.
        while (semaphore_.value_ > 0 && semaphore_.wake_up_next()) {
        }
    }
    if (end.interrupted) throw cancelled_error();
}

}  // namespace fermata::inline v0
