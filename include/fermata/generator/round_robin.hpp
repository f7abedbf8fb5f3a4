#pragma once

/// \file
/// The main loop of generators that take turns on one thread.

#include <fermata/generator/generator.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

/// Keeps several generators going, in turn, on one thread: starts those that have not been (by next), and then sends each
/// the message, round after round, until all have returned. Gives their results in the order of completion.
///
/// `generators` is a sequence container of generator<Yield, Send, Return> (std::vector, std::deque, std::list …), and the
/// results come in one of the same kind. `message` is what is sent, or a callable that makes it of the generator's index.
/// `respond(index, response)`, if given, is called with what each send yields (not with what starting did).
///
/// An exception that a generator raises leaves round_robin; the others stay suspended where they are.
template <template <class...> class Sequence, class Yield, class Send, class Return, class... Rest, class Message,
          class Respond>
Sequence<Return> round_robin(Sequence<generator<Yield, Send, Return>, Rest...>& generators, const Message& message,
                             Respond&& respond) {
    Sequence<Return> results;
    const auto finished = [&](step<Yield, Return>& s) {
        if (s) return false;
        if (s.result()) results.push_back(std::move(*s.result()));
        return true;
    };
    for (auto& each : generators) {
        if (each.state() != generator_state::created) continue;
        auto s = each.next();
        finished(s);
    }
    for (bool working = true; working;) {
        working = false;
        std::size_t index = 0;
        for (auto& each : generators) {
            const std::size_t which = index++;
            if (each.state() == generator_state::closed) continue;
            auto s = [&] {
                if constexpr (std::invocable<const Message&, std::size_t>) {
                    return each.send(message(which));
                } else {
                    return each.send(message);
                }
            }();
            if (finished(s)) continue;
            working = true;
            respond(which, *s);
        }
    }
    return results;
}

template <template <class...> class Sequence, class Yield, class Send, class Return, class... Rest, class Message>
Sequence<Return> round_robin(Sequence<generator<Yield, Send, Return>, Rest...>& generators, const Message& message) {
    return round_robin(generators, message, [](std::size_t, const auto&) {});
}

}  // namespace fermata::inline v0
