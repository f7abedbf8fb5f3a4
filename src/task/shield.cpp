#include <fermata/task/cancellation.hpp>
#include <fermata/task/detail/shielding.hpp>

#include <exception>
#include <string>
#include <utility>

namespace fermata::inline v0::detail {

namespace {

// Holds a share of itself while the inner one, or the loop, is to call back.
class shielding final : public future_state {
public:
    explicit shielding(reference<future_state> inner) : future_state(inner->loop()), inner_(std::move(inner)) {
        acquire();
        inner_->add_done_callback(when_inner_is_done_);
    }

    // CPython's _outer_done_callback comes a turn later, before those who wait go on.
    bool cancel() noexcept override {
        if (done() || !context().loop()) return future_state::cancel();
        acquire();
        loop().schedule(when_cancelled_);
        return future_state::cancel();
    }
    bool is_shield() const noexcept override { return true; }
    bool result_is_shared() const noexcept override { return is_shared() || inner_->is_shared(); }

private:
    template <void (shielding::*Run)()>
    class call final : public callback {
    public:
        explicit call(shielding& of) noexcept : of_(of) {}
        void run() override {
            const auto held = reference<shielding>::adopt(of_);
            (of_.*Run)();
        }
        // If the loop goes before it was told of the cancellation, it lets go of the inner one all the same.
        void abandon() noexcept override {
            const auto held = reference<shielding>::adopt(of_);
            if (static_cast<callback*>(this) == &of_.when_cancelled_) of_.outer_is_cancelled();
        }
        std::string describe() const override { return "<shield>"; }
        callback* then() noexcept override { return &of_; }

    private:
        shielding& of_;
    };

    ~shielding() override { report_unseen_exception("Future exception was never retrieved"); }
    void destroy() noexcept override { delete this; }

    void inner_is_done() {
        if (cancelled()) {
            inner_->mark_seen();
        } else if (inner_->cancelled()) {
            future_state::cancel();
        } else if (std::exception_ptr raised = inner_->exception()) {
            fail(std::move(raised));
        } else {
            finish();
        }
    }
    void outer_is_cancelled() {
        if (inner_->done()) return;
        when_inner_is_done_.unlink();
        release();
        inner_ = {};  // what it raises is nobody's business here any more: it is reported
    }

    reference<future_state> inner_;
    call<&shielding::inner_is_done> when_inner_is_done_{*this};
    call<&shielding::outer_is_cancelled> when_cancelled_{*this};
};

}  // namespace

reference<future_state> shielded(reference<future_state> inner) {
    return reference<future_state>(reference<shielding>::adopt(*new shielding(std::move(inner))));
}

}  // namespace fermata::inline v0::detail
