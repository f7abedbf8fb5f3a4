#include <fermata/loop/detail/signal_watch.hpp>
#include <fermata/python/run.hpp>

namespace fermata::inline v0::python::detail {

// fermata::run takes SIGINT where it has its default effect.
interruptible::interruptible() noexcept {
    if (!fermata::detail::signal_watch::is_main_thread()) return;
    if (sigaction(SIGINT, nullptr, &before_) != 0 || before_.sa_handler == SIG_IGN) return;
    struct sigaction plain{};
    plain.sa_handler = SIG_DFL;
    changed_ = sigaction(SIGINT, &plain, nullptr) == 0;
}

interruptible::~interruptible() {
    if (changed_) sigaction(SIGINT, &before_, nullptr);
}

}  // namespace fermata::inline v0::python::detail
