#include <fermata/loop/detail/timer.hpp>

#include <algorithm>
#include <new>

namespace fermata::inline v0::detail {

// By a quarter at a time: twice the room would leave half of it unused.
void make_room(timers& in) {
    if (in.size() < in.capacity()) return;
    if (in.size() == most_timers) throw std::bad_alloc();
    in.reserve(in.size() + in.size() / 4 + 8);
}

void number(timers& all, void* holder, std::uint32_t& order) noexcept {
    std::sort(all.begin(), all.end(), [](const timer& a, const timer& b) { return a.before(b); });
    std::uint32_t index = 0;
    for (const timer& each : all) each.what->set_place(holder, {index++, order++});
}

}  // namespace fermata::inline v0::detail
