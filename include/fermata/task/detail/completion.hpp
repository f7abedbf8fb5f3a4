#pragma once

// CPython's `waiter = loop.create_future()`, in the frame of the one who waits for it.

#include <fermata/task/detail/future_awaiter.hpp>
#include <fermata/task/detail/future_state.hpp>

namespace fermata::inline v0::detail {

/// A future without a result, and nobody's but this frame's. Its waiter may be cancelled; what it stands for is not.
class completion final : public future_state {
public:
    explicit completion(event_loop& loop) : future_state(loop) {}

    void set() noexcept {
        if (!done()) finish();
    }

    trace::awaited as_awaited() const noexcept override { return {"tasks"}; }

    class awaiter : public future_awaiter {
    public:
        using future_awaiter::future_awaiter;
        void await_resume() { resume(); }
    };
    /// Until it is set.
    awaiter operator co_await() & noexcept { return awaiter(reference<future_state>::share(*this)); }

private:
    void destroy() noexcept override {}
};

}  // namespace fermata::inline v0::detail
