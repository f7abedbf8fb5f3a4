// expect: fermata: a coroutine is awaited once: co_await std::move(t), or co_await f()
#include <fermata/task/task.hpp>
#include <utility>

fermata::task<int> one() { co_return 1; }

fermata::task<> program() {
    auto t = one();
#ifdef FERMATA_GOOD
    co_await std::move(t);
#else
    co_await t;
#endif
}

int main() { program(); }
