#pragma once

// Coroutines that stand between a generator and what it delegates to: where the types differ, and for ranges.

#include <fermata/generator/generator.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace fermata::inline v0::detail {

// The value of a `yield from`, or of awaiting a generator: None if it had ended before.
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

}  // namespace fermata::inline v0::detail
