#include <fermata/loop/callback.hpp>
#include <fermata/loop/event_loop.hpp>

namespace fermata::inline v0 {

namespace detail {

void scheduled_call::run() {
    // The loop's share: this may be the last.
    const shared<scheduled_call> held(this);
    loop_ = nullptr;
    struct forgetting {
        scheduled_call& self;
        ~forgetting() { self.forget(); }
    } const when_done{*this};
    call();
}

void scheduled_call::abandon() noexcept {
    loop_ = nullptr;
    forget();
    release();
}

std::string scheduled_call::describe() const {
    return "<callback at " + std::string(made_at_.file_name()) + ":" + std::to_string(made_at_.line()) + ">";
}

}  // namespace detail

void callback_handle::cancel() noexcept {
    if (!call_ || call_->cancelled_) return;
    call_->cancelled_ = true;
    if (call_->loop_) call_->loop_->give_up(*call_.get());
}

bool callback_handle::cancelled() const noexcept { return call_ && call_->cancelled_; }

std::chrono::nanoseconds callback_handle::when() const noexcept {
    return call_ ? call_->when_ : std::chrono::nanoseconds(0);
}

}  // namespace fermata::inline v0
