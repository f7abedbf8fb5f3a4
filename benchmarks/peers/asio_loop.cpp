// Boost.Asio: coroutines of awaitable, on an io_context for one thread.

#include "../support/deadlines.hpp"
#include "../support/measured.hpp"

#include <boost/asio.hpp>
#include <boost/asio/experimental/channel.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <vector>

namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::use_awaitable;
using boost::system::error_code;
using measured::require;
using namespace std::chrono_literals;

asio::io_context& the_context() {
    static asio::io_context context(1);
    return context;
}
void run() {
    the_context().run();
    the_context().restart();
}
void no_error(const std::exception_ptr& error) { require(!error, "no coroutine fails"); }

awaitable<int> one() { co_return 1; }

awaitable<void> awaits_children(long n, long& sum) {
    for (long i = 0; i < n; ++i) {
        const int got = co_await one();
        sum += got;
    }
}

long await_child(long n) {
    long sum = 0;
    co_spawn(the_context(), awaits_children(n, sum), no_error);
    run();
    require(sum == n, "each child gives 1");
    return n;
}

awaitable<void> gives_way(long turns, long& left) {
    for (long i = 0; i < turns; ++i) co_await asio::post(the_context(), use_awaitable);
    --left;
}

long turn(long n) {
    const long turns = measured::turns_of(n);
    long left = n;
    for (long i = 0; i < n; ++i) co_spawn(the_context(), gives_way(turns, left), no_error);
    while (left > 0 && the_context().run_one() > 0) {  // not run(): others may sleep
    }
    the_context().restart();
    return n * turns;
}

std::vector<asio::steady_timer> sleeping;
void put_to_sleep(long n) {
    sleeping.reserve(static_cast<std::size_t>(n));
    for (long i = 0; i < n; ++i) sleeping.emplace_back(the_context(), 1h).async_wait([](error_code) {});
}
long turn_beside_timers(long) { return turn(100); }

using channel = asio::experimental::channel<void(error_code, int)>;

awaitable<void> produces(channel& items, long n) {
    for (long i = 0; i < n; ++i) co_await items.async_send(error_code(), static_cast<int>(i), use_awaitable);
}
awaitable<void> consumes(channel& items, long n, long& sum) {
    for (long i = 0; i < n; ++i) {
        const int got = co_await items.async_receive(use_awaitable);
        sum += got;
    }
}

long queue(long n) {
    channel items(the_context(), 16);
    long sum = 0;
    co_spawn(the_context(), produces(items, n), no_error);
    co_spawn(the_context(), consumes(items, n, sum), no_error);
    run();
    require(sum == n * (n - 1) / 2, "the sum of the items");
    return n;
}

awaitable<void> counts_down(long& left) {
    --left;
    co_return;
}

// co_spawn from outside only schedules them: all are alive before the first runs.
long spawn(long n) {
    long left = n;
    for (long i = 0; i < n; ++i) co_spawn(the_context(), counts_down(left), no_error);
    run();
    require(left == 0, "all have run");
    return n;
}

awaitable<long> chained(long depth) {
    if (depth == 0) {
        co_await asio::post(the_context(), use_awaitable);
        co_return 0;
    }
    const long below = co_await chained(depth - 1);
    co_return below + 1;
}
awaitable<void> awaits_chain(long depth, long& levels) { levels = co_await chained(depth); }

long chain(long n) {
    long levels = 0;
    co_spawn(the_context(), awaits_chain(n, levels), no_error);
    run();
    require(levels == n, "each level adds 1");
    return n;
}

awaitable<void> naps(std::chrono::nanoseconds delay, long& left) {
    asio::steady_timer timer(the_context(), delay);
    co_await timer.async_wait(use_awaitable);
    --left;
}

long sleeps(long n) {
    long left = n;
    for (long i = 0; i < n; ++i)
        co_spawn(the_context(), naps(std::chrono::nanoseconds(measured::delay_of(i, n)), left), no_error);
    run();
    require(left == 0, "all have woken");
    return n;
}

long cancel(long n) {
    long left = n;
    long cancelled = 0;
    std::vector<asio::cancellation_signal> signals(static_cast<std::size_t>(n));
    for (asio::cancellation_signal& each : signals) {
        co_spawn(the_context(), naps(1h, left),
                 asio::bind_cancellation_slot(each.slot(),
                                              [&](const std::exception_ptr& error) { cancelled += error ? 1 : 0; }));
    }
    the_context().poll();
    for (asio::cancellation_signal& each : signals) each.emit(asio::cancellation_type::terminal);
    run();
    require(left == n && cancelled == n, "each is cancelled");
    return n;
}

}  // namespace

int main(int argc, char** argv) {
    measured::main_of(argc, argv,
                      {
                          {"await_child", await_child},
                          {"turn", turn},
                          {"turn_beside_timers", turn_beside_timers, put_to_sleep},
                          {"queue", queue},
                          {"spawn", spawn},
                          {"chain", chain},
                          {"sleep", sleeps},
                          {"cancel", cancel},
                      });
}
