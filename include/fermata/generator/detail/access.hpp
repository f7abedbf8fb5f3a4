#pragma once

// What is a generator, and its frame: for those parts of the implementation that do not know its types.

#include <fermata/generator/detail/frame.hpp>

#include <utility>

namespace fermata::inline v0 {

template <class Yield, class Send, class Return>
class generator;

namespace detail {

template <class T>
inline constexpr bool is_generator = false;
template <class Yield, class Send, class Return>
inline constexpr bool is_generator<generator<Yield, Send, Return>> = true;

struct generator_access {
    template <class Generator>
    static frame& frame_of(Generator& g) noexcept {
        return *g.frame_;
    }
    template <class Generator>
    static frame& release(Generator& g) noexcept {
        g.handle_ = nullptr;
        return *std::exchange(g.frame_, no_frame());
    }
};

}  // namespace detail

}  // namespace fermata::inline v0
