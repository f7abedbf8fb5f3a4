#pragma once

/// \file
/// The coroutines that more than one program of the tour uses.

#include "python.hpp"

#include <fermata/generator.hpp>

#include <optional>
#include <string>
#include <variant>

namespace tour::coroutines {

/// `{'count': count, 'average': average}`
struct averaged {
    long long count;
    std::optional<double> average;

    std::string repr() const { return "{'count': " + tour::repr(count) + ", 'average': " + tour::repr(average) + "}"; }
};

/// Yields nothing, is sent numbers, and returns their average when it is sent None. In 10_averager2.cpp.
fermata::generator<std::nullopt_t, std::optional<double>, averaged> averager2();

class demo_exception : public fermata::error {};

/// What demo_exc_handling is sent: Python's values may be of any type.
using any_value = std::variant<int, std::string>;

/// Tells what it is sent, and survives a demo_exception. In 11_throwing.cpp.
fermata::generator<std::nullopt_t, any_value> demo_exc_handling();

/// `inspect.getgeneratorstate(g)`
template <class Generator>
const char* getgeneratorstate(const Generator& g) {
    switch (g.state()) {
    case fermata::generator_state::created: return "GEN_CREATED";
    case fermata::generator_state::running: return "GEN_RUNNING";
    case fermata::generator_state::suspended: return "GEN_SUSPENDED";
    case fermata::generator_state::closed: break;
    }
    return "GEN_CLOSED";
}

}  // namespace tour::coroutines
