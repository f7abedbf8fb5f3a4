#pragma once

// Generators that take generators: `generator<int> evens(generator<int> of)`. Until such a one starts it owns the others
// in its parameters, and a chain of them, made in a loop, would be destroyed by as many nested destructors. Its promise
// knows where they are, so that frame::release_nested can take them out and destroy them in a loop. The promise is a type
// of its own, so that generators without such parameters carry nothing for it.

#include <fermata/generator/detail/access.hpp>
#include <fermata/generator/detail/frame.hpp>

#include <coroutine>
#include <cstddef>
#include <type_traits>

namespace fermata::inline v0::detail {

template <class... Parameters>
inline constexpr std::size_t generators_among = (std::size_t{0} + ... + std::size_t{is_generator<Parameters>});

template <class Promise, class... Parameters>
class nesting_promise : public Promise {
public:
    // Called with the parameters, as they are in the frame. clang leaves out the object of a lambda's coroutine.
    template <class... Given>
    explicit nesting_promise(Given&... given) noexcept {
        constexpr bool owned[] = {is_generator<Parameters>...};
        std::size_t which = sizeof...(Parameters) - sizeof...(Given);
        std::size_t count = 0;
        const auto note = [&]<class Parameter>(Parameter& given_one) {
            if constexpr (is_generator<Parameter>) {
                if (owned[which]) nested_.parameters[count++] = {&given_one, &release<Parameter>};
            }
            ++which;
        };
        (note(given), ...);
        this->value = nullptr;  // not `unstarted`: whoever destroys it looks here
        this->state = phase::created;
        this->nests = true;
        this->nested = &nested_;
    }

private:
    struct parameter {
        void* generator;
        frame& (*release)(void* generator) noexcept;
    };

    template <class Generator>
    static frame& release(void* object) noexcept {
        return generator_access::release(*static_cast<Generator*>(object));
    }

    struct in_parameters : nested_generators {
        in_parameters() noexcept : nested_generators{&take_from} {}
        parameter parameters[generators_among<Parameters...>];
    };

    static void take_from(nested_generators& self, frame*& list) noexcept {
        for (const parameter& each : static_cast<in_parameters&>(self).parameters) {
            frame& taken = each.release(each.generator);
            if (&taken == no_frame()) continue;
            taken.parent = list;
            list = &taken;
        }
    }

    in_parameters nested_;
};

template <class Promise, class... Parameters>
using promise_taking =
    std::conditional_t<(generators_among<Parameters...> > 0),
                       std::type_identity<nesting_promise<Promise, Parameters...>>, std::type_identity<Promise>>::type;

}  // namespace fermata::inline v0::detail

template <class Yield, class Send, class Return, class... Parameters>
    requires(fermata::detail::generators_among<Parameters...> > 0)
struct std::coroutine_traits<fermata::generator<Yield, Send, Return>, Parameters...> {
    using promise_type =
        fermata::detail::nesting_promise<typename fermata::generator<Yield, Send, Return>::promise_type, Parameters...>;
};
