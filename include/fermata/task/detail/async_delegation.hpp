#pragma once

// Delegation of async generators: `co_yield fermata::from(sub)`. The typed shells over detail/async_frame.hpp.

#include <fermata/generator/detail/adapters.hpp>
#include <fermata/task/async_generator.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace fermata::inline v0::detail {

template <class Promise, class Return>
class async_delegate_awaiter : public async_delegation {
public:
    async_delegate_awaiter(async_frame& outer, Promise* delegate, bool is_owned, bool takes_none) noexcept
        : async_delegation(outer, delegate, is_owned, takes_none), promise_(delegate) {}

    Return await_resume() {
        this->end();
        step_result<Return> end;
        if (promise_) end = promise_->take_result();
        if constexpr (!std::is_void_v<Return>) return result_or_none(std::move(end).result());
    }

private:
    Promise* promise_;
};

// What PEP 828 says, written out, with a conversion both ways. Source is an async generator, or a reference.
template <class Yield, class Send, class Source, class Inner = std::remove_reference_t<Source>>
async_generator<Yield, Send, typename Inner::return_type> async_converted(Source sub) {
    auto s = co_await sub.next();
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
            co_await sub.aclose();
            std::rethrow_exception(thrown);
        }
        if (thrown) {
            auto next = co_await sub.athrow(thrown);
            s = std::move(next);
        } else if constexpr (std::is_void_v<Send> || std::is_void_v<typename Inner::send_type>) {
            auto next = co_await sub.next();
            s = std::move(next);
        } else {
            auto next = co_await sub.asend(static_cast<typename Inner::send_type>(std::move(*received)));
            s = std::move(next);
        }
    }
    if constexpr (!std::is_void_v<typename Inner::return_type>) co_return result_or_none(std::move(s).result());
}

/// What `co_yield fermata::from(sub)` gives to the promise.
template <class Source>
class async_from {
    using inner = std::remove_reference_t<Source>;
    using inner_yield = typename inner::yield_type;
    using inner_send = typename inner::send_type;

public:
    explicit async_from(Source&& sub) noexcept : sub_(std::forward<Source>(sub)) {}

    template <class Yield, class Send>
    auto bind(async_frame& outer) && {
        static_assert(yield_converts<Yield, typename yielded<inner_yield>::reference>,
                      "fermata: from: what the delegate yields does not convert to what this generator yields");
        static_assert(send_converts<Send, inner_send>,
                      "fermata: from: what this generator is sent does not convert to what the delegate receives");
        if constexpr (!same_yields<Yield, inner_yield> || !same_sends<Send, inner_send>) {
            auto converted = async_converted<Yield, Send, Source>(std::forward<Source>(sub_));
            return awaiter<decltype(converted)>(outer, async_access::release(converted), true);
        } else if constexpr (std::is_lvalue_reference_v<Source>) {
            return awaiter<inner>(outer, async_access::frame_of(sub_), false);
        } else {
            return awaiter<inner>(outer, async_access::release(sub_), true);
        }
    }

private:
    template <class Generator>
    static auto awaiter(async_frame& outer, typename Generator::promise_type* delegate, bool owned) noexcept {
        return async_delegate_awaiter<typename Generator::promise_type, typename Generator::return_type>(
            outer, delegate, owned, sends_none<typename Generator::send_type>);
    }

    Source sub_;
};

}  // namespace fermata::inline v0::detail
