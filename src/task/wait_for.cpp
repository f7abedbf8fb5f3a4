#include <fermata/task/detail/completion.hpp>
#include <fermata/task/wait_for.hpp>

#include <string>

namespace fermata::inline v0::detail {

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
task<> cancel_and_wait(reference<future_state> what) {
    completion ended(what->loop());
    setter when_done(ended);
    what->add_done_callback(when_done);
    what->cancel();
    co_await ended;
}

}  // namespace fermata::inline v0::detail
