#pragma once

// Implementation of generator/yield_from.hpp.

#include <fermata/generator/yield_from.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace fermata {

namespace detail {

// The value of a `yield from`: None if the delegate had ended before.
template <class Return>
Return result_or_none(std::optional<Return>&& result) {
    if (result) return std::move(*result);
    if constexpr (is_optional<Return>) {
        return std::nullopt;
    } else {
        throw type_error("the generator delegated to had ended before, and has no result: "
                         "make its Return a std::optional to receive None");
    }
}

// Waits until a delegate of the same protocol has ended. Whom to resume is left in the outer frame's `leaf`, where
// frame::proceed looks for it.
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
        outer_.leaf = first;
    }
    Return await_resume() {
        if (outer_.to_raise) [[unlikely]] {
            outer_.raise_pending();
        }
        if (delegate_->state == phase::raised) [[unlikely]] {
            std::rethrow_exception(delegate_->take_failure());
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

// Whether a delegate's yields and sends pass through as they are. What is sent passes through unread: so it must be of the
// same type, or None.
template <class Outer, class Inner>
inline constexpr bool same_yields =
    std::is_convertible_v<typename yielded<Inner>::object (*)[], typename yielded<Outer>::object (*)[]> &&
    (!std::is_rvalue_reference_v<typename yielded<Outer>::reference> ||
     std::is_rvalue_reference_v<typename yielded<Inner>::reference>);
template <class Outer, class Inner>
inline constexpr bool same_sends = std::is_same_v<Outer, Inner> || (std::is_void_v<Outer> && is_optional<Inner>);

// Whether they convert. What is sent to a generator that receives nothing is dropped, as in Python.
template <class Yield, class From>
inline constexpr bool yield_converts = std::is_constructible_v<Yield, From> && std::is_convertible_v<From, Yield>;
template <class Outer, class Inner>
inline constexpr bool send_converts =
    std::is_void_v<Inner> || (std::is_void_v<Outer> ? sends_none<Inner> : std::is_convertible_v<Outer, Inner>);

// What PEP 380 says, written out: `yield from` by hand, with a conversion both ways. Source is a generator, or a reference.
template <class Yield, class Send, class Source, class Inner = std::remove_reference_t<Source>>
generator<Yield, Send, typename Inner::return_type> converted(Source sub) {
    auto s = sub.next();
    while (s) {
        std::exception_ptr thrown;
        std::optional<std::conditional_t<std::is_void_v<Send>, bool, std::remove_cvref_t<Send>>> received;
        Yield out = static_cast<Yield>(*s);
        try {
            if constexpr (std::is_void_v<Send>) {
                co_yield static_cast<Yield&&>(out);
            } else {
                Send value = co_yield static_cast<Yield&&>(out);
                received.emplace(static_cast<Send&&>(value));
            }
        } catch (...) {
            thrown = std::current_exception();
        }
        if (holds<generator_exit>(thrown)) {
            sub.close();
            std::rethrow_exception(thrown);
        }
        if (thrown) {
            s = sub.throw_(thrown);
        } else if constexpr (std::is_void_v<Send> || std::is_void_v<typename Inner::send_type>) {
            s = sub.next();
        } else {
            s = sub.send(static_cast<typename Inner::send_type>(std::move(*received)));
        }
    }
    if constexpr (!std::is_void_v<typename Inner::return_type>) co_return result_or_none(std::move(s).result());
}

template <class Send>
bool is_value(const Send& sent) noexcept {
    if constexpr (is_optional<Send>) {
        return sent.has_value();
    } else {
        return true;
    }
}

[[noreturn]] FERMATA_DETAIL_COLD inline void raise_no_send() {
    throw type_error("'range' object has no attribute 'send'");
}

// The elements of a range, or of a reference to one. A StopIteration thrown in ends it, as CPython has it: a range has no
// throw, so it is raised at the `yield from`, which takes it for the end of the delegate.
template <class Yield, class Send, class Range>
generator<Yield, Send> elements(Range range) {
    bool stopped = false;
    for (auto&& element : range) {
        try {
            if constexpr (std::is_void_v<Send>) {
                co_yield static_cast<decltype(element)>(element);
            } else {
                Send sent = co_yield static_cast<decltype(element)>(element);
                if (is_value(sent)) raise_no_send();
            }
        } catch (const stop_iteration&) {
            stopped = true;
        }
        if (stopped) break;
    }
}

template <class T>
inline constexpr bool is_generator = false;
template <class Yield, class Send, class Return>
inline constexpr bool is_generator<generator<Yield, Send, Return>> = true;

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

}  // namespace fermata
