#pragma once

// The future that gather gives: CPython's _GatheringFuture, and the callback that counts its children.

#include <fermata/task/detail/future_state.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace fermata::inline v0::detail {

/// It holds a share of itself until all its children are done: they go on when one has failed, and what they raise then is
/// not to be reported.
class gathering : public future_state {  // NOLINT(*-virtual-class-destructor): as future_state
public:
    class child final : public callback {
    public:
        void run() override { of_->child_done(*future_); }
        void abandon() noexcept override { of_->count(); }
        std::string describe() const override { return "<gather>"; }
        callback* then() noexcept override { return of_; }

    private:
        friend gathering;
        gathering* of_ = nullptr;
        future_state* future_ = nullptr;
    };

    /// Cancels the children that are not done.
    bool cancel() noexcept final;
    trace::awaited as_awaited() const noexcept final { return {"gather"}; }

protected:
    gathering(event_loop& loop, bool keep_exceptions) : future_state(loop), keep_exceptions_(keep_exceptions) {}
    ~gathering() override { report_unseen_exception("_GatheringFuture exception was never retrieved"); }

    /// To be called once, when it is made, with all that it gathers. `futures[i]` must stay, and so must the children.
    void watch(child* children, future_state* const* futures, std::size_t size);

private:
    void child_done(future_state& ended);
    void count() noexcept;
    void finish_with_results();
    /// Makes the result of those of the children.
    virtual void collect() = 0;
    void destroy() noexcept final { delete this; }

    child* children_ = nullptr;
    std::size_t size_ = 0;
    std::size_t done_ = 0;
    bool keep_exceptions_;
    bool cancel_requested_ = false;
};

}  // namespace fermata::inline v0::detail
