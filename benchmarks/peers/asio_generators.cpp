// Boost.Asio's experimental coro, which can yield and be sent values: stepped by a coroutine that awaits it.

#include "../support/measured.hpp"

#include <boost/asio.hpp>
#include <boost/asio/experimental/coro.hpp>

#include <exception>
#include <optional>

namespace {

namespace asio = boost::asio;
using asio::experimental::coro;
using measured::require;
using measured::seen;

coro<int()> count(asio::io_context&, int n) {
    for (int i = 0; i < n; ++i) co_yield i;
}

coro<int(int)> echo(asio::io_context&) {
    int received = 0;
    for (;;) received = co_yield received;
}

coro<void, long> drain(asio::io_context& context, int n) {
    long sum = 0;
    auto g = count(context, n);
    for (;;) {
        const std::optional<int> value = co_await g;
        if (!value) break;
        sum += seen(*value);
    }
    co_return sum;
}

coro<void, long> create_each(asio::io_context& context, long n) {
    long sum = 0;
    for (long i = 0; i < n; ++i) {
        auto g = count(context, 3);
        for (;;) {
            const std::optional<int> value = co_await g;
            if (!value) break;
            sum += seen(*value);
        }
    }
    co_return sum;
}

coro<void, long> send_each(asio::io_context& context, long n) {
    auto g = echo(context);
    int value = 0;
    for (long i = 0; i < n; ++i) {
        const std::optional<int> answer = co_await g(seen(value + 1));
        value = *answer;
    }
    co_return value;
}

template <class Program>
long run(Program program, long n) {
    asio::io_context context(1);
    long result = -1;
    auto main = program(context, n);
    main.async_resume([&result](const std::exception_ptr& error, long returned) {
        if (!error) result = returned;
    });
    context.run();
    return result;
}

long step(long n) {
    require(run([](asio::io_context& context, long size) { return drain(context, static_cast<int>(size)); }, n) ==
                n * (n - 1) / 2,
            "the sum of the values");
    return n;
}

long create(long n) {
    require(run(create_each, n) == 3 * n, "the sum of the values");
    return n;
}

// The first value starts the body, and is not received.
long send(long n) {
    require(run(send_each, n + 1) == n, "the last value");
    return n;
}

}  // namespace

int main(int argc, char** argv) {
    measured::main_of(argc, argv,
                      {
                          {"step_opaque", step},
                          {"create", create},
                          {"send", send},
                      });
}
