#pragma once

// Implementation of generator/generator.hpp.

#include <fermata/generator/detail/access.hpp>
#include <fermata/generator/generator.hpp>

#include <exception>

namespace fermata::inline v0 {

// Inline wherever a generator ends, also by an exception, and by the handle of the exact type: else clang cannot elide the
// allocation of the frame.
template <class Yield, class Send, class Return>
FERMATA_DETAIL_INLINE void generator<Yield, Send, Return>::destroy() noexcept {
    frame_->release_owned();
    handle_.destroy();
}

// The fast path of a step, some eight instructions: a generator that is suspended at a yield of its own.
template <class Yield, class Send, class Return>
FERMATA_DETAIL_INLINE const void* generator<Yield, Send, Return>::resume(detail::frame& frame, void* to_send,
                                                                         bool may_start) {
    if (frame.value) [[likely]] {
        frame.value = nullptr;
    } else if (frame.leaf) {
        return frame.run_leaf(to_send);
    } else if (may_start && frame.state == detail::phase::created) {
        frame.state = detail::phase::active;
    } else {
        return detail::not_resumed(frame.state);
    }
    if constexpr (!std::is_void_v<Send>) frame.sent = to_send;
    std::coroutine_handle<promise_type>::from_promise(promise_of(frame)).resume();
    const void* yielded = frame.value;
    if (!yielded && frame.leaf) [[unlikely]] {  // it delegates
        yielded = frame.run_delegate();
    }
    return yielded;
}

template <class Yield, class Send, class Return>
FERMATA_DETAIL_INLINE detail::step_result<Return> generator<Yield, Send, Return>::end_of(detail::frame& frame) {
    if (frame.state == detail::phase::raised) [[unlikely]] {
        frame.state = detail::phase::ended;
        detail::raise(frame.failure);
    }
    if (frame.state != detail::phase::returned) return {};
    return promise_of(frame).take_result();
}

template <class Yield, class Send, class Return>
FERMATA_DETAIL_INLINE step<Yield, Return> generator<Yield, Send, Return>::step_of(detail::frame& frame,
                                                                                  const void* yielded) {
    using object = typename detail::yielded<Yield>::object;
    if (yielded) [[likely]] {
        return step_type(static_cast<object*>(const_cast<void*>(yielded)));
    }
    return step_type(end_of(frame));
}

template <class Yield, class Send, class Return>
FERMATA_DETAIL_INLINE auto generator<Yield, Send, Return>::next() -> step_type {
    if constexpr (!detail::sends_none<Send>) {
        if (frame_->suspended())
            throw type_error("this generator waits for a value: next() can only start it, call send()");
    }
    return step_of(*frame_, resume(*frame_, nullptr, true));
}

template <class Yield, class Send, class Return>
FERMATA_DETAIL_INLINE auto generator<Yield, Send, Return>::send(detail::sent_type<Send> value) -> step_type
    requires(!std::is_void_v<Send>)
{
    bool is_none = false;
    if constexpr (detail::is_optional<Send>) is_none = !value.has_value();
    auto* address = const_cast<std::remove_cvref_t<Send>*>(std::addressof(value));
    return step_of(*frame_, resume(*frame_, is_none ? nullptr : address, is_none));
}

template <class Yield, class Send, class Return>
template <class Exception>
auto generator<Yield, Send, Return>::throw_(Exception exception) -> step_type {
    bool is_exit = std::is_same_v<Exception, generator_exit>;
    if constexpr (std::is_same_v<Exception, std::exception_ptr>) {
        if (!exception) detail::raise_nothing_to_throw();
        is_exit = detail::holds<generator_exit>(exception);
    }
    detail::object_raiser<Exception> raiser(exception);
    if (frame_->executing()) detail::raise_already_executing();
    if (!frame_->suspended()) {
        if (frame_->created()) frame_->end_unstarted();
        raiser.raise();
    }
    return step_of(*frame_, frame_->throw_in(raiser, is_exit));
}

template <class Yield, class Send, class Return>
auto generator<Yield, Send, Return>::close()
    -> std::conditional_t<std::is_void_v<Return>, void, std::optional<Return>> {
    frame_->close();
    detail::step_result<Return> end = end_of(*frame_);
    if constexpr (!std::is_void_v<Return>) return std::move(end).result();
}

template <class Yield, class Send, class Return>
generator_state generator<Yield, Send, Return>::state() const noexcept {
    if (frame_->created()) return generator_state::created;
    if (frame_->state != detail::phase::active) return generator_state::closed;
    return frame_->chain_suspended() ? generator_state::suspended : generator_state::running;
}

template <class Yield, class Send, class Return>
class generator<Yield, Send, Return>::iterator {
public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = typename generator::value_type;
    using difference_type = std::ptrdiff_t;

    iterator() = default;
    FERMATA_DETAIL_INLINE explicit iterator(detail::frame& frame) : frame_(&frame) { pull(); }

    typename step_type::reference operator*() const noexcept {
        return *step_type(static_cast<typename step_type::pointer>(const_cast<void*>(yielded_)));
    }
    FERMATA_DETAIL_INLINE iterator& operator++() {
        pull();
        return *this;
    }
    void operator++(int) { pull(); }
    friend bool operator==(const iterator& here, std::default_sentinel_t) noexcept { return !here.yielded_; }

private:
    FERMATA_DETAIL_INLINE void pull() {
        yielded_ = resume(*frame_, nullptr, true);
        if (!yielded_) [[unlikely]] {
            end_of(*frame_);
        }
    }

    detail::frame* frame_ = nullptr;
    const void* yielded_ = nullptr;
};

namespace detail {

template <class Yield, class Return>
[[noreturn]] void raise_stop_iteration(step<Yield, Return>& s) {
    if constexpr (!std::is_void_v<Return>) {
        if (s.result()) throw stop_iteration(std::move(*s.result()));
    }
    throw stop_iteration();
}

// What was yielded, by value: moved from if the body gave it away, which a variable of its was not.
template <class Generator>
typename Generator::value_type taken(Generator& g, typename Generator::step_type& s) {
    using value = typename Generator::value_type;
    if constexpr (!std::is_rvalue_reference_v<decltype(*s)>) {
        static_assert(std::constructible_from<value, decltype(*s)>,
                      "fermata: this generator yields references to a move-only object, which next() and send() cannot "
                      "give by value: use g.next() and g.send()");
        const frame& self = generator_access::frame_of(g);
        if ((self.leaf ? self.leaf : &self)->given_away) return value(std::move(const_cast<value&>(*s)));
    }
    return value(*s);
}

}  // namespace detail

template <class Yield, class Send, class Return>
typename generator<Yield, Send, Return>::value_type next(generator<Yield, Send, Return>& g) {
    auto s = g.next();
    if (!s) detail::raise_stop_iteration(s);
    return detail::taken(g, s);
}

template <class Yield, class Send, class Return, class Default>
    requires std::constructible_from<typename generator<Yield, Send, Return>::value_type, Default>
typename generator<Yield, Send, Return>::value_type next(generator<Yield, Send, Return>& g, Default&& otherwise) {
    auto s = g.next();
    if (!s) return typename generator<Yield, Send, Return>::value_type(std::forward<Default>(otherwise));
    return detail::taken(g, s);
}

template <class Yield, class Send, class Return>
typename generator<Yield, Send, Return>::value_type send(generator<Yield, Send, Return>& g,
                                                         std::type_identity_t<Send> value) {
    auto s = g.send(static_cast<Send&&>(value));
    if (!s) detail::raise_stop_iteration(s);
    return detail::taken(g, s);
}

}  // namespace fermata::inline v0
