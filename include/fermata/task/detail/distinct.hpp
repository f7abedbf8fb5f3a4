#pragma once

// Python makes sets of what wait and as_completed are given.

#include <fermata/task/detail/future_state.hpp>
#include <fermata/task/future.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace fermata::inline v0::detail {

/// Of each whether it is the first that is this one; nothing where all are.
std::vector<bool> first_of_each(const std::vector<future_state*>& futures);

/// The first of each.
template <class Handle>
std::vector<Handle> distinct(std::vector<Handle> handles) {
    std::vector<future_state*> states;
    states.reserve(handles.size());
    for (const Handle& each : handles) states.push_back(future_access::state_of(each).get());
    const std::vector<bool> first = first_of_each(states);
    if (first.empty()) return handles;
    std::vector<Handle> kept;
    for (std::size_t i = 0; i < handles.size(); ++i) {
        if (first[i]) kept.push_back(std::move(handles[i]));
    }
    return kept;
}

}  // namespace fermata::inline v0::detail
