#include <fermata/sync/event.hpp>

namespace fermata::inline v0 {

void event::set() noexcept {
    if (set_) return;
    set_ = true;
    waiters_.wake_all();
}

}  // namespace fermata::inline v0
