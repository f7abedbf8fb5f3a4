#pragma once

// One step of an async generator, whatever its types: what is awaited.

#include <fermata/generator/detail/raiser.hpp>
#include <fermata/task/detail/task_frame.hpp>

namespace fermata::inline v0::detail {

class async_frame;

/// `anext`, `asend`, `athrow` or `aclose` of an async generator, and what it came to.
class async_step : frame_link {
public:
    async_step(const async_step&) = delete;
    async_step& operator=(const async_step&) = delete;

    bool await_ready();
    void await_suspend(suspension here);

protected:
    enum class kind : unsigned char { anext, athrow, aclose };
    /// The generator may be null: it counts as closed.
    async_step(async_frame* root, kind what) noexcept : root_(root), kind_(what) {}
    ~async_step();

    /// What next() sends: None, or what starts a generator that cannot be sent None.
    void send_nothing(bool is_none) noexcept { may_continue_ = is_none; }
    /// What asend() sends; null is None.
    void send(void* value) noexcept {
        sent_ = value;
        may_start_ = value == nullptr;
    }
    void raise(raiser& exception, bool is_exit) noexcept {
        thrown_ = &exception;
        is_exit_ = is_exit;
    }

    /// What it yielded, or null. Raises what the body raised.
    const void* result();
    /// The same of aclose(), for which it is an error to yield.
    void result_of_close();
    /// Whether it ended with this step.
    bool ended() const noexcept { return ended_; }
    bool given_away() const noexcept { return given_away_; }

private:
    friend class async_frame;
    friend class async_delegation;
    void end() noexcept;
    void forget() noexcept { running_ = false; }
    void is_ignored(async_frame& leaf) noexcept;

    async_frame* root_;
    async_frame* closing_ = nullptr;  // while GeneratorExit goes up the chain: whom it is raised in
    void* sent_ = nullptr;
    raiser* thrown_ = nullptr;    // what athrow() and aclose() raise in the root
    raiser* to_raise_ = nullptr;  // what the frame that goes on raises
    const void* yielded_ = nullptr;
    kind kind_;
    bool is_exit_ = false;
    bool may_start_ = true;
    bool may_continue_ = true;
    bool given_away_ = false;
    bool ended_ = false;
    bool awaited_ = false;
    bool running_ = false;
};

}  // namespace fermata::inline v0::detail
