// libuv: callbacks of handles.

#include "../support/deadlines.hpp"
#include "../support/measured.hpp"

#include <cstddef>
#include <cstdint>
#include <uv.h>
#include <vector>

namespace {

using measured::require;

uv_loop_t* the_loop() {
    static uv_loop_t loop;
    static const int status = uv_loop_init(&loop);
    require(status == 0, "libuv has a loop");
    return &loop;
}

long left;

// N idle handles, each called once a turn: the cheapest that libuv has.
long turn(long n) {
    const long turns = measured::turns_of(n);
    std::vector<uv_idle_t> idle(static_cast<std::size_t>(n));
    std::vector<long> turns_left(idle.size(), turns);
    left = n;
    for (std::size_t i = 0; i < idle.size(); ++i) {
        uv_idle_init(the_loop(), &idle[i]);
        idle[i].data = &turns_left[i];
        uv_idle_start(&idle[i], [](uv_idle_t* handle) {
            if (--*static_cast<long*>(handle->data) > 0) return;
            --left;
            uv_close(reinterpret_cast<uv_handle_t*>(handle), nullptr);
        });
    }
    uv_run(the_loop(), UV_RUN_DEFAULT);
    require(left == 0, "each has had its turns");
    return n * turns;
}

std::vector<uv_timer_t> sleeping;

void put_to_sleep(long n) {
    sleeping.resize(static_cast<std::size_t>(n));
    for (uv_timer_t& each : sleeping) {
        uv_timer_init(the_loop(), &each);
        uv_timer_start(&each, [](uv_timer_t*) {}, 3'600'000, 0);
        uv_unref(reinterpret_cast<uv_handle_t*>(&each));
    }
}
long turn_beside_timers(long) { return turn(100); }

// Its timers are whole milliseconds.
long sleeps(long n) {
    std::vector<uv_timer_t> timers(static_cast<std::size_t>(n));
    left = n;
    for (long i = 0; i < n; ++i) {
        uv_timer_t& timer = timers[static_cast<std::size_t>(i)];
        uv_timer_init(the_loop(), &timer);
        const std::int64_t milliseconds = (measured::delay_of(i, n) + 999'999) / 1'000'000;
        uv_timer_start(
            &timer,
            [](uv_timer_t* handle) {
                --left;
                uv_close(reinterpret_cast<uv_handle_t*>(handle), nullptr);
            },
            static_cast<std::uint64_t>(milliseconds), 0);
    }
    uv_run(the_loop(), UV_RUN_DEFAULT);
    require(left == 0, "all have woken");
    return n;
}

}  // namespace

int main(int argc, char** argv) {
    measured::main_of(argc, argv,
                      {
                          {"turn", turn},
                          {"turn_beside_timers", turn_beside_timers, put_to_sleep},
                          {"sleep", sleeps},
                      });
}
