#include <fermata/task/detail/distinct.hpp>

#include <algorithm>

namespace fermata::inline v0::detail {

// The usual case, that each is given once, costs no more than sorting them.
std::vector<bool> first_of_each(const std::vector<future_state*>& futures) {
    std::vector<future_state*> sorted = futures;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end()) return {};
    std::vector<bool> seen(sorted.size());
    std::vector<bool> first;
    for (future_state* each : futures) {
        const auto at = std::lower_bound(sorted.begin(), sorted.end(), each) - sorted.begin();
        first.push_back(!seen[static_cast<std::size_t>(at)]);
        seen[static_cast<std::size_t>(at)] = true;
    }
    return first;
}

}  // namespace fermata::inline v0::detail
