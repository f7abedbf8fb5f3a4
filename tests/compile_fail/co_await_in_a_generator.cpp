// expect: co_await cannot stand in a generator: a generator yields to whoever steps it, and only a task or an async_generator awaits
#include <coroutine>
#include <fermata/generator.hpp>

fermata::generator<int> body() {
#ifndef FERMATA_GOOD
    co_await std::suspend_always{};
#endif
    co_yield 1;
}

int main() { body().next(); }
