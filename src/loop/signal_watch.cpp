#include <fermata/loop/detail/signal_watch.hpp>
#include <fermata/loop/event_loop.hpp>

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace fermata::inline v0::detail {

namespace {

// Those that hear, by the number of the signal.
std::array<std::atomic<signal_watch*>, NSIG> watches;

static_assert(std::atomic<signal_watch*>::is_always_lock_free && std::atomic<unsigned>::is_always_lock_free);

std::atomic<signal_watch*>& watch_of(int signal) noexcept { return watches[static_cast<std::size_t>(signal)]; }

void restore_default(int signal) noexcept {
    struct sigaction plain{};
    plain.sa_handler = SIG_DFL;
    sigaction(signal, &plain, nullptr);
}

}  // namespace

// What the system calls, in the middle of anything: it may touch atomics and make system calls, no more.
void signal_watch::on_signal(int signal) noexcept {
    const int saved = errno;
    if (!is_main_thread()) {
        syscall(SYS_tgkill, getpid(), getpid(), signal);
    } else if (signal_watch* const watch = watch_of(signal).load()) {
        if (watch->caught_.fetch_add(1) + 1 >= watch->most_) restore_default(signal);
        watch->loop_.interrupt();
    }
    errno = saved;
}

bool signal_watch::is_main_thread() noexcept { return syscall(SYS_gettid) == getpid(); }

int signal_watch::install() noexcept {
    if (signal_ <= 0 || signal_ >= NSIG) return EINVAL;
    signal_watch* const before = watch_of(signal_).exchange(this);
    struct sigaction counting{};
    counting.sa_handler = on_signal;
    counting.sa_flags = SA_RESTART | SA_ONSTACK;
    sigfillset(&counting.sa_mask);
    if (sigaction(signal_, &counting, nullptr) == 0) return 0;
    const int failure = errno;
    watch_of(signal_).store(before);
    return failure;
}

bool signal_watch::installed() const noexcept {
    return signal_ > 0 && signal_ < NSIG && watch_of(signal_).load() == this;
}

// Where somebody has set a handler of his own since, past the library, that stays.
void signal_watch::remove() noexcept {
    if (!installed()) return;
    struct sigaction now{};
    if (sigaction(signal_, nullptr, &now) == 0 && now.sa_handler == on_signal) restore_default(signal_);
    watch_of(signal_).store(nullptr);
}

void signal_watch::hear(event_loop& loop) noexcept {
    for (auto& each : watches) {
        signal_watch* const watch = each.load();
        if (!watch || &watch->loop_ != &loop) continue;
        const unsigned caught = watch->caught();
        if (caught == watch->heard_of_) continue;
        watch->heard_of_ = caught;
        watch->heard();
    }
}

bool signal_watch::may_wake(const event_loop& loop) noexcept {
    for (auto& each : watches) {
        const signal_watch* const watch = each.load();
        if (watch && &watch->loop_ == &loop && watch->is_waited_for_) return true;
    }
    return false;
}

}  // namespace fermata::inline v0::detail
