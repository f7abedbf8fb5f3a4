#include <fermata/task/detail/completion.hpp>
#include <fermata/task/wait_for.hpp>

#include <string>

namespace fermata::detail {

namespace {

class setter final : public callback {
public:
    explicit setter(completion& what) noexcept : what_(what) {}
    void run() override { what_.set(); }
    std::string describe() const override { return "<wait_for>"; }
    callback* then() noexcept override { return &what_; }

private:
    completion& what_;
};

}  // namespace

// Who waits for it may be cancelled once more: that does not reach `what`, which is being cancelled already.
task<> cancel_and_wait(any_future what) {
    future_state& state = *future_access::state_of(what);
    completion ended(state.loop());
    setter when_done(ended);
    state.add_done_callback(when_done);
    what.cancel();
    co_await ended;
}

}  // namespace fermata::detail
