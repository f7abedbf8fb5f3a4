#pragma once

// Implementation of generator/yield_from.hpp.

#include <fermata/generator/detail/adapters.hpp>
#include <fermata/generator/yield_from.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

namespace detail {

// Waits until a delegate of the same protocol has ended. Whom to resume is left in the outer frame's `leaf`, where
// frame::drive looks for it.
template <class Return, class Promise>
class delegate_awaiter {
public:
    delegate_awaiter(frame& outer, frame& delegate, bool owned, bool takes_none) noexcept
        : outer_(outer), delegate_(&delegate), owned_(owned && &delegate != no_frame()), takes_none_(takes_none) {}
    delegate_awaiter(const delegate_awaiter&) = delete;
    delegate_awaiter& operator=(const delegate_awaiter&) = delete;
    ~delegate_awaiter() {
        if (owned_ && delegate_) delegate_->destroy();
    }

    bool await_ready() const {
        if (delegate_->executing()) raise_already_executing();
        if (!takes_none_ && delegate_->suspended()) {
            throw type_error("the generator delegated to waits for a value, and yield from starts with None");
        }
        return delegate_->state == phase::ended;
    }
    void await_suspend(std::coroutine_handle<>) noexcept {
        frame* first = delegate_;
        if (delegate_->state == phase::created) {
            delegate_->state = phase::active;
        } else {
            first = delegate_->take_leaf();
        }
        first->sent = nullptr;
        delegate_->parent = &outer_;
        delegate_->owner = owned_ ? &delegate_ : nullptr;
        outer_.delegate = delegate_;
        outer_.leaf = first;
    }
    Return await_resume() {
        outer_.raise_pending();
        if (delegate_->state == phase::raised) [[unlikely]] {
            delegate_->state = phase::ended;
            std::rethrow_exception(std::move(delegate_->failure.held()));  // from here: one call less to unwind a level
        }
        return result();
    }

private:
    Return result() {
        step_result<Return> end;
        if (delegate_->state == phase::returned) end = static_cast<Promise*>(delegate_)->take_result();
        if constexpr (!std::is_void_v<Return>) return result_or_none(std::move(end).result());
    }

    frame& outer_;
    frame* delegate_;
    bool owned_;
    bool takes_none_;
};

template <class Source>
class delegation {
public:
    explicit delegation(Source&& source) noexcept(std::is_nothrow_move_constructible_v<Source>)
        : source_(std::forward<Source>(source)) {}

    template <class Yield, class Send>
    auto bind(frame& outer) && {
        if constexpr (is_generator<std::remove_reference_t<Source>>) {
            return std::move(*this).template bind_generator<Yield, Send>(outer);
        } else {
            using reference = std::ranges::range_reference_t<Source>;
            static_assert(yield_converts<Yield, reference>,
                          "fermata: from: the elements of this range do not convert to what this generator yields");
            return own(outer, elements<Yield, Send, Source>(std::forward<Source>(source_)));
        }
    }

private:
    template <class Yield, class Send>
    auto bind_generator(frame& outer) && {
        using inner = std::remove_reference_t<Source>;
        using inner_yield = typename inner::yield_type;
        using inner_send = typename inner::send_type;
        static_assert(yield_converts<Yield, typename yielded<inner_yield>::reference>,
                      "fermata: from: what the delegate yields does not convert to what this generator yields");
        static_assert(send_converts<Send, inner_send>,
                      "fermata: from: what this generator is sent does not convert to what the delegate receives");
        if constexpr (!same_yields<Yield, inner_yield> || !same_sends<Send, inner_send>) {
            return own(outer, converted<Yield, Send, Source>(std::forward<Source>(source_)));
        } else if constexpr (std::is_lvalue_reference_v<Source>) {
            return awaiter<inner>(outer, generator_access::frame_of(source_), false, sends_none<inner_send>);
        } else {
            return own(outer, std::move(source_));
        }
    }

    template <class Generator>
    using awaiter = delegate_awaiter<typename Generator::return_type, typename Generator::promise_type>;

    template <class Generator>
    static auto own(frame& outer, Generator&& sub) {
        return awaiter<Generator>(outer, generator_access::release(sub), true,
                                  sends_none<typename Generator::send_type>);
    }

    Source source_;
};

}  // namespace detail

template <class Yield, class Send, class Return>
auto from(generator<Yield, Send, Return>&& sub) noexcept {
    return detail::delegation<generator<Yield, Send, Return>>(std::move(sub));
}

template <class Yield, class Send, class Return>
auto from(generator<Yield, Send, Return>& sub) noexcept {
    return detail::delegation<generator<Yield, Send, Return>&>(sub);
}

template <std::ranges::input_range Range>
auto from(Range&& range) {
    return detail::delegation<Range>(std::forward<Range>(range));
}

}  // namespace fermata::inline v0
